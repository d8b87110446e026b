"""What a PDF of reportlab's shows, page by page, read by no library: this environment has none."""

import re
import zlib
from base64 import a85decode
from collections.abc import Iterator, Mapping

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_SAID = re.compile(rb"/(F\d+\+\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) Tj|(T\*|Td|Tm|ET)", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages_of(pdf: bytes) -> list[str]:
    """Lines as they were set."""
    assert pdf.startswith(b"%PDF-1.")
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = dict(_fonts(objects))
    pages = [body for body in objects.values() if b"/Type /Page\n" in body or b"/Type /Page " in body]
    return [_page(page, objects, fonts) for page in pages]


def _page(page: bytes, objects: Mapping[int, bytes], fonts: Mapping[bytes, Mapping[int, str]]) -> str:
    content = re.search(rb"/Contents (\d+) 0 R", page)
    assert content
    font, text = b"", ""
    for chosen, said, moved in _SAID.findall(_unpacked(objects[int(content[1])])):
        font = chosen or font
        if moved:
            text += "\n"
        elif not chosen:
            text += "".join(fonts[font][code] for code in _ESCAPED.sub(_sign, said))
    return re.sub(r"\n+", "\n", text)


def _sign(found: re.Match[bytes]) -> bytes:
    told = found[1]
    return bytes([int(told, 8)]) if told.isdigit() else _SIGNS.get(told, told)


def _fonts(objects: Mapping[int, bytes]) -> Iterator[tuple[bytes, Mapping[int, str]]]:
    for body in objects.values():
        name, letters = re.search(rb"/Name /(F\d+\+\d+)", body), re.search(rb"/ToUnicode (\d+) 0 R", body)
        if name and letters:
            codes = re.findall(rb"<([0-9A-Fa-f]{4})>", _unpacked(objects[int(letters[1])]))
            yield name[1], {place: chr(int(code, 16)) for place, code in enumerate(codes)}


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found
    packed = found[1]
    if b"/ASCII85Decode" in body:
        packed = a85decode(packed.strip().removesuffix(b"~>"))
    return zlib.decompressobj().decompress(packed) if b"/FlateDecode" in body else packed
