"""Markdown on paper: a PDF of A4 pages. Needs reportlab, the extra `pdf`: only what makes one imports this file."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import SimpleDocTemplate
from reportlab.platypus.flowables import Flowable, ListFlowable, ListItem, Spacer
from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.tables import LongTable

EDGE, WIDE, HIGH = 20 * mm, A4[0] - 40 * mm, A4[1]
FACES = {"Vera": "Vera.ttf", "Vera-Bold": "VeraBd.ttf", "Vera-Italic": "VeraIt.ttf", "Vera-BoldItalic": "VeraBI.ttf"}
INK, LINE, SHADE, WARNING = HexColor("#1a1a1a"), HexColor("#b0b0b0"), HexColor("#f2f2f2"), HexColor("#b00020")
SIZES = {"h1": 17.0, "h2": 13.0, "h3": 11.0, "h4": 10.0, "h5": 10.0, "h6": 10.0}
GRID = (
    ("GRID", (0, 0), (-1, -1), 0.4, LINE),
    ("BACKGROUND", (0, 0), (-1, 0), SHADE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
)
LEAST_SHARE, MOST_SHARE = 8, 60  # characters of a column's longest cell that count for its width


def pdf(markdown: str, title: str, on_each: str = "") -> bytes:
    """The same bytes for the same words. `on_each`: a line at the head of every page."""
    _register()
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=EDGE,
        rightMargin=EDGE,
        topMargin=EDGE,
        bottomMargin=EDGE,
        title=title,
        author="Franked",
        invariant=1,
    )

    def frame(canvas: Canvas, page: SimpleDocTemplate) -> None:
        _frame(canvas, page.page, title, on_each)

    document.build(list(_story(markdown)), onFirstPage=frame, onLaterPages=frame)
    return file.getvalue()


def _frame(canvas: Canvas, page: int, title: str, on_each: str) -> None:
    canvas.saveState()
    if on_each:
        canvas.setFont("Vera-Bold", 8)
        canvas.setFillColor(WARNING)
        canvas.drawString(EDGE, HIGH - EDGE / 2, shown(on_each))
    canvas.setFont("Vera", 8)
    canvas.setFillColor(INK)
    canvas.drawString(EDGE, EDGE / 2, shown(title)[:90])
    canvas.drawRightString(EDGE + WIDE, EDGE / 2, f"Page {page}")
    canvas.restoreState()


def _story(markdown: str) -> Iterator[Flowable]:
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown))
    for block in tree.children:
        yield from _block(block, WIDE)


def _block(block: SyntaxTreeNode, width: float) -> Iterator[Flowable]:
    match block.type:
        case "heading":
            yield Paragraph(_words(block), _style(block.tag))
        case "paragraph":
            yield Paragraph(_words(block), _style("p"))
        case "fence" | "code_block" | "html_block":
            yield Paragraph(_lines(block.content), _style("code"))
        case "bullet_list" | "ordered_list":
            yield _list(block, width)
        case "table":
            yield _table(block, width)
            yield Spacer(0, 6)
        case "blockquote":
            yield from (Paragraph(_words(one), _style("quote")) for one in block.children)
        case _:
            yield Spacer(0, 8)


def _list(block: SyntaxTreeNode, width: float) -> Flowable:
    inner = width - 14
    items = [ListItem([part for one in item.children for part in _block(one, inner)]) for item in block.children]
    kind = "bullet" if block.type == "bullet_list" else "1"
    start = "•" if kind == "bullet" else None
    return ListFlowable(items, bulletType=kind, start=start, leftIndent=14, bulletFontName="Vera", bulletFontSize=8)


def _table(block: SyntaxTreeNode, width: float) -> Flowable:
    """A row may be longer than a page."""
    rows = [row.children for part in block.children for row in part.children]
    cells = [[Paragraph(_words(cell), _style(cell.tag)) for cell in row] for row in rows]
    widths = _widths([[_text(cell) for cell in row] for row in rows], width)
    return LongTable(cells, colWidths=widths, repeatRows=1, splitInRow=1, style=GRID)


def _widths(rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """By the longest cell of each column."""
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    shares = [min(max(one, LEAST_SHARE), MOST_SHARE) for one in longest]
    return [width * share / sum(shares) for share in shares]


def _words(node: SyntaxTreeNode) -> str:
    """In reportlab's own markup; what was written is escaped."""
    match node.type:
        case "text" | "html_inline":
            return escape(shown(node.content))
        case "code_inline":
            return f'<font backColor="#f2f2f2">{escape(shown(node.content))}</font>'
        case "strong":
            return f"<b>{_inside(node)}</b>"
        case "em":
            return f"<i>{_inside(node)}</i>"
        case "softbreak":
            return " "
        case "hardbreak":
            return "<br/>"
        case "image":
            return escape(shown(node.content))
        case "link":
            return _inside(node) + _target(node)
        case _:
            return _inside(node)


def _inside(node: SyntaxTreeNode) -> str:
    return "".join(map(_words, node.children))


def _target(link: SyntaxTreeNode) -> str:
    """On paper nobody can look behind a word."""
    href = str(link.attrs.get("href", ""))
    return "" if href == _text(link) else f" ({escape(shown(href))})"


def _text(node: SyntaxTreeNode) -> str:
    return node.content if not node.children else "".join(map(_text, node.children))


def _lines(content: str) -> str:
    """As they stand, indents and all; a long one is broken."""
    return "<br/>".join(_indented(escape(shown(line))) for line in content.rstrip("\n").split("\n"))


def _indented(line: str) -> str:
    told = line.lstrip(" ")
    return "&nbsp;" * (len(line) - len(told)) + told


def shown(text: str) -> str:
    """What the font has no picture of is named: 📅 is [calendar]."""
    return "".join(
        one if _has(one) else f"[{unicodedata.name(one, 'unknown').lower()}]" for one in text if _is_shown(one)
    )


def _is_shown(one: str) -> bool:
    """Not: joiners, and what chooses a colour for the sign before it."""
    return unicodedata.category(one) not in {"Cf", "Mn", "Cc", "Cs"} or one in "\n\t"


def _has(one: str) -> bool:
    _register()
    return one in "\n\t" or ord(one) in pdfmetrics.getFont("Vera").face.charToGlyph


@cache
def _register() -> None:
    """The fonts that reportlab brings, which have the letters of Western Europe."""
    for name, file in FACES.items():
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily(
        "Vera", normal="Vera", bold="Vera-Bold", italic="Vera-Italic", boldItalic="Vera-BoldItalic"
    )


@cache
def _style(tag: str) -> ParagraphStyle:
    plain = ParagraphStyle(tag, fontName="Vera", fontSize=9.5, leading=13.5, spaceAfter=5, textColor=INK)
    match tag:
        case "code":
            return ParagraphStyle(tag, plain, fontSize=8, leading=11, backColor=SHADE, borderPadding=4, spaceBefore=4)
        case "quote":
            return ParagraphStyle(tag, plain, fontName="Vera-Bold", textColor=WARNING, leftIndent=10)
        case "th":
            return ParagraphStyle(tag, plain, fontName="Vera-Bold", fontSize=7.5, leading=10, spaceAfter=0)
        case "td":
            return ParagraphStyle(tag, plain, fontSize=7.5, leading=10, spaceAfter=0)
        case _ if tag in SIZES:
            size = SIZES[tag]
            return ParagraphStyle(
                tag, plain, fontName="Vera-Bold", fontSize=size, leading=size * 1.3, spaceBefore=size, keepWithNext=1
            )
        case _:
            return plain
