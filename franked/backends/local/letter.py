"""A mail the simulated account took, and how it looks on the wire and to its reader."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.encoders import encode_base64
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.policy import Policy, compat32
from email.utils import format_datetime

# Nothing is folded (a long List-Unsubscribe stays one line), and compat32 raises for no header that a stranger wrote.
_LINES: Policy = compat32.clone(linesep="\r\n", max_line_length=0)
_REPLACED = {"date", "message-id"}  # SES's own win


@dataclass(frozen=True, slots=True)
class Stamp:
    """What SES puts on a mail when it takes it."""

    ses_id: str
    message_id: str  # as on the wire, in angle brackets
    at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    ses_id: str
    message_id: str
    at: datetime
    source: str  # the From header as it came
    senders: tuple[str, ...]  # bare: who must be verified
    recipients: tuple[str, ...]  # bare: who gets it
    subject: str
    tags: tuple[tuple[str, str], ...]
    configuration_set: str | None
    to: tuple[str, ...] = ()  # headers, with display names
    cc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    text: str | None = None
    html: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    raw: bytes | None = None  # came in as MIME; text, html, headers and attachments are in it


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail program shows."""

    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    attachments: tuple[tuple[str, str, int], ...]  # name, type, bytes


# --- on the wire ------------------------------------------------------------------------------------------------------


def mime(letter: Letter) -> bytes:
    """The whole mail as bytes. SES builds this itself; here only a person who looks at the inbox pays for it."""
    return letter.raw if letter.raw is not None else _composed(letter).as_bytes(policy=_LINES)


def header_lines(letter: Letter) -> Iterator[tuple[str, str]]:
    yield "From", letter.source
    for name, values in (("To", letter.to), ("Cc", letter.cc), ("Reply-To", letter.reply_to)):
        if values:
            yield name, ", ".join(values)
    yield "Subject", _one_line(letter.subject)
    yield "Date", format_datetime(letter.at)
    yield "Message-ID", letter.message_id
    yield from ((name, value) for name, value in letter.headers if name.casefold() not in _REPLACED)


def _composed(letter: Letter) -> Message:
    bodies = [(letter.text, "plain"), (letter.html, "html")]
    content = _together("alternative", [MIMEText(body, kind, "utf-8") for body, kind in bodies if body is not None])
    whole = _together("mixed", [content, *(_attached(attachment) for attachment in letter.attachments)])
    for name, value in header_lines(letter):
        whole[name] = _one_line(value)
    return whole


def _together(kind: str, parts: list[Message]) -> Message:
    return parts[0] if len(parts) == 1 else MIMEMultipart(kind, _subparts=parts)


def _attached(attachment: Attachment) -> Message:
    part = Message()
    part["Content-Type"] = _one_line(attachment.content_type)
    disposition = "inline" if attachment.inline else "attachment"
    part.add_header("Content-Disposition", disposition, filename=("utf-8", "", _one_line(attachment.name)))
    if attachment.content_id:
        part["Content-ID"] = f"<{_one_line(attachment.content_id)}>"
    part.set_payload(attachment.content)
    encode_base64(part)
    return part


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


# --- to its reader ----------------------------------------------------------------------------------------------------


def read(letter: Letter) -> Reading:
    if letter.raw is not None:
        return _read_raw(letter.raw)
    sizes = tuple((one.name, one.content_type, len(one.content)) for one in letter.attachments)
    return Reading(tuple(header_lines(letter)), letter.text, letter.html, sizes)


def _read_raw(raw: bytes) -> Reading:
    """The stdlib trips over some parameters that contradict each other, and over parts within parts within parts:
    such a mail is shown as its source."""
    try:
        return _read_mime(raw)
    except (TypeError, ValueError, RecursionError):
        return Reading(headers=(), text=raw.decode("utf-8", "replace"), html=None, attachments=())


def _read_mime(raw: bytes) -> Reading:
    message = BytesParser(policy=compat32).parsebytes(raw)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    bodies = [part for part in leaves if part.get_content_disposition() != "attachment" and not part.get_filename()]
    text, html = _first(bodies, "text/plain"), _first(bodies, "text/html")
    others = [part for part in leaves if part is not text and part is not html]
    return Reading(
        headers=tuple((name, decoded(str(value))) for name, value in message.items()),
        text=_text(text) if text else None,
        html=_text(html) if html else None,
        attachments=tuple((part.get_filename() or "", part.get_content_type(), len(_bytes(part))) for part in others),
    )


def _first(parts: Iterable[Message], kind: str) -> Message | None:
    return next((part for part in parts if part.get_content_type() == kind), None)


def _text(part: Message) -> str:
    try:
        return _bytes(part).decode(str(part.get_content_charset("utf-8")), "replace")
    except (LookupError, ValueError):  # a charset nobody knows
        return _bytes(part).decode("utf-8", "replace")


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def decoded(header: str) -> str:
    """RFC 2047 words as text; what can't be decoded stays as it is."""
    try:
        return str(make_header(decode_header(header)))
    except (ValueError, LookupError, HeaderParseError):
        return header
