"""The short form of `python -m tests.month`: ten days of four of its senders."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.month.__main__ import is_right, line_of
from tests.month.month import month
from tests.month.senders import Sender, senders


def test_there_are_forty_and_more_of_them_are_careful_than_not() -> None:
    found = senders(1)
    assert len(found) == 40
    assert len({one.name for one in found}) == 40
    assert sum(one.is_clean for one in found) >= 20


@pytest.mark.parametrize(
    ("sender", "stops"),
    [
        (Sender("clean", "clean", 250, is_clean=True), False),
        (Sender("tiny", "1 bounce of 13", 0, is_clean=True), False),
        (Sender("import", "one bad import", 250, imports={3: (400, 0.25)}, at_limit="all"), True),
        (Sender("bad", "6 % come back, always", 250, bounce=lambda day: 0.06, mends=False, at_limit="all"), True),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
async def test_the_brake_comes_in_time_and_for_nobody_else(sender: Sender, stops: bool, tmp_path: Path) -> None:
    found = await month(sender, tmp_path / sender.name, 8, 1)
    assert is_right(found), line_of(found)
    assert any(step.startswith("stop") for step in found.steps) == stops
    assert (
        is_right(replace(found, taken_after=1)) is is_right(replace(found, peak_bounces=0.06, out_bounces=0)) is False
    )
