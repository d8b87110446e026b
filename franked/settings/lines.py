"""On which line of a TOML text a key stands: the parser of the standard library does not say."""

import re

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?")
_PAIR = re.compile(rf"\s*({_DOTTED})\s*=(.*)")
_ONE_KEY = re.compile(_KEY)
_LONG_QUOTES = ('"""', "'''")

Keys = tuple[str, ...]  # of a table or a value, from the outermost in


def lines_of(text: str) -> dict[Keys, int]:
    """Keys of each table and value → its line, from 1. What stands inside an inline table has its table's line."""
    lines: dict[Keys, int] = {}
    around: dict[Keys, int] = {}  # tables that only a dotted key names
    table: Keys = ()
    quote = ""  # the long quote that is still open
    for number, line in enumerate(text.split("\n"), start=1):
        if quote:
            quote = "" if quote in line else quote
        elif header := _HEADER.fullmatch(line):
            table = _keys(header[1])
            _note(table, number, lines, around)
        elif pair := _PAIR.fullmatch(line):
            _note((*table, *_keys(pair[1])), number, lines, around)
            quote = next((mark for mark in _LONG_QUOTES if pair[2].count(mark) % 2), "")
    return around | lines


def _note(keys: Keys, number: int, lines: dict[Keys, int], around: dict[Keys, int]) -> None:
    lines.setdefault(keys, number)
    for end in range(1, len(keys)):
        around.setdefault(keys[:end], number)


def line_of(lines: dict[Keys, int], keys: Keys) -> int | None:
    """The line of what stands there, or of the nearest thing around it."""
    return next((lines[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in lines), None)


def _keys(dotted: str) -> Keys:
    return tuple(key.strip("\"'") for key in _ONE_KEY.findall(dotted))
