"""`franked demo --json`: the first thing a newcomer runs, as a program sees it."""

import asyncio
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from franked.backends.local import EventFault, Fault
from franked.doors.cli.demo import demo
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.portal import Portal
from franked.doors.cli.demo.story import Scene, settled
from franked.doors.cli.demo.tally import tally
from tests.commandline import franked
from tests.running import Product

STATES = (
    *("queued", "sent", "delivered", "soft_bounced", "bounced", "complained", "rejected", "refused", "held"),
    *("dropped", "unknown", "dead"),
)


def test_the_demo_ends_by_itself_and_counts_nothing_lost_and_nothing_doubled(tmp_path: Path) -> None:  # F3
    said = franked(tmp_path, "demo", "--json", TMPDIR=str(tmp_path))
    assert (said.status, said.out.count("\n")) == (0, 1), said.err
    told = json.loads(said.out)
    assert list(told) == ["accepted", *STATES, "lost", "doubled", "seconds"]
    assert {type(number) for number in told.values()} == {int}
    assert told["accepted"] == sum(told[state] for state in STATES) >= 100
    assert (told["lost"], told["doubled"]) == (0, 0)
    assert min(told[state] for state in ("delivered", "bounced", "complained", "dropped")) > 0  # the loop ran whole
    assert list(tmp_path.iterdir()) == []  # nobody looks at what it leaves: it leaves nothing


def test_a_loop_that_does_not_close_is_told_with_its_tally(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No event comes back, so the sandbox's first mails stay sent until the time is over."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    silent = Fault(EventFault.LOST, times=1000)
    assert demo(as_json=True, within=8.0, trouble=lambda simulator: simulator.plan(silent)) == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["delivered"], told["bounced"]) == (0, 0)
    assert told["accepted"] == sum(told[state] for state in STATES)
    [folder] = tmp_path.iterdir()
    assert said.err.endswith(f"the loop did not close; the log is {folder / 'franked.log'}\n")
    assert [json.loads(line)["event"] for line in (folder / "franked.log").read_text().splitlines()] != []


async def test_a_mail_that_the_record_does_not_know_is_lost_and_not_waited_for(product: Product) -> None:
    database = product.folder / "portal.db"
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("CREATE TABLE mails (message TEXT)")
        db.execute("INSERT INTO mails VALUES ('m_nobody')")
    shop = Portal("http://127.0.0.1:1", database, product.http, product.simulator, asked=1)
    scene = Scene(product.franked, product.simulator, shop, MovableClock(), lambda what, done, of: None)
    async with asyncio.timeout(10):
        await settled(scene, waiting_for_holds=True)
    stories = await product.franked.world.store.find(shop.handed_over())
    assert tally(shop.handed_over(), stories, [], 1.0).as_dict()["lost"] == 1
