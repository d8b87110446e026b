"""A spreadsheet shows what a stranger wrote; it does not run it."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.formats.sheet import bare, marked, row


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert marked(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "ana@example.net", "1", "o'neil@example.net", "a=b"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert marked(cell) == cell == bare(cell)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_a_row_holds_what_was_put_into_it(cells: list[str]) -> None:
    [read] = csv.reader(StringIO(row(cells), newline=""))
    assert [bare(cell) for cell in read] == cells
