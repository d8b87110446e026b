"""Fifty thousand readers, three kills while their mails are written, and some who leave meanwhile."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from sqlalchemy import Connection, TextClause, text

from franked.backends.local import TakenMail
from franked.backends.sealing import Seal, load_or_create_key
from franked.backends.sql.opening import open_store
from franked.formats.links import KEY_LENGTH, Links, Use
from franked.formats.mail import MESSAGE_TAG
from franked.rules.address import Address
from franked.rules.consent import Evidence, Statement, Step
from franked.wiring import KEY, system_clock
from tests.faults.crew import Crew, Duty, Franked, crews_of
from tests.faults.kills import POST, Tell, drain, survivor
from tests.faults.place import Account, Place, account_in, furnish
from tests.faults.record import Reading, reading_of
from tests.product import MovableClock

NEWS = """[streams.news]
kind = "marketing"
purpose = "What is new at Example Backup"
content = "inline"
topic = "news"
if_unknown = "resend"

[streams.note]"""
ISSUE = {"id": "march", "stream": "news", "content": {"subject": "News", "html": "<p>News</p>", "text": "News"}}
RATE = 2000.0  # a second: more than one machine sends
LEAVE_BETWEEN = 20  # people, at each kill
AT_ONCE = 1000
LOOK_EVERY = 0.005
ALMOST_SENT = 1000  # mails in the queue, events on their way: the rest is drained with a clock that moves

_PROGRESS = text("SELECT queued + dropped AS written, done_at FROM newsletters")
_WAITING = text("SELECT count(*) FROM messages WHERE state IN ('queued', 'sending')")
_MAILS = text("SELECT id, address_key FROM messages WHERE stream = 'news'")
_LATEST = text(
    "SELECT m.address_key, max(a.at) FROM attempts a JOIN messages m ON m.id = a.message_id GROUP BY m.address_key"
)
_RESENDS = text("SELECT message_id, count(*) FROM ledger WHERE what = 'resend' GROUP BY message_id")


@dataclass(frozen=True, slots=True)
class Findings:
    people: int  # who had agreed
    left: int  # of them: while it was under way
    kills: int
    in_the_middle: int  # kills before the last mail was written
    messages: int  # of the record
    people_with_two: int  # messages, in the record
    once: int  # people who got it once
    twice: int  # people who got it more often than the ledger decided
    without: int  # people who stayed and did not get it
    after_leaving: int  # who left, and whose mail went to SES after their leaving was answered
    seconds: float

    @property
    def clean(self) -> bool:
        return not (self.people_with_two or self.twice or self.without or self.after_leaving) and self.in_the_middle > 0


async def run(people: int, kills: int, seed: int, folder: Path, tell: Tell) -> Findings:
    started = time.monotonic()
    async with account_in(folder) as account:
        await _set_rate(account)
        place = furnish(folder / "product", account.at, None, ("[streams.note]", NEWS))
        async with reading_of(place) as reading:
            sending = Sending(people, kills, account, place, reading, Random(seed), tell)
            left, in_the_middle = await sending.done()
            found = await _compared(people, left, await account.taken(), reading)
    return Findings(**found, kills=kills, in_the_middle=in_the_middle, seconds=round(time.monotonic() - started, 1))


async def _set_rate(account: Account) -> None:
    async with account.http.post(f"{account.at.ses}/_simulator/limits", json={"rate": RATE}) as answer:
        answer.raise_for_status()


def reader(number: int) -> str:
    return f"reader{number:06}@example.net"


@dataclass(slots=True)
class Sending:
    """From the first reader to the last mail."""

    people: int
    kills: int
    account: Account
    place: Place
    reading: Reading
    chance: Random
    tell: Tell

    async def done(self) -> tuple[dict[str, datetime], int]:
        """Who left, and when they were told so; and how many kills came before all was written."""
        async with AsyncExitStack() as stack:
            [crew] = await stack.enter_async_context(crews_of(self.place, (Duty.ALL, POST)))
            await _found(crew)
            await self._agree()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            left, in_the_middle = await self._killed(crew, http)
            await self._until(lambda progress: progress["waiting"] < ALMOST_SENT, crew.on_duty)
            while await self.account.events_queued() > ALMOST_SENT:
                await asyncio.sleep(1)
            await crew.on_duty.end()
            clock = MovableClock()
            last = await stack.enter_async_context(survivor(self.place, clock))
            await drain(last, self.account, clock, self.tell)
        return left, in_the_middle

    async def _agree(self) -> None:
        """As they would stand after years of subscribing; nobody looks on while the record is filled."""
        evidence, now = Evidence("tests"), system_clock()
        async with open_store(self.place.record, self._seal(), lambda: None, system_clock) as store:
            for start in range(0, self.people, AT_ONCE):
                some = range(start, min(start + AT_ONCE, self.people))
                addresses = [Address.of_spelled(reader(number)) for number in some]
                await store.state([Statement(one, "news", Step.CONFIRMED, now, evidence) for one in addresses])
        self.tell(f"{self.people} have agreed")

    async def _killed(self, crew: Crew, http: aiohttp.ClientSession) -> tuple[dict[str, datetime], int]:
        """At each kill some leave before it, and some after."""
        left: dict[str, datetime] = {}
        franked = crew.relieve()
        await franked.ready()
        await self._announce(http)
        in_the_middle = 0
        for number in range(1, self.kills + 1):
            part = self.people * number // (self.kills + 1)
            progress = await self._until(partial(_has_written, part), franked)
            await franked.kill()
            in_the_middle += progress["done_at"] is None
            self.tell(f"kill {number} of {self.kills}: {progress['written']} of {self.people} are written")
            franked = crew.relieve()
            await franked.ready()
            await self._announce(http)  # an application that saw its answer break off posts again
            left |= await self._leave(http)
        await self._until(lambda now: now["done_at"] is not None, franked)
        left |= await self._leave(http)
        return left, in_the_middle

    async def _until(self, reached: Any, franked: Franked) -> dict[str, Any]:
        while True:
            progress = await self.reading.ask(_progress)
            if reached(progress):
                return progress
            if not franked.process.is_alive():
                raise RuntimeError(franked.last_words)
            await asyncio.sleep(LOOK_EVERY)

    async def _announce(self, http: aiohttp.ClientSession) -> None:
        headers = {"Authorization": f"Bearer {self.place.key}"}
        async with http.post(f"{self.place.door}/v1/newsletters", json=ISSUE, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def _leave(self, http: aiohttp.ClientSession) -> dict[str, datetime]:
        """By the links of older mail."""
        links = Links(self.place.door, self._seal().key_for("franked links 1", KEY_LENGTH))
        left = {}
        for number in self.chance.sample(range(self.people), LEAVE_BETWEEN):
            to = reader(number)
            async with http.post(links.to(Use.LEAVE, to, "news"), data={"List-Unsubscribe": "One-Click"}) as answer:
                assert answer.status == 200
            left[to] = datetime.now(UTC)
        return left

    def _seal(self) -> Seal:
        return Seal(load_or_create_key(self.place.settings.store.directory / KEY))


def _has_written(part: int, progress: dict[str, Any]) -> bool:
    return bool(progress["written"] >= part)


async def _found(crew: Crew) -> None:
    """The first start makes the record and a key, and ends in order."""
    first = crew.relieve()
    await first.ready()
    await first.end()


def _progress(conn: Connection) -> dict[str, Any]:
    row = conn.execute(_PROGRESS).one_or_none()
    waiting = conn.execute(_WAITING).scalar_one()
    return {"written": row.written if row else 0, "done_at": row and row.done_at, "waiting": waiting}


def _pairs(conn: Connection, asked: TextClause) -> dict[str, Any]:
    return {key: value for key, value in conn.execute(asked)}  # noqa: C416  # a row is no pair to mypy


async def _compared(
    people: int, left: dict[str, datetime], taken: Sequence[TakenMail], reading: Reading
) -> dict[str, int]:
    mails, latest, resends = [await reading.ask(partial(_pairs, asked=asked)) for asked in (_MAILS, _LATEST, _RESENDS)]
    decided = {address: resends.get(id_, 0) for id_, address in mails.items()}
    copies = Counter(mails[one.tags[MESSAGE_TAG]] for one in taken)
    stayed = [one for one in map(reader, range(people)) if one not in left]
    after = [one for one, at in left.items() if latest.get(one, 0) > at.timestamp() * 1000]
    return {
        "people": people,
        "left": len(left),
        "messages": len(mails),
        "people_with_two": sum(number > 1 for number in Counter(mails.values()).values()),
        "once": sum(number == 1 for number in copies.values()),
        "twice": sum(number > 1 + decided[one] for one, number in copies.items()),
        "without": sum(not copies[one] for one in stayed),
        "after_leaving": len(after),
    }
