"""HTML for mail: CSS at the elements, and a text part for those who read no HTML."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import css_inline
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

_LINKS = ParserConfig(css=CSS_PROFILES["strict"], display_links=True)
_LINK = re.compile(r"\[([^\]\n]*)\]\((\S*?)\)")
_TABLE = re.compile(r"<(?P<end>/?)(?P<name>table|thead|tbody|tfoot|tr|td|th)\b(?P<rest>[^>]*)>", re.IGNORECASE)
_PRESENTATION = re.compile(r"\brole\s*=\s*[\"']?(?:presentation|none)\b", re.IGNORECASE)


def plain_text(html: str) -> str:
    """A text part made from HTML; a link shows where it leads."""
    lines = get_text(_without_frames(html), _LINKS).splitlines()
    return _LINK.sub(_link, "\n".join(line.rstrip() for line in lines)).strip()


def _without_frames(html: str) -> str:
    """A table with role=presentation only holds what is in it: nothing is set side by side."""
    frames: list[bool] = []  # of the tables that are open here

    def block(tag: re.Match[str]) -> str:
        is_table, ends = tag["name"].lower() == "table", bool(tag["end"])
        if is_table and not ends:
            frames.append(bool(_PRESENTATION.search(tag["rest"])))
        is_frame = bool(frames) and frames[-1]
        if is_table and ends and frames:
            frames.pop()
        return f"<{tag['end']}div>" if is_frame else tag[0]

    return _TABLE.sub(block, html)


def _link(found: re.Match[str]) -> str:
    label, url = found[1].strip(), found[2]
    if url in ("", label, f"mailto:{label}"):
        return label
    return f"{label} {url}" if label.endswith((":", "?", "!")) else f"{label}: {url}"


# --- HTML with Jinja in it: what reads HTML meets each tag as a comment, or as a word where it is quoted --------------

_REST = r"""(?:"[^"]*"|'[^']*'|[^'">])*>"""  # of an HTML tag
_OPAQUE = r"(?P<opaque>style|script|title|textarea)\b"
_WITHIN = re.compile(rf"<{_OPAQUE}{_REST}", re.IGNORECASE)
_WHOLE = re.compile(
    rf"<!--.*?-->|<{_OPAQUE}{_REST}.*?</(?P=opaque)\s*>|<(?!(?:style|script|title|textarea)\b|!--)[/!a-z]{_REST}"
    r"|[^<]+|<(?![/!a-z])",
    re.DOTALL | re.IGNORECASE,
)
_MASK = re.compile(r"<!--frankedtext(\d+)x-->|frankedtag(\d+)x")
_LAST = re.compile(r"frankedtag(\d+)x$")
_MARKUP = re.compile(r"\|\s*(?:e|escape|forceescape|safe|urlize|xmlattr)\b")


class Unreadable(Exception):
    def __init__(self, line: int | None, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of HTML, or one Jinja tag in it."""

    spelled: str
    line: int
    is_tag: bool

    @property
    def is_block(self) -> bool:
        return self.is_tag and self.spelled.startswith("{%")


def inline_css(pieces: Sequence[Piece]) -> str:
    """Each rule at the elements it is for: mail programs drop <style>. What only a <style> can say (`@media`, `:hover`)
    stays in one; so does every rule where a class depends on a Jinja tag. Raises Unreadable."""
    in_text = dict(_tags(pieces))
    masks = {
        number: f"<!--frankedtext{number}x-->" if free else f"frankedtag{number}x" for number, free in in_text.items()
    }
    conditional = any(pieces[number].is_block and not free for number, free in in_text.items())
    masked = "".join(masks.get(number, piece.spelled) for number, piece in enumerate(pieces))
    try:
        html = css_inline.inline(
            masked, keep_style_tags=True, remove_inlined_selectors=not conditional, load_remote_stylesheets=False
        )
    except css_inline.InlineError as error:
        raise Unreadable(None, f"its CSS can't be inlined: {error}") from None
    _refuse_lost(pieces, [*masks], [int(text or quoted) for text, quoted in _MASK.findall(html)])
    return _MASK.sub(lambda mask: pieces[int(mask[1] or mask[2])].spelled, html)


def text_source(pieces: Sequence[Piece]) -> str | None:
    """The source of a text part; None where only the rendered HTML can tell it."""
    in_text = dict(_tags(pieces))
    must = {number for number, free in in_text.items() if free and pieces[number].is_block}
    html = _without_frames("".join(_word(number, pieces) for number in range(len(pieces))))
    if must and "<table" in html.lower():
        return None  # cells are set side by side: a loop would open in one and close in another
    if any(_MARKUP.search(pieces[number].spelled) for number in in_text):
        return None
    text = plain_text(html)
    blocks = [number for _, found in _MASK.findall(text) if pieces[number := int(found)].is_block]
    if blocks != sorted(set(blocks)) or not must <= set(blocks):
        return None
    lines = (_as_jinja_trims(line, frozenset(blocks)) for line in text.split("\n"))
    return _MASK.sub(lambda mask: pieces[int(mask[2])].spelled, "\n".join(lines))


def _as_jinja_trims(line: str, blocks: frozenset[int]) -> str:
    """Jinja takes away the line's end after a block's tag: a line of such tags leaves nothing, any other its end."""
    is_block = [int(found) in blocks for _, found in _MASK.findall(line)]
    if all(is_block) and not _MASK.sub("", line).strip():
        return "".join(found[0] for found in _MASK.finditer(line))
    last = _LAST.search(line)
    return f"{line}\n" if last and int(last[1]) in blocks else line


def _word(number: int, pieces: Sequence[Piece]) -> str:
    """The same word for the same variable: a link whose text is its URL is seen to be one."""
    piece = pieces[number]
    if not piece.is_tag:
        return piece.spelled
    first = number if piece.is_block else next(n for n, one in enumerate(pieces) if one.spelled == piece.spelled)
    return f"frankedtag{first}x"


def _refuse_lost(pieces: Sequence[Piece], given: Sequence[int], found: Sequence[int]) -> None:
    for number, other in zip_longest(given, found, fillvalue=-1):
        if number != other:
            lost = pieces[number if number >= 0 else other]
            raise Unreadable(lost.line, f"{lost.spelled} stands where HTML has no text: it would be moved or lost")


def _tags(pieces: Sequence[Piece]) -> Iterator[tuple[int, bool]]:
    """Each tag's number, and whether it stands in the text, not in quotes, a comment or a title."""
    unclosed = ""
    for number, piece in enumerate(pieces):
        if piece.is_tag:
            yield number, _in_text(piece.line, unclosed)
        else:
            unclosed = _unclosed(unclosed + piece.spelled)


def _unclosed(html: str) -> str:
    at = 0
    while found := _WHOLE.match(html, at):
        at = found.end()
    return html[at:]


def _in_text(line: int, unclosed: str) -> bool:
    if not unclosed:
        return True
    if unclosed.startswith("<!--"):
        return False
    if within := _WITHIN.match(unclosed):
        if within["opaque"].lower() in ("style", "script"):
            raise Unreadable(line, f"no Jinja inside of <{within['opaque']}>")
        return False
    if not re.search("[\"']", re.sub(r"\"[^\"]*\"|'[^']*'", "", unclosed)):
        raise Unreadable(line, "inside of an HTML tag, Jinja stands between an attribute's quotes")
    return False
