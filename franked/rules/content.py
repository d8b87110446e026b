"""What a mail holds that no template wrote: a subject and body of the caller's own, and attachments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from franked.rules import filetype


class Content(StrEnum):
    """Where a stream's mails have their words from."""

    TEMPLATE = "template"
    INLINE = "inline"  # each draft brings its own


@dataclass(frozen=True, slots=True)
class Written:
    """A mail in its caller's own words. A part that is empty is not there."""

    subject: str
    html: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An iCalendar object that a mail brings, for mail programs and as a file. `method` is the one in it."""

    method: str
    content: bytes = field(repr=False)


Fault = tuple[str, str]  # which field, and a sentence

LONGEST_SUBJECT = 500  # characters
LONGEST_PART = 500_000  # characters; Gmail shows the first 102 KB
MOST_ATTACHMENTS = 20
MOST_BYTES = 7_000_000  # of all attachments of a mail: in base64 they fit a request of 10 MB, and SES's 40 MB
LONGEST_NAME = 255  # SES's limits
LONGEST_MEDIA_TYPE = 78

# https://docs.aws.amazon.com/ses/latest/dg/attachments.html, "Unsupported attachment types"
_REFUSED = """
    ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk
    mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh1xml msh2 msh2xml mshxml msi msp
    mst ops pcd pif plg prf prg ps1 ps1xml ps2 ps2xml psc1 psc2 reg scf scr sct shb shs sys tmp url vb vbe vbs vps
    vsmacros vss vst vsw vxd ws wsc wsf wsh xnk
"""
REFUSED_BY_SES = frozenset(_REFUSED.split())
_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+")  # RFC 6838


def media_type_of(name: str) -> str:
    return filetype.media_type_of(_ending(name))


def faults_of_written(written: Written) -> Iterator[Fault]:
    if not written.subject.strip() or not written.subject.isprintable():
        yield "subject", "a subject is one line of text"
    elif len(written.subject) > LONGEST_SUBJECT:
        yield "subject", f"it has {len(written.subject)} characters; at most {LONGEST_SUBJECT}"
    if not written.html.strip() and not written.text.strip():
        yield "text", "a mail has a text or an html part, or both"
    for name, part in (("html", written.html), ("text", written.text)):
        if len(part) > LONGEST_PART:
            yield name, f"it has {len(part):,} characters; at most {LONGEST_PART:,}"


def faults_of_attachments(attachments: Sequence[Attachment]) -> Iterator[Fault]:
    """Fields are such as `0/name`; "" is the whole list."""
    if len(attachments) > MOST_ATTACHMENTS:
        yield "", f"there are {len(attachments)} attachments; at most {MOST_ATTACHMENTS}"
    together = sum(len(one.content) for one in attachments)
    if together > MOST_BYTES:
        yield "", f"together they have {together:,} bytes; at most {MOST_BYTES:,}. Send a link to what is larger"
    for place, one in enumerate(attachments):
        yield from ((f"{place}/{name}", sentence) for name, sentence in _faults(one))


def _faults(attachment: Attachment) -> Iterator[Fault]:
    name, ending = attachment.name, _ending(attachment.name)
    if not name.strip(" .") or len(name) > LONGEST_NAME or not name.isprintable() or set(name) & set('/\\":;<>|?*'):
        yield "name", f"a file's name without its folder, of 1 to {LONGEST_NAME} printable characters"
    elif not ending:
        yield "name", f"{name!r} has no ending, such as .pdf: mail programs go by it"
    elif ending in REFUSED_BY_SES:
        yield "name", f"SES takes no .{ending} files; send a link to it"
    if not _is_media_type(attachment.media_type):
        yield "media_type", f"a media type such as application/pdf, at most {LONGEST_MEDIA_TYPE} characters"
    elif not attachment.content:
        yield "content", "it is empty"
    elif why := _disguise(attachment, ending):
        yield "content", why


def _disguise(attachment: Attachment, ending: str) -> str | None:
    """What it claims to be, and is not: by its type, or by its name, which mail programs go by."""
    content, media_type = attachment.content, attachment.media_type
    if system := filetype.program(content):
        return f"it is a program for {system}, whatever its name says; send a link to it"
    if filetype.contradicts(content, media_type):
        return f"it is no {media_type}: such a file begins otherwise"
    if filetype.contradicts(content, named := filetype.media_type_of(ending)):
        return f"its name ends in .{ending}, and it is no {named}: such a file begins otherwise"
    return None


def _ending(name: str) -> str:
    return name.rpartition(".")[2].strip().lower() if "." in name.strip(". ") else ""


def _is_media_type(text: str) -> bool:
    """`type/subtype` without parameters."""
    kind, slash, subtype = text.partition("/")
    return bool(kind and slash and subtype) and set(kind + subtype) <= _TOKEN and len(text) <= LONGEST_MEDIA_TYPE
