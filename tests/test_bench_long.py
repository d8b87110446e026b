"""The parts of the bench that take long, in small: a past is as real as what it was copied of; a whole Franked runs."""

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bench.bars import Run
from bench.memory import pss
from bench.past import people_of
from bench.stored import filled, opened
from bench.urgent import Codes, until_came
from bench.whole import whole
from franked.rules.message import State

PAST = 300


async def test_a_past_is_in_every_table_and_new_mail_comes_on_top(tmp_path: Path) -> None:
    run = Run(tmp_path, 1, (), lambda _: None)
    told = await filled(run, PAST)
    assert told.startswith("300 messages, 300 attempts, 600 ledger, 600 events, 600 settlements, 300 idempotency, ")
    async with opened(run, PAST) as place:
        store = place.world.store
        ids, keys = read(tmp_path / f"stored-{PAST}" / "record" / "franked.db")
        stories = [story for story in await store.find(ids) if story]
        assert [story.id for story in stories] == sorted(ids)
        assert {story.state for story in stories} == {State.DELIVERED}
        assert len({story.ses_id for story in stories} | {story.attempts[0].ses_id for story in stories}) == PAST
        assert len({story.to.key for story in stories}) == people_of(PAST)
        assert {(len(s.attempts), len(s.ledger), len(s.events)) for s in stories} == {(1, 2, 2)}
        assert all(
            event.message_id == story.id and story.id in event.raw for story in stories for event in story.events
        )
        assert len(keys) == PAST
        await place.cost(20)
        assert (await store.counters())["receipt", "delivered"] == PAST + 20


def read(file: Path) -> tuple[list[str], Mapping[str, str]]:
    """The ids, oldest first, and whose each idempotency key is."""
    with closing(sqlite3.connect(file)) as db:
        ids = [id_ for (id_,) in db.execute("SELECT id FROM messages ORDER BY accepted_at, id")]
        return ids, dict(db.execute("SELECT key, message_id FROM idempotency"))


async def test_a_whole_franked_sends_its_codes_before_its_newsletters(tmp_path: Path) -> None:
    codes = Codes()
    async with asyncio.timeout(60), whole(tmp_path / "whole", 14) as franked:
        await franked.queue(600)
        await codes.come_in(franked, seconds=3)
        came = await until_came(franked, codes)
        assert len(came) < 600
        assert pss(franked.program.process.pid) > 30
    assert codes.posted.keys() == codes.answered.keys() <= came.keys()
    assert min(codes.until(came)) > 0
    assert pss(os.getpid()) > 10
