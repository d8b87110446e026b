"""A mail as whole RFC 5322 bytes."""

import hashlib
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy

from franked.formats.mail import Mail
from franked.rules.content import CalendarPart

INVITE = "invite.ics"
LONGEST_LINE = 998  # RFC 5322, without its CRLF

_UNSAFE = re.compile("[^\x20-\x7e\t]")


class _Unfolded(EmailPolicy):
    """Leaves an ASCII header on one line. The stdlib turns a long URL in List-Unsubscribe into an RFC 2047 word, and
    the button is gone: https://github.com/python/cpython/issues/85725"""

    def fold(self, name: str, value: str) -> str:
        return self._one_line(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        line = self._one_line(name, value)
        return line.encode("ascii") if line else super().fold_binary(name, value)

    def _one_line(self, name: str, value: str) -> str | None:
        line = f"{name}: {value}"
        return None if len(line) > LONGEST_LINE or _UNSAFE.search(line) else line + self.linesep


policy = _Unfolded(linesep="\r\n", cte_type="7bit", max_line_length=78)


def build(mail: Mail, message_id: str | None = None, date: datetime | None = None) -> bytes:
    """The whole RFC 5322 message, text before HTML. `date` is aware. ValueError where a header holds a line break."""
    if mail.raw is not None:
        return mail.raw
    message = EmailMessage(policy=policy)
    for name, value in (("From", mail.sender), ("To", mail.to.spelled), ("Subject", mail.subject), *mail.headers):
        message[name] = value
    for name, given in (("Reply-To", mail.reply_to), ("Message-ID", message_id), ("Date", date)):
        if given is not None:
            message[name] = given
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        _add_calendar(message, mail.calendar)
    for one in mail.attachments:
        main, _, sub = one.media_type.partition("/")
        message.add_attachment(one.content, main, sub, filename=one.name)
    _set_boundaries(message, mail)
    return message.as_bytes()


def _add_calendar(message: EmailMessage, calendar: CalendarPart) -> None:
    """Twice: some mail programs look into the alternatives only, some at the files only (RFC 6047, 2.4)."""
    params = {"method": calendar.method, "charset": "UTF-8"}
    message.add_alternative(calendar.content, "text", "calendar", params=params, cte="base64")
    message.add_attachment(calendar.content, "application", "ics", filename=INVITE, params={"name": INVITE})


def _set_boundaries(message: EmailMessage, mail: Mail) -> None:
    """The stdlib would draw random ones; these are made of the content, and no content can hold its own hash."""
    held = f"{len(mail.text)}:{mail.text}{mail.html}".encode() + (mail.calendar.content if mail.calendar else b"")
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary("=_" + hashlib.sha256(b"%d:" % number + held).hexdigest()[:40])
