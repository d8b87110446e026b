"""What was written, on paper: PDF files, where reportlab is installed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from franked.doors.cli.start import Unusable
from franked.formats.request import REHEARSAL

INSTALL = "a PDF needs the package reportlab, which is not installed here: pip install 'franked[pdf]'"


def write_pdf(file: Path, markdown: str, *, rehearsal: bool) -> str:
    """Raises Unusable where there is no reportlab."""
    try:
        from franked.formats.paper import pdf  # noqa: PLC0415
    except ImportError as error:
        raise Unusable(INSTALL) from error
    title = markdown.partition("\n")[0].lstrip("# ")
    _write(file, pdf(markdown, title, REHEARSAL if rehearsal else ""))
    return f"{file}: written"


def write_attachments(folder: Path, attachments: Mapping[str, str], *, rehearsal: bool) -> Iterator[str]:
    """Each as Markdown, and as PDF where that can be made."""
    for name, markdown in attachments.items():
        file = folder / Path(name).name
        _write(file, markdown.encode())
        yield f"{file}: written"
        try:
            yield write_pdf(file.with_suffix(".pdf"), markdown, rehearsal=rehearsal)
        except Unusable as missing:
            yield f"{file.with_suffix('.pdf')}: not written: {missing}"


def write_text(file: Path, text: str) -> str:
    _write(file, text.encode())
    return f"{file}: written"


def _write(file: Path, content: bytes) -> None:
    """Raises Unusable where that can't be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise Unusable(f"{error.filename or file}: {error.strerror or error}") from error
