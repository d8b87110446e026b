"""One page of text as a PDF 1.4, in the fonts that every reader has: nothing is embedded, so it is 2 KB.

They know the letters of Western Europe (WinAnsi); what they do not know is shown without its accents, or as `?`.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP = 56.0, 539.0, 786.0  # of an A4 page, 595 × 842 points
_PAGE = "[0 0 595 842]"
_WIDTHS = (  # of Helvetica, in thousandths of its size, from the space to the tilde (Adobe's font metrics)
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
)


@dataclass(frozen=True, slots=True)
class Line:
    """`below`: how far under the line before it. `right`: what stands at the right edge of the same line."""

    text: str
    right: str = ""
    size: float = 10.0
    bold: bool = False
    below: float = 16.0


def page(title: str, lines: Sequence[Line]) -> bytes:
    """The file. The same text makes the same bytes."""
    content = "\n".join(_shown(lines)).encode("latin-1")
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox {_PAGE} /Contents 4 0 R "
            "/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>".encode(),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            _font("Helvetica"),
            _font("Helvetica-Bold"),
            b"<< /Title <%b> >>" % ("\ufeff" + title).encode("utf-16-be").hex().encode(),
        ]
    )


def _shown(lines: Sequence[Line]) -> Iterator[str]:
    height = TOP
    for line in lines:
        for text, right in _wrapped(line):
            height -= line.below
            font = f"/F{2 if line.bold else 1} {line.size:g} Tf"
            for part, at in ((text, LEFT), (right, RIGHT - _width(right, line.size))):
                if part:
                    yield f"BT {font} {at:.2f} {height:.2f} Td ({_escaped(part)}) Tj ET"


def _wrapped(line: Line) -> Iterator[tuple[str, str]]:
    """What is too long for one line goes on in the next; what stands at the right stands beside the first."""
    room = RIGHT - LEFT - (_width(line.right, line.size) + 24 if line.right else 0)
    right, taken = line.right, ""
    for word in line.text.split(" "):
        longer = f"{taken} {word}" if taken else word
        if taken and _width(longer, line.size) > room:
            yield taken, right
            right, longer = "", word
        taken = longer
    yield taken, right


def _width(text: str, size: float) -> float:
    return sum(_WIDTHS[ord(one) - 32] if " " <= one <= "~" else 556 for one in text) * size / 1000


def _escaped(text: str) -> str:
    """As a PDF's string, each byte a character; in backslashes what would end it, in octal what is not ASCII."""
    bytes_ = b"".join(map(_in_winansi, text))
    return "".join(
        f"\\{chr(one)}" if one in b"()\\" else chr(one) if 32 <= one < 127 else f"\\{one:03o}" for one in bytes_
    )


def _in_winansi(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore")
        return bare or b"?"


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _file(objects: Sequence[bytes]) -> bytes:
    """With the table at its end that says at which byte each object begins."""
    file, begins = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        begins.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % begin for begin in begins)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        size - 1,
        len(file),
    )
    return file + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table) + trailer
