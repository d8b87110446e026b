"""Rows for a spreadsheet (RFC 4180): whatever a stranger wrote into a cell, it is text and never a formula."""

import csv
from collections.abc import Sequence
from io import StringIO

_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")  # what Excel, LibreOffice and their kin take for a formula's beginning
_MARK = "'"  # before a text, as a person would type it


def row(cells: Sequence[str]) -> str:
    line = StringIO(newline="")
    csv.writer(line).writerow([marked(cell) for cell in cells])
    return line.getvalue()


def marked(cell: str) -> str:
    return f"{_MARK}{cell}" if _needs_mark(cell) else cell


def bare(cell: str) -> str:
    """What `marked` was given."""
    return cell[1:] if cell.startswith(_MARK) and _needs_mark(cell[1:]) else cell


def _needs_mark(cell: str) -> bool:
    return cell.startswith((*_FORMULAS, _MARK)) or cell.lstrip().startswith(_FORMULAS)
