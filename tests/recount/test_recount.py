"""The short form of `python -m tests.recount`, and that it would find what is counted wrongly."""

from pathlib import Path

from tests.recount.recount import WORDS, recount
from tests.recount.run import run

EVENTS = 16_000


async def test_all_counters_equal_a_recount(tmp_path: Path) -> None:
    found = await run(EVENTS, 1, tmp_path, print)
    assert found.differing == 0
    assert found.events >= EVENTS
    assert found.duplicates > EVENTS / 10
    assert found.compared > 300


async def test_one_too_many_in_any_of_them_is_found(tmp_path: Path) -> None:
    wrong = recount(1000, 2)
    wrong.counters["receipt", "bounced"] += 1
    wrong.parts["receipt", "gmail", "sent"] -= 1
    wrong.states["digest", "delivered"] += 1
    sent, bounced, complained = wrong.rates["lanes", "bulk"]
    wrong.rates["lanes", "bulk"] = sent, bounced, complained + 1
    [quarter, *_] = wrong.seen
    wrong.seen[quarter] = (1, 1, 1)
    wrong.fresh -= 1
    said: list[str] = []
    assert (await run(1000, 2, tmp_path, said.append, wrong)).differing == 6
    assert "differs: counter/receipt/bounced is " in "\n".join(said)


def test_everything_that_counts_happens_to_our_mail_and_to_others_and_to_the_simulator() -> None:
    counters = recount(EVENTS, 1).counters
    for stream in ("receipt", ""):
        counted = {what for of, what in counters if of == stream}
        assert counted == {prefix + word for word in WORDS.values() for prefix in ("", "simulated_")}
