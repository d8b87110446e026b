"""A layout around a template: header, footer and looks, once for a whole product.

It is set around the source, not around the rendered mail, so that its CSS reaches the template's elements. As in
Jinja: the template says `{% extends "_layout" %}`, and fills the layout's blocks. `{% block subject %}` is filled with
the front matter's subject, for the <title>.
"""

import re
from collections.abc import Sequence
from html import escape

from franked.formats.template.faults import TemplateFault
from franked.formats.template.source import Source, Stretch, TemplateFiles, cut, joined

FOLDER = re.compile(r"_[a-z0-9-]{0,59}")
SUBJECT = "subject"
_EXTENDS = re.compile(rf"""\{{%[-+]?\s*extends\s+["']({FOLDER.pattern})["']\s*[-+]?%\}}""")
_BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)\s*[-+]?%\}\s*")
_END = re.compile(r"\{%[-+]?\s*endblock(?:\s+\w+)?\s*[-+]?%\}\s*")
_NOTE = re.compile(r"\{#.*#\}\s*", re.DOTALL)

Laid = tuple[str | None, Sequence[Stretch]]  # a block's name and what is in it; None: what stands outside of blocks


def layout_of(stretches: Sequence[Stretch]) -> str | None:
    """The layout's folder, where the template's first tag names one."""
    first = next((one for one in stretches if one.spelled.strip() and not _NOTE.fullmatch(one.spelled)), None)
    found = first and _EXTENDS.fullmatch(first.spelled.strip())
    return found[1] if found else None


def layout_file(folder: str, locales: Sequence[str], suffix: str, files: TemplateFiles) -> str | None:
    """The layout's wording for the first of these locales that it has; a language falls back to itself only."""
    there = {name.lower(): name for name in files}
    for locale in locales:
        tag = locale.lower()
        while tag:
            if found := there.get(f"{folder}/{tag}{suffix}"):
                return found
            tag = tag.rpartition("-")[0]
    return there.get(f"{folder}/default{suffix}")


def laid_out(file: str, template: Sequence[Stretch], layout: Sequence[Stretch], subject: str) -> Source:
    """Raises TemplateFault."""
    filled = _filled(file, template)
    laid = _blocks(layout)
    names = {name for name, _ in laid}
    for name, inside in filled.items():
        if name not in names:
            line = inside[0].line if inside else None
            raise TemplateFault(file, line, f"the layout has no block {name!r}; it has {', '.join(_said(laid))}")
    is_html = file.endswith(".html")
    filled.setdefault(SUBJECT, _subject(file, subject, is_html=is_html))
    return joined(file, [one for name, inside in laid for one in (filled.get(name, inside) if name else inside)])


def _filled(file: str, template: Sequence[Stretch]) -> dict[str, Sequence[Stretch]]:
    filled: dict[str, Sequence[Stretch]] = {}
    for name, inside in _blocks(template):
        if name is None:
            lost = (one for one in inside if one.spelled.strip() and not _may_stand_outside(one))
            if one := next(lost, None):
                begin = one.spelled[: len(one.spelled) - len(one.spelled.lstrip())]
                raise TemplateFault(
                    file, one.line + begin.count("\n"), "with a layout, all that is written stands in blocks"
                )
        elif name in filled:
            raise TemplateFault(file, inside[0].line if inside else None, f"the block {name!r} is there twice")
        else:
            filled[name] = inside
    return filled


def _may_stand_outside(one: Stretch) -> bool:
    return bool(_EXTENDS.fullmatch(one.spelled.strip()) or _NOTE.fullmatch(one.spelled))


def _blocks(stretches: Sequence[Stretch]) -> list[Laid]:
    """Raises TemplateFault for blocks within blocks, or one that does not end."""
    laid: list[tuple[str | None, list[Stretch]]] = [(None, [])]
    for one in stretches:
        begins = _BLOCK.fullmatch(one.spelled) if one.is_tag else None
        ends = one.is_tag and _END.fullmatch(one.spelled)
        name = laid[-1][0]
        if (begins and name) or (ends and not name):
            raise TemplateFault(one.file, one.line, "a layout's blocks stand side by side, each with its endblock")
        if begins:
            laid.append((begins[1], []))
        elif ends:
            laid.append((None, []))
        else:
            laid[-1][1].append(one)
    if laid[-1][0]:
        raise TemplateFault(stretches[-1].file, stretches[-1].line, f"the block {laid[-1][0]!r} does not end")
    return [(name, _trimmed(inside) if name else inside) for name, inside in laid]


def _trimmed(inside: Sequence[Stretch]) -> Sequence[Stretch]:
    """A block's content begins on the line after its tag."""
    if inside and not inside[0].is_tag and inside[0].spelled.startswith("\n"):
        first = inside[0]
        return [Stretch(first.spelled[1:], first.file, first.line + 1), *inside[1:]]
    return inside


def _subject(file: str, subject: str, *, is_html: bool) -> Sequence[Stretch]:
    pieces = cut(Stretch(subject, file, 1))
    if not is_html:
        return pieces
    return [one if one.is_tag else Stretch(escape(one.spelled, quote=False), file, 1) for one in pieces]


def _said(laid: Sequence[Laid]) -> list[str]:
    return sorted(repr(name) for name, _ in laid if name)
