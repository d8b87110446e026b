"""Records as lines of a zone file: what people copy, and what our own name server reads."""

_STRING = 255  # bytes in one string of a TXT record


def cname_line(name: str, target: str) -> str:
    return f"{name}. IN CNAME {target}."


def mx_line(name: str, preference: int, host: str) -> str:
    return f"{name}. IN MX {preference} {host}."


def txt_line(name: str, text: str) -> str:
    return f"{name}. IN TXT {quoted(text)}"


def quoted(text: str) -> str:
    """In strings, none of which is too long."""
    said = text.encode("utf-8", "replace")
    strings = [said[start : start + _STRING] for start in range(0, len(said), _STRING)] or [b""]
    return " ".join(map(_quoted, strings))


def remark(text: str) -> str:
    """What has to be done and is no record."""
    return f"; {text}"


def _quoted(string: bytes) -> str:
    return '"' + "".join(map(_spelled, string)) + '"'


def _spelled(byte: int) -> str:
    sign = chr(byte)
    if sign in '"\\':
        return f"\\{sign}"
    return sign if 0x20 <= byte < 0x7F else f"\\{byte:03d}"
