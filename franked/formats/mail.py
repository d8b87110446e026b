"""A mail as it goes out, before any wire shape."""

from dataclasses import dataclass

from franked.rules.address import Address
from franked.rules.content import Attachment, CalendarPart

MESSAGE_TAG = "franked-message"
ATTEMPT_TAG = "franked-attempt"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient. `raw`, when set, is whole RFC 5322 bytes and replaces subject, html, text, headers
    and attachments."""

    sender: str  # the From header, RFC 5322
    to: Address
    subject: str
    html: str
    text: str
    reply_to: str | None = None
    headers: tuple[tuple[str, str], ...] = ()  # values printable ASCII, at most 995 characters
    tags: tuple[tuple[str, str], ...] = ()  # ASCII letters, digits, _ and -
    configuration_set: str | None = None
    attachments: tuple[Attachment, ...] = ()
    calendar: CalendarPart | None = None  # in the alternative part, where mail programs look, and as invite.ics
    raw: bytes | None = None
