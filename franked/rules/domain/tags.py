"""`v=DMARC1; p=none`: the lists of tags that DKIM, DMARC and BIMI are written in."""

from collections.abc import Mapping
from dataclasses import dataclass

MOST = 64


@dataclass(frozen=True, slots=True)
class Tags:
    """By name, in order. `fault`: what is no list of tags; "" where it is one."""

    by_name: Mapping[str, str]
    fault: str = ""

    @property
    def first(self) -> str:
        return next(iter(self.by_name), "")

    def get(self, name: str, default: str = "") -> str:
        return self.by_name.get(name, default)


def tags_of(text: str) -> Tags:
    by_name: dict[str, str] = {}
    parts = text.split(";", MOST)
    if len(parts) > MOST:
        return Tags({}, "it has too many tags")
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not equals or not name:
            return Tags(by_name, "it has a part without `=`")
        if name in by_name:
            return Tags(by_name, f"it says {name[:20]}= twice")
        by_name[name] = value
    return Tags(by_name)


def folded(tags: Tags) -> Tags:
    """Names in lower case; one that is then said twice is a fault."""
    by_name = {name.casefold(): value for name, value in tags.by_name.items()}
    return Tags(by_name, tags.fault or ("it says a tag twice" if len(by_name) < len(tags.by_name) else ""))
