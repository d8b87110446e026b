"""A PDF, read strictly and by no library: this environment has none. What is wrong with it fails the test."""

import re

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
_STREAM = re.compile(rb"<< /Length (\d+) >>\nstream\n(.*)\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"BT /F\d [\d.]+ Tf [\d.]+ [\d.]+ Td \(((?:[^()\\]|\\[()\\]|\\[0-7]{3})*)\) Tj ET")
_ESCAPE = re.compile(rb"\\([()\\]|[0-7]{3})")


def objects_of(pdf: bytes) -> dict[int, bytes]:
    """By number. The table at the end must say at which byte each begins, and `startxref` where the table does."""
    assert pdf.startswith(b"%PDF-1.4\n%")
    assert max(pdf.split(b"\n")[1][1:5]) > 127  # so that programs take it for binary
    start = re.search(rb"\nstartxref\n(\d+)\n%%EOF\n\Z", pdf)
    assert start
    table = pdf[int(start[1]) :].splitlines(keepends=True)
    assert table[0] == b"xref\n"
    first, size = map(int, table[1].split())
    entries = table[2 : 2 + size]
    assert (first, entries[0], {len(entry) for entry in entries}) == (0, b"0000000000 65535 f \n", {20})
    trailer = b"".join(table[2 + size :])
    assert trailer.startswith(b"trailer\n<< /Size %d /Root 1 0 R" % size)
    found = {}
    for number, entry in enumerate(entries[1:], 1):
        assert entry[10:] == b" 00000 n \n"
        one = _OBJECT.match(pdf, int(entry[:10]))
        assert one, number
        assert int(one[1]) == number
        found[number] = one[2]
    named = {int(number) for one in found.values() for number in re.findall(rb"(\d+) 0 R", one)}
    assert named <= found.keys()
    return found


def texts_of(pdf: bytes) -> list[str]:
    """What is shown on its one page, in order."""
    [page] = [one for one in objects_of(pdf).values() if b"/Type /Page " in one]
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    assert contents
    stream = _STREAM.fullmatch(objects_of(pdf)[int(contents[1])])
    assert stream
    assert int(stream[1]) == len(stream[2])
    shown = [_SHOWN.fullmatch(line) for line in stream[2].split(b"\n")]
    assert all(shown)
    return [_ESCAPE.sub(_unescaped, one[1]).decode("cp1252") for one in shown if one]


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if len(found[1]) == 3 else found[1]
