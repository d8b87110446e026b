"""CSS that mail programs do not know, by the facts of caniemail.com: they are in clients.json, with their date."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"(?<=[{;])\s*([a-z-]+)\s*:\s*([^;{}]*)(?=[;}])", re.IGNORECASE)
_AT_RULE = re.compile(r"@(?:-[a-z]+-)?[a-z-]+", re.IGNORECASE)
_FUNCTION = re.compile(r"([a-z-]+)\(", re.IGNORECASE)
_MANY = 0.25  # of the programs that were tried
_CARRIES = {"display:flex", "display:grid", "position"}  # what rests on it falls apart, in however few programs


class _Known(msgspec.Struct, frozen=True):
    tested: int
    unknown_to: list[str]


class _Facts(msgspec.Struct, frozen=True):
    date: str
    css: dict[str, _Known]


def unknown(css: str) -> Iterator[tuple[int, str, str]]:
    """Of the text of a <style>: (lines before it, the property, at-rule or function, who does not know it)."""
    css = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), css)
    for name, at in _used(css):
        known = _facts().css.get(name)
        if known and (name in _CARRIES or len(known.unknown_to) >= _MANY * known.tested):
            some = ", ".join(known.unknown_to[:3])
            count = f"{len(known.unknown_to)} of {known.tested} mail programs do not know it"
            yield css.count("\n", 0, at), name, f"{count}, {some} among them (caniemail.com, {_facts().date})"


def _used(css: str) -> Iterator[tuple[str, int]]:
    for found in _AT_RULE.finditer(css):
        yield found[0].lower(), found.start()
    for found in _DECLARATION.finditer(css):
        name, value = found[1].lower(), found[2].strip().lower()
        yield name, found.start(1)
        yield f"{name}:{value.partition(' ')[0].removeprefix('inline-')}", found.start(1)
        for function in _FUNCTION.finditer(value):
            yield f"{function[1]}()", found.start(1)


@cache
def _facts() -> _Facts:
    return msgspec.json.decode((files("franked.formats.lint") / "clients.json").read_bytes(), type=_Facts)
