"""A mail as the JSON body of SES v2 SendEmail, and what SES would refuse by its shape."""

import re

import msgspec

from franked.formats.mail import Mail

PATH = "/v2/email/outbound-emails"
MOST_HEADERS = 15
LONGEST_HEADER = 996  # name and value together

_HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]{1,995}")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_CONFIGURATION_SET = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRINTABLE = re.compile(r"[ -~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WRITTEN_BY_SES = {"from", "to", "subject"}  # out of the request: a second one is refused
_ONCE = {"date", "message-id", "reply-to", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "precedence"}


class _Part(msgspec.Struct, rename="pascal"):
    data: str
    charset: str = "UTF-8"


class _Body(msgspec.Struct, rename="pascal", omit_defaults=True):
    text: _Part | None = None
    html: _Part | None = None


class _Pair(msgspec.Struct, rename="pascal"):
    name: str
    value: str


class _Attachment(msgspec.Struct, rename="pascal"):
    file_name: str
    content_type: str
    raw_content: bytes  # msgspec writes base64
    content_transfer_encoding: str = "BASE64"  # SES's own default would be SEVEN_BIT


class _Simple(msgspec.Struct, rename="pascal", omit_defaults=True):
    subject: _Part
    body: _Body
    headers: list[_Pair] = []
    attachments: list[_Attachment] = []


class _Raw(msgspec.Struct, rename="pascal"):
    data: bytes  # msgspec writes base64


class _Content(msgspec.Struct, rename="pascal", omit_defaults=True):
    simple: _Simple | None = None
    raw: _Raw | None = None


class _Destination(msgspec.Struct, rename="pascal"):
    to_addresses: list[str]


class _SendEmail(msgspec.Struct, rename="pascal", omit_defaults=True):
    from_email_address: str
    destination: _Destination
    content: _Content
    reply_to_addresses: list[str] = []
    email_tags: list[_Pair] = []
    configuration_set_name: str | None = None


_ENCODER = msgspec.json.Encoder()


def encode(mail: Mail) -> bytes:
    """Call `fault` first: text that has no UTF-8 (a lone surrogate) raises UnicodeEncodeError here."""
    return _ENCODER.encode(
        _SendEmail(
            from_email_address=mail.sender,
            destination=_Destination([mail.to.spelled]),
            content=_content(mail),
            # Raw MIME bears its own Reply-To, and SES refuses a mail that has two.
            reply_to_addresses=[mail.reply_to] if mail.reply_to and mail.raw is None else [],
            email_tags=_pairs(mail.tags),
            configuration_set_name=mail.configuration_set or None,
        )
    )


def _content(mail: Mail) -> _Content:
    if mail.raw is not None:
        return _Content(raw=_Raw(mail.raw))
    attached = [_Attachment(one.name, one.media_type, one.content) for one in mail.attachments]
    return _Content(simple=_Simple(_Part(mail.subject), _body(mail), _pairs(mail.headers), attached))


def _body(mail: Mail) -> _Body:
    html = _Part(mail.html) if mail.html else None
    return _Body(_Part(mail.text) if mail.text or html is None else None, html)


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[_Pair]:
    return [_Pair(name, value) for name, value in pairs]


def fault(mail: Mail) -> str | None:
    """What SES would refuse by shape, in one sentence; None when it has nothing to object."""
    return _envelope_fault(mail) or (None if mail.raw is not None else _simple_fault(mail))


def _envelope_fault(mail: Mail) -> str | None:
    if not _PRINTABLE.fullmatch(mail.sender):
        return "the sender is not printable ASCII"
    if not _PRINTABLE.fullmatch(mail.to.spelled):
        return "the recipient is not printable ASCII"
    if mail.configuration_set and not _CONFIGURATION_SET.fullmatch(mail.configuration_set):
        return f"not a configuration set's name: {mail.configuration_set[:70]!r}"
    for name, value in mail.tags:
        if not (_TAG.fullmatch(name) and _TAG.fullmatch(value)):
            return f"tag {name[:40]!r}: 1 to 256 ASCII letters, digits, _ or - in name and value"
    return None


def _simple_fault(mail: Mail) -> str | None:
    if _CONTROL.search(mail.subject):
        return "the subject has a line break or another control character"
    if mail.reply_to and not _PRINTABLE.fullmatch(mail.reply_to):
        return "the Reply-To is not printable ASCII"
    if not all(_is_unicode(text) for text in (mail.subject, mail.text, mail.html)):
        return "subject, text or html is not Unicode text: it has half of a surrogate pair"
    return _headers_fault(mail)


def _headers_fault(mail: Mail) -> str | None:
    if len(mail.headers) > MOST_HEADERS:
        return f"SES takes {MOST_HEADERS} headers, this mail has {len(mail.headers)}"
    taken = _WRITTEN_BY_SES | ({"reply-to"} if mail.reply_to else set())
    for name, value in mail.headers:
        lower = name.lower()
        if lower in taken:
            return f"header {lower}: a mail has only one"
        if why := _header_fault(name, value):
            return why
        if lower in _ONCE:
            taken.add(lower)
    return None


def _header_fault(name: str, value: str) -> str | None:
    if not _HEADER_NAME.fullmatch(name):
        return f"not a header's name: {name[:40]!r}"
    if not _HEADER_VALUE.fullmatch(value):
        return f"header {name}: 1 to 995 printable ASCII characters"
    if len(name) + len(value) > LONGEST_HEADER:
        return f"header {name}: name and value have more than {LONGEST_HEADER} characters"
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
