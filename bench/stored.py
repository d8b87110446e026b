"""What a message costs (accepted, sent, settled) with ten thousand, a million and ten million stored before it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from shutil import rmtree
from time import perf_counter
from uuid import UUID

import msgspec

from bench.bars import STORED_1M, STORED_10M, Result, Run, Side
from bench.past import fill, people_of
from franked.doors.cli.bench.drain import sent_off
from franked.doors.cli.bench.house import STREAM, TOPIC, house, sink, variables
from franked.feedback.settle import settle
from franked.ports import World
from franked.record import Added
from franked.rules.draft import Draft
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.wiring import RECORD, Mailbag

FEW = 10_000
MANY = {STORED_1M: 1_000_000, STORED_10M: 10_000_000}
MAILS = 2000  # a round
IN_A_BATCH = 100
LISTENERS = 64  # events that come in at once
OVER = timedelta(days=150)  # the past, all of it within the time that is kept
COUNTED = ("messages", "attempts", "ledger", "events", "settlements", "idempotency", "origins")
_CALLER = Caller("bench", "bench")


@dataclass(frozen=True, slots=True)
class Place:
    """A record with a past, and what new mail costs there."""

    world: World
    people: int
    chance: Random = field(default_factory=Random)

    async def cost(self, mails: int = MAILS) -> float:
        """µs a message, from its draft to its last event."""
        began = perf_counter()
        ids = await self._accepted(mails)
        accepting, sending = perf_counter() - began, await sent_off(mails, self.world)
        events = await self._events(ids)
        began = perf_counter()
        await asyncio.gather(*(self._listen(events) for _ in range(LISTENERS)))
        return 1e6 * (accepting + sending + perf_counter() - began) / mails

    async def _accepted(self, mails: int) -> list[str]:
        ids: list[str] = []
        for begin in range(0, mails, IN_A_BATCH):
            drafts = [self._draft() for _ in range(min(IN_A_BATCH, mails - begin))]
            answers = await accept(drafts, _CALLER, self.world)
            ids += [one.id for one in answers if isinstance(one, Added)]
        return ids

    def _draft(self) -> Draft:
        """To somebody who got mail before, as most mail is."""
        person, key = self.chance.randrange(self.people), str(UUID(int=self.chance.getrandbits(128)))
        trigger = Trigger("purchase", f"account-{person}", self.world.now())
        return Draft(STREAM, f"p{person}@example.net", trigger, variables(person), idempotency_key=key)

    async def _events(self, ids: Sequence[str]) -> list[str]:
        bag = Mailbag(TOPIC, self.world.now)
        told: list[str] = []
        for story in filter(None, await self.world.store.find(ids)):
            events = bag.events(story.id, story.ses_id or "", story.sender, story.to.spelled)
            told += [msgspec.json.encode(event).decode() for event in events]
        return told[::-1]  # popped from the end

    async def _listen(self, events: list[str]) -> None:
        while events:
            await settle(events.pop(), self.world)


async def results(run: Run) -> AsyncIterator[Result]:
    bars = [bar for bar in MANY if bar.name in run.wanted]
    numbers = [FEW, *(MANY[bar] for bar in bars)]
    if not bars:
        return
    try:
        notes = [await filled(run, number) for number in numbers]
        async with AsyncExitStack() as stack:
            places = [await stack.enter_async_context(opened(run, number)) for number in numbers]
            few, *many = await _costs(places, run)
    finally:
        for number in numbers:
            rmtree(_folder(run, number), ignore_errors=True)
    for bar, costs, note in zip(bars, many, notes[1:], strict=True):
        ours, theirs = (Side(f"{number:,} stored", values, "µs") for number, values in ((MANY[bar], costs), (FEW, few)))
        yield Result(bar, ours, theirs, (notes[0], note))


async def filled(run: Run, number: int) -> str:
    """What is really there, in words."""
    async with opened(run, number) as place:
        await place.cost(1)
    file = _folder(run, number) / "record" / RECORD
    await asyncio.to_thread(fill, file, number, datetime.now(UTC) - timedelta(minutes=5), OVER, run.tell)
    with closing(sqlite3.connect(file)) as db:
        counted = [f"{db.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,} {table}" for table in COUNTED]
    return f"{', '.join(counted)}: {file.stat().st_size / 1e9:.2f} GB"


@asynccontextmanager
async def opened(run: Run, number: int) -> AsyncIterator[Place]:
    _folder(run, number).mkdir(exist_ok=True)
    async with sink() as endpoint, house(_folder(run, number), "record", endpoint) as world:
        yield Place(world, people_of(number))


def _folder(run: Run, number: int) -> Path:
    return run.folder / f"stored-{number}"


async def _costs(places: Sequence[Place], run: Run) -> list[tuple[float, ...]]:
    """By place, a figure a round; all places in turn in each. The first round, on cold files, is not counted."""
    rounds = []
    for number in range(run.rounds + 1):
        rounds.append([await place.cost() for place in places])
        run.tell(f"round {number}: " + ", ".join(f"{cost:,.0f} µs a message" for cost in rounds[-1]))
    return list(zip(*rounds[1:], strict=True))
