"""From a SendEmail request to a letter: what the model leaves to SES's own judgement is asked here."""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Any

from franked.backends.local.answers import AwsError, bad_request
from franked.backends.local.letter import Attachment, Letter, Stamp, decoded

LARGEST = 40 * 1024 * 1024
MOST_RECIPIENTS = 50
LONGEST_HEADER = 996  # name and value

_NAMED = re.compile(r'(?:\s*"(?:[^"\\]|\\.)*"\s*|[^"<>]*)<(?P<bare>[^<>]+)>\s*')
_BARE = re.compile(r"[!-?A-~]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SINGLETONS = frozenset(
    {"date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject"}
    | {"return-path", "mime-version", "content-type", "content-transfer-encoding"}
    | {"list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "precedence"}
)
_WRITTEN_BY_SES = ("from", "subject", "mime-version", "content-type")

Tags = tuple[tuple[str, str], ...]


def letter_of(wire: Mapping[str, Any], stamp: Stamp) -> Letter | AwsError:
    """`wire` has passed the model's check."""
    content = wire["Content"]
    kinds = [kind for kind in ("Simple", "Raw", "Template") if content.get(kind) is not None]
    match kinds:
        case ["Simple"]:
            letter = _simple(wire, content["Simple"], stamp)
        case ["Raw"]:
            letter = _raw(wire, b64decode(content["Raw"]["Data"]), stamp)
        case ["Template"]:
            return bad_request("The simulated account has no templates.")
        case _:
            return bad_request("Content must have exactly one of Simple, Raw and Template.")
    return _fault(wire, letter) or letter


# --- Simple -----------------------------------------------------------------------------------------------------------


def _simple(wire: Mapping[str, Any], simple: Mapping[str, Any], stamp: Stamp) -> Letter:
    source = wire.get("FromEmailAddress") or ""
    to, cc, bcc = _destination(wire)
    body = simple["Body"]
    return Letter(
        ses_id=stamp.ses_id,
        message_id=stamp.message_id,
        at=stamp.at,
        source=source,
        senders=(bare(source),),
        recipients=_bares(to + cc + bcc),
        subject=simple["Subject"]["Data"],
        tags=_tags(wire),
        configuration_set=wire.get("ConfigurationSetName"),
        to=to,
        cc=cc,
        reply_to=tuple(wire.get("ReplyToAddresses") or ()),
        text=(body.get("Text") or {}).get("Data"),
        html=(body.get("Html") or {}).get("Data"),
        headers=tuple((header["Name"], header["Value"]) for header in simple.get("Headers") or ()),
        attachments=tuple(_attachment(one) for one in simple.get("Attachments") or ()),
    )


def _destination(wire: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    given = wire.get("Destination") or {}
    to, cc, bcc = (tuple(given.get(name) or ()) for name in ("ToAddresses", "CcAddresses", "BccAddresses"))
    return to, cc, bcc


def _tags(wire: Mapping[str, Any]) -> Tags:
    return tuple((tag["Name"], tag["Value"]) for tag in wire.get("EmailTags") or ())


def _attachment(given: Mapping[str, Any]) -> Attachment:
    return Attachment(
        name=given["FileName"],
        content_type=given.get("ContentType") or "application/octet-stream",
        content=b64decode(given["RawContent"]),
        content_id=given.get("ContentId"),
        inline=given.get("ContentDisposition") == "INLINE",
    )


# --- Raw --------------------------------------------------------------------------------------------------------------


def _raw(wire: Mapping[str, Any], data: bytes, stamp: Stamp) -> Letter:
    """Parameters win over headers, and are not merged with them."""
    mime = BytesHeaderParser(policy=compat32).parsebytes(data)
    given = [one for part in _destination(wire) for one in part]
    in_mime = [address for _, address in getaddresses(_all(mime, "To", "Cc", "Bcc"))]
    authors = [address for _, address in getaddresses(_all(mime, "From"))]
    source = wire.get("FromEmailAddress") or next(iter(_all(mime, "From")), "")
    return Letter(
        ses_id=stamp.ses_id,
        message_id=stamp.message_id,
        at=stamp.at,
        source=source,
        senders=tuple(dict.fromkeys([bare(source), *authors])),
        recipients=_bares(given or in_mime),
        subject=decoded(next(iter(_all(mime, "Subject")), "")),
        tags=_tags(wire) or tuple(_header_tags(mime)),
        configuration_set=wire.get("ConfigurationSetName") or next(iter(_all(mime, "X-SES-CONFIGURATION-SET")), None),
        to=tuple(_all(mime, "To")),
        cc=tuple(_all(mime, "Cc")),
        reply_to=tuple(_all(mime, "Reply-To")),
        raw=data,
    )


def _all(mime: Message, *names: str) -> list[str]:
    return [" ".join(str(value).split()) for name in names for value in mime.get_all(name, [])]


def _header_tags(mime: Message) -> Iterator[tuple[str, str]]:
    for pair in ",".join(_all(mime, "X-SES-MESSAGE-TAGS")).split(","):
        name, found, value = pair.partition("=")
        if found:
            yield name.strip(), value.strip()


# --- what SES refuses -------------------------------------------------------------------------------------------------


def _fault(wire: Mapping[str, Any], letter: Letter) -> AwsError | None:
    return next((bad_request(why) for why in _faults(wire, letter)), None)


def _faults(wire: Mapping[str, Any], letter: Letter) -> Iterator[str]:
    """One bad address refuses the whole mail."""
    addressed = [*letter.senders, *letter.recipients, *_bares(wire.get("ReplyToAddresses") or ())]
    if not all(addressed):
        yield "Illegal address"
    if not letter.recipients:
        yield "Destination must have at least one recipient."
    if len(letter.recipients) > MOST_RECIPIENTS:
        yield f"Recipient count exceeds {MOST_RECIPIENTS}."
    if letter.raw is None and letter.text is None and letter.html is None:
        yield "Body must have a Text or an Html part."
    if not all(_TAG.fullmatch(part) for tag in letter.tags for part in tag):
        yield "Tag names and values have 1 to 256 ASCII letters, digits, underscores and dashes."
    yield from _header_faults(letter)
    size = _size(letter)
    if size > LARGEST:
        yield f"Message length is more than {LARGEST} bytes long: '{size}'."


def _header_faults(letter: Letter) -> Iterator[str]:
    """Date and Message-ID may be given: SES puts its own in their place."""
    counts = Counter([*_WRITTEN_BY_SES, *(name.casefold() for name, _ in letter.headers)])
    counts.update(
        name for name, value in (("to", letter.to), ("cc", letter.cc), ("reply-to", letter.reply_to)) if value
    )
    for name, value in letter.headers:
        if len(name) + len(value) > LONGEST_HEADER:
            yield f"Header '{name}' is longer than {LONGEST_HEADER} characters."
        if name.casefold() in _SINGLETONS and counts[name.casefold()] > 1:
            yield f"Duplicate header '{name}'."


def _size(letter: Letter) -> int:
    """As MIME: base64 makes four bytes of three, and breaks lines."""
    if letter.raw is not None:
        return len(letter.raw)
    parts = [(letter.text or "").encode(), (letter.html or "").encode(), *(one.content for one in letter.attachments)]
    return sum(len(part) * 137 // 100 for part in parts)


def bare(text: str) -> str:
    """`Name <a@example.com>` or `a@example.com` → `a@example.com`; empty when SES would not take it."""
    if len(text) > LONGEST_HEADER or _CONTROL.search(text):
        return ""
    named = _NAMED.fullmatch(text)
    spelled = named["bare"] if named else text
    return spelled if _BARE.fullmatch(spelled) and ".." not in spelled else ""


def _bares(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(bare(text) for text in texts)
