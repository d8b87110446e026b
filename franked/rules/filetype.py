"""What a file is, by how it begins, whatever its name and its sender say it is."""

from collections.abc import Mapping

OOXML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: Mapping[str, str] = {  # by a name's ending, for who does not say
    "csv": "text/csv",
    "docx": f"{OOXML}.wordprocessingml.document",
    "gif": "image/gif",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "txt": "text/plain",
    "webp": "image/webp",
    "xlsx": f"{OOXML}.spreadsheetml.sheet",
    "zip": "application/zip",
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {  # of every file of this type
    "application/pdf": (b"%PDF-",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
    "application/zip": _ZIP,
    MEDIA_TYPES["docx"]: _ZIP[:1],
    MEDIA_TYPES["xlsx"]: _ZIP[:1],
}
PROGRAMS: Mapping[str, tuple[bytes, ...]] = {
    "Linux": (b"\x7fELF",),
    "macOS": (
        *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
        b"\xca\xfe\xba\xbe",  # for several processors; a class of Java begins so, too
    ),
    "Windows": (b"L\x00\x00\x00\x01\x14\x02\x00",),  # a shortcut; programs themselves: see `program`
}
_HEAD = 64  # bytes of a Windows program before anything that may be text


def media_type_of(ending: str) -> str:
    return MEDIA_TYPES.get(ending, "application/octet-stream")


def program(content: bytes) -> str | None:
    """The system that would run it; None: none that we know."""
    if content.startswith(b"MZ") and b"\x00" in content[:_HEAD]:  # a text may begin with these letters
        return "Windows"
    return next((system for system, begins in PROGRAMS.items() if content.startswith(begins)), None)


def contradicts(content: bytes, media_type: str) -> bool:
    """Whether it can't be what is claimed. Of a type that we do not know nobody can tell."""
    claimed = media_type.lower()
    if claimed in BEGINNINGS:
        return not _begins_as(content, claimed)
    is_text = claimed.startswith("text/") or claimed == "application/json"
    return is_text and any(_begins_as(content, known) for known in BEGINNINGS)


def _begins_as(content: bytes, media_type: str) -> bool:
    if media_type == "image/webp" and content[8:12] != b"WEBP":  # a sound or a film is RIFF, too
        return False
    return content.startswith(BEGINNINGS[media_type])
