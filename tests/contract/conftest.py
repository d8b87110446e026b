"""Every store backend is asked the same questions: a store, a clock that moves, and builders for what goes in."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from franked.backends.sealing import Seal
from franked.backends.sql.engine import pooled, url_of
from franked.backends.sql.opening import open_shared_store, open_store
from franked.record import Added, Candidate, Finished, Haul, Lease, Moved, Settled, Spend, Story, Sweep, Swept, Wish
from franked.rules.address import Address
from franked.rules.backoff import unknown_wait
from franked.rules.event import BounceType, Event, Kind
from franked.rules.lane import Lane
from franked.rules.message import Due, Message, State, Taken
from franked.rules.outcome import Outcome, Sent
from franked.rules.pace import Access, room
from franked.rules.stream import IfUnknown
from franked.rules.suppression import consequences
from franked.rules.trigger import Trigger
from franked.rules.verdict import Drop, Facts, Hold, Send, TurnedAway, Verdict
from franked.store import Store
from tests.postgres import made_on
from tests.records import begin_record

START = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
LEASE = Lease(timedelta(seconds=10), timedelta(seconds=30))
KEY = bytes(range(32))


@dataclass(slots=True)
class MovableClock:
    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> datetime:
        self.time += timedelta(**span)
        return self.time


@dataclass(slots=True)
class Bell:
    rings: int = 0

    def __call__(self) -> None:
        self.rings += 1


Opening = Callable[..., AbstractAsyncContextManager[Store]]


@dataclass(frozen=True, slots=True)
class Sqlite:
    """One file; opened again, it is the same record."""

    folder: Path
    clock: MovableClock
    bell: Bell

    @property
    def file(self) -> Path:
        return self.folder / "franked.db"

    def open(self, key: bytes = KEY, **more: Any) -> AbstractAsyncContextManager[Store]:
        return open_store(self.file, Seal(key), self.bell, self.clock, **more)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A database of its own; opened again, it is the same record."""

    url: str
    clock: MovableClock
    bell: Bell

    @asynccontextmanager
    async def open(self, key: bytes = KEY, **more: Any) -> AsyncIterator[Store]:
        engine = pooled(url_of(self.url))
        try:
            async with open_shared_store(engine, Seal(key), self.bell, self.clock, **more) as store:
                yield store
        finally:
            await engine.dispose()


