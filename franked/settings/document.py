"""A settings file: its values, and where in it each of them stands."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from franked.settings.faults import Fault, SettingsFault
from franked.settings.lines import Keys, line_of, lines_of

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Document:
    """`name` is None where there is no file: then nothing is said, and nothing is required."""

    name: str | None = None
    folder: Path = field(default_factory=Path)
    values: Mapping[str, object] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)

    def said(self, keys: Keys) -> object | None:
        """What stands there; None when nothing does (TOML knows no null)."""
        found: object = self.values
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def table(self, keys: Keys) -> Mapping[str, object]:
        found = self.said(keys)
        return found if isinstance(found, Mapping) else {}

    def where(self, keys: Keys) -> str:
        line = line_of(self.lines, keys)
        return f"{self.name}:{line}" if line else str(self.name)

    def fault(self, keys: Keys, what: str) -> Fault:
        return Fault(self.where(keys), what, line_of(self.lines, keys) or 0)


def opened(path: Path) -> Document:
    text = _text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsFault([_no_toml(path, text, str(error))]) from None
    return Document(str(path), path.parent, values, lines_of(text))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise SettingsFault([Fault(str(path), f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError as error:
        raise SettingsFault([Fault(str(path), f"is no UTF-8 text (byte {error.start})")]) from None


def _no_toml(path: Path, text: str, error: str) -> Fault:
    found = _AT_LINE.search(error)
    line = int(found[1]) if found and found[1] else len(text.splitlines())
    return Fault(f"{path}:{line}", f"is no TOML: {_AT_LINE.sub('', error)}")
