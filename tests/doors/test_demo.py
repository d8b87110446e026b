"""`franked demo --json`: the first thing a newcomer runs, as a program sees it."""

import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from franked.backends.local import EventFault, Fault
from franked.doors.cli.demo import Wish, demo
from franked.doors.cli.demo.agenda import Agenda
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.products import NAMES, products
from franked.doors.cli.demo.stage import staged
from franked.doors.cli.demo.tally import summed, tally
from tests.commandline import called, franked, within

ALL_FIVE = 200.0  # seconds: more than the demo gives itself
STATES = (
    *("queued", "sent", "delivered", "soft_bounced", "bounced", "complained", "rejected", "refused", "held"),
    *("dropped", "unknown", "dead"),
)


def test_the_demo_ends_by_itself_and_counts_nothing_lost_and_nothing_doubled(tmp_path: Path) -> None:  # F3
    said = within(ALL_FIVE, tmp_path, "demo", "--json", TMPDIR=str(tmp_path))
    assert (said.status, said.out.count("\n")) == (0, 1), said.err
    told = json.loads(said.out)
    assert list(told) == ["accepted", *STATES, "lost", "doubled", "seconds"]
    assert {type(number) for number in told.values()} == {int}
    assert told["accepted"] == sum(told[state] for state in STATES) >= 100
    assert (told["lost"], told["doubled"]) == (0, 0)
    assert min(told[state] for state in ("delivered", "bounced", "complained", "dropped")) > 0  # the loop ran whole
    assert list(tmp_path.iterdir()) == []  # nobody looks at what it leaves: it leaves nothing


def test_the_same_seed_is_the_same_day(tmp_path: Path) -> None:
    first, again = (json.loads(franked(tmp_path, "demo", "meet", "--json", "--seed", "7").out) for _ in range(2))
    assert first | {"seconds": 0} == again | {"seconds": 0}


def test_a_product_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    said = called(tmp_path, "demo", "bakery")
    assert (said.status, said.err) == (2, f"there is no product 'bakery': there are {', '.join(NAMES)}\n")


def test_a_loop_that_does_not_close_is_told_with_its_tally(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No event comes back, so nothing that is taken has an outcome."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    silent = Fault(EventFault.LOST, times=1000)
    wish = Wish(("consulting",), as_json=True, within=8.0, spoil=lambda simulator: simulator.plan(silent))
    assert demo(wish) == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["delivered"], told["bounced"]) == (0, 0)
    assert told["accepted"] == sum(told[state] for state in STATES)
    [folder] = tmp_path.iterdir()
    assert said.err.endswith(f"the loop did not close; the logs are in {folder}\n")
    assert (folder / "consulting" / "franked.log").read_text() != ""


async def test_a_mail_that_the_record_does_not_know_is_lost(tmp_path: Path) -> None:
    clock = MovableClock()
    agenda = Agenda(clock, clock(), 1)
    [meet] = products(("meet",))
    async with staged(meet, tmp_path, 1, agenda, full=False, say=lambda product, does: None) as stage:
        with closing(sqlite3.connect(stage.database)) as db, db:
            db.execute("INSERT INTO mails VALUES ('r', 'm_nobody')")
        stories = await stage.franked.world.store.find(stage.handed_over())
        counted = tally(stage.handed_over(), stories, [])
        assert (counted.lost, counted.clean) == (1, False)
        assert summed([counted, replace(counted, lost=2, doubled=1)]).as_dict(1.2)["lost"] == 3
        assert stage.day.random.random() == Random("1 meet").random()
