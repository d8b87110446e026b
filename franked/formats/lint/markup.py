"""What is wrong with the HTML of one file, whatever is filled in; Jinja's tags are blanked out."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from franked.formats.lint.finding import Finding
from franked.formats.lint.sheets import unknown
from franked.formats.template.source import Stretch, cut

_FRONT = re.compile(r"\+\+\+[ \t]*\n.*?^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MARKUP = re.compile(r"<style\b.*?</style>|<[^>]*>", re.DOTALL)
_NOT_RUN = {"script", "iframe", "object", "embed", "form", "video", "audio"}


def blanked(source: str) -> str:
    """Without front matter and Jinja's tags, each line where it was."""
    text = _FRONT.sub(lambda found: "\n" * found[0].count("\n"), source.replace("\r\n", "\n"), count=1)
    lines = [""]
    for one in cut(Stretch(text, "", 1)):
        lines += [""] * (one.line - len(lines))  # what Jinja itself takes away
        first, *rest = one.spelled.split("\n") if not one.is_tag else ["x"]
        lines[-1] += first
        lines += rest
    return "\n".join(lines)


def faults_of_html(file: str, source: str) -> list[Finding]:
    reader = _Reader(file)
    reader.feed(blanked(source))
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.found: list[Finding] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        line, _ = self.getpos()
        self._in_style = tag == "style"
        if tag == "img" and "alt" not in given:
            self._add(line, "image_without_alt", "who does not see the image learns nothing", 'say it: alt="…"')
        for name in ("href", "src", "background", "action"):
            if given.get(name, "").strip().lower().startswith("http:"):
                why = f"{given[name]} goes over the net in the clear, and mail programs warn about it"
                self._add(line, "plain_http", why, "use https:")
        if tag in _NOT_RUN:
            self._add(line, "dead_element", f"mail programs take <{tag}> away", "link to a page instead")
        for _, name, why in unknown(f"{{{given.get('style', '')};}}"):
            self._add_css(line, name, why)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            line, _ = self.getpos()
            for before, name, why in unknown(data):
                self._add_css(line + before, name, why)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def _add_css(self, line: int, name: str, why: str) -> None:
        self._add(line, "unknown_css", f"`{name}`: {why}", "do without it: tables, padding and colours work")

    def _add(self, line: int, what: str, why: str, way_out: str) -> None:
        self.found.append(Finding(self.file, line, what, why, way_out))


def lines_of_text(source: str) -> Iterator[tuple[int, str]]:
    """The words of a file, by line."""
    bare = re.sub(
        r"<style\b.*?</style>|<[^>]*>", lambda tag: " " + "\n" * tag[0].count("\n"), blanked(source), flags=re.S
    )
    yield from enumerate(bare.split("\n"), 1)
