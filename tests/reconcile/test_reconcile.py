"""A thousand mixed-case entries on two lists that drifted apart, and three kills (E7)."""

from pathlib import Path

from tests.reconcile.lists import SHARES, Story
from tests.reconcile.run import run


async def test_e7_both_lists_are_the_same_in_the_end_at_a_call_a_second(tmp_path: Path) -> None:
    found = await run(1000, kills=3, seed=7, folder=tmp_path, tell=print)
    assert found.clean, found
    assert found.killed == 3
    assert found.calls["put"] > SHARES[Story.OURS] * 5
    assert found.calls["remove"] > SHARES[Story.LIFTED] * 5
    assert found.conflicts > 10
    assert found.moved >= sum(found.calls.values()) - 1