BACKENDS = ("sqlite", "postgresql")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def bell() -> Bell:
    return Bell()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module whose tests look into an SQLite file has `BACKENDS = ("sqlite",)`."""
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", getattr(metafunc.module, "BACKENDS", BACKENDS), indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock, bell: Bell) -> Sqlite | Postgres:
    if request.param == "sqlite":
        begun = Sqlite(tmp_path, clock, bell)
        begin_record(begun.file)
        return begun
    return Postgres(request.getfixturevalue("copied"), clock, bell)


@pytest.fixture
def copied(postgres: str, with_schema: str) -> Iterator[str]:
    with made_on(postgres, with_schema) as url:
        yield url


@pytest.fixture
async def store(backend: Sqlite | Postgres) -> AsyncIterator[Store]:
    async with backend.open() as store:
        yield store


def by_facts(facts: Facts) -> Verdict:
    """What the rules say of plain transactional mail, as far as the record decides it."""
    if facts.suppression is not None:
        return Drop("suppressed")
    if not facts.within_limit:
        return Drop("rate_limited")
    return Hold("sandbox") if facts.in_sandbox else Send()


def judge_at_take(message: Due, facts: Facts) -> Verdict:
    return Drop("expired") if facts.now >= message.useful_until else by_facts(facts)


@dataclass(slots=True)
class Post:
    """The trips in short: what a test says in one line."""

    store: Store
    clock: MovableClock
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    # values

    def message(self, to: str = "ana@example.net", **more: Any) -> Message:
        now = self.clock()
        plain = Message(
            id=f"m_{next(self._number):026d}",
            stream="receipt",
            lane=Lane.NORMAL,
            to=Address.of_spelled(to),
            sender="Shop <shop@example.com>",
            template="receipt",
            template_version="v1",
            locale="en",
            variables={"number": "R-1"},
            trigger=Trigger("purchase", "account-1", now, "order-1"),
            accepted_at=now,
            due_at=now,
            useful_until=now + timedelta(hours=72),
            key_id="key-1",
            request_id="request-1",
        )
        return changed(plain, **more)

    def candidate(
        self,
        to: str = "ana@example.net",
        judge: Callable[[Facts], Verdict | TurnedAway] = by_facts,
        spends: Sequence[Spend] = (),
        key: str | None = None,
        canonical: bytes = b"draft",
        **more: Any,
    ) -> Candidate:
        return Candidate(self.message(to, **more), judge, tuple(spends), key, canonical)

    def wish(self, most: int = 100, **more: Any) -> Wish:
        return replace(Wish(most, LEASE, room, judge_at_take), **more)

    def event(self, kind: Kind, taken: Taken | None = None, ses_id: str = "ses-1", **more: Any) -> Event:
        """With our tags when it is about what was taken."""
        plain = Event(
            key=f"event-{next(self._number)}",
            kind=kind,
            ses_id=ses_id,
            message_id=taken.message.id if taken else None,
            attempt_id=taken.attempt_id if taken else None,
            recipient=taken.message.to.key if taken else "ana@example.net",
            at=self.clock(),
        )
        return replace(plain, **more)

    def bounce(self, taken: Taken | None = None, ses_id: str = "ses-1", **more: Any) -> Event:
        return self.event(Kind.BOUNCE, taken, ses_id, **({"bounce_type": BounceType.PERMANENT} | more))

    # trips

    async def account(self, **more: Any) -> Access:
        access = replace(
            Access(production=True, rate=100.0, quota=50_000.0, sent_24h=0.0, read_at=self.clock()), **more
        )
        await self.store.learn_access(access)
        return access

    async def add(self, *candidates: Candidate) -> list[Any]:
        return await self.store.add(candidates)

    async def added(self, *tos: str, **more: Any) -> list[str]:
        """Ids of messages that were stored, in whatever state."""
        answers = await self.store.add([self.candidate(to, **more) for to in tos or ("ana@example.net",)])
        return [answer.id for answer in answers if isinstance(answer, Added)]

    async def haul(self, most: int = 100, **more: Any) -> Haul:
        return await self.store.take(self.wish(most, **more))

    async def taken(self, most: int = 100, **more: Any) -> tuple[Taken, ...]:
        return (await self.haul(most, **more)).taken

    async def one_taken(self, to: str = "ana@example.net", **more: Any) -> Taken:
        await self.added(to, **more)
        [taken] = await self.taken()
        return taken

    async def finish(self, taken: Taken, outcome: Outcome, due_in: float | None = None) -> Moved:
        due_at = None if due_in is None else self.clock() + timedelta(seconds=due_in)
        [moved] = await self.store.finish([Finished(taken, outcome, self.clock(), due_at)])
        return moved

    async def sent(self, to: str = "ana@example.net", ses_id: str = "ses-1", **more: Any) -> Taken:
        taken = await self.one_taken(to, **more)
        await self.finish(taken, Sent(ses_id))
        return taken

    async def settle(self, *events: Event) -> list[Settled]:
        return await self.store.settle(events, consequences, self.clock())

    async def sweep(self, if_unknown: IfUnknown = IfUnknown.HOLD, most: int = 1000) -> Swept:
        return await self.store.sweep(Sweep(self.clock(), unknown_wait, lambda stream: if_unknown, most))

    async def story(self, message: str | Taken) -> Story:
        id_ = message if isinstance(message, str) else message.message.id
        [story] = await self.store.find([id_])
        assert story is not None
        return story

    async def state(self, message: str | Taken) -> State:
        return (await self.story(message)).state

    async def lines(self, message: str | Taken) -> list[tuple[str, str, str]]:
        """The ledger: what, why, by whom."""
        return [(entry.what, entry.why, entry.by) for entry in (await self.story(message)).ledger]

    async def used(self) -> float:
        return (await self.store.standing(self.clock())).used_24h

    async def counted(self, stream: str = "receipt") -> Mapping[str, int]:
        return {what: n for (of, what), n in (await self.store.counters()).items() if of == stream}


@pytest.fixture
async def post(store: Store, clock: MovableClock) -> Post:
    """A store whose account is out of the sandbox, 100 a second."""
    post = Post(store, clock)
    await post.account()
    return post
