"""A source, and the place in a file of each of its lines: with a layout around it, it is of two files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from franked.formats.html import Piece
from franked.formats.template.parts import HTML

TemplateFiles = Mapping[str, str]  # file name ("de.html", "de.txt", "_layout/de.html") → content


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a file: what it says, and the line where it begins."""

    spelled: str
    file: str
    line: int
    is_tag: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """`file`: whose it is, though a layout may be around it."""

    file: str
    text: str
    places: tuple[tuple[str, int], ...] = field(repr=False)  # (file, line) of each line of the text

    def place(self, line: int | None) -> tuple[str, int | None]:
        """The file and the line of it; a line that nobody knows is somewhere in the file."""
        return self.places[min(line, len(self.places)) - 1] if line else (self.file, None)

    def pieces(self) -> list[Piece]:
        """Cut at its Jinja tags."""
        return [Piece(one.spelled, one.line, is_tag=one.is_tag) for one in cut(Stretch(self.text, self.file, 1))]


def cut(whole: Stretch) -> list[Stretch]:
    """Cut at its Jinja tags. Raises jinja2.TemplateSyntaxError, with a line that counts from the stretch's begin."""
    stretches, spelled, begin = [], "", 1
    for line, kind, value in HTML.lex(whole.spelled):
        begin = begin if spelled else line
        spelled += value
        if kind in ("data", "raw_begin") or kind.endswith("_end"):
            stretches.append(Stretch(spelled, whole.file, whole.line + begin - 1, kind != "data"))
            spelled = ""
    return stretches


def joined(file: str, stretches: Iterable[Stretch]) -> Source:
    """A line of two stretches is where its first word is from."""
    lines: list[str] = [""]
    places: list[tuple[str, int] | None] = [None]
    end = (file, 1)
    for one in stretches:
        for number, part in enumerate(one.spelled.split("\n")):
            end = (one.file, one.line + number)
            if number:
                places[-1] = places[-1] or (one.file, one.line + number - 1)
                lines.append("")
                places.append(None)
            lines[-1] += part
            if part.strip():
                places[-1] = places[-1] or end
    return Source(file, "\n".join(lines), tuple(place or end for place in places))
