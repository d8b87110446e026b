"""A Franked and its account on a clock that jumps to what is due next: minutes of sending pass in a moment."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from franked.backends.bell import AsyncioBell
from franked.backends.local.account import Limits, SimulatedAccount, Standing
from franked.backends.local.direct import DirectSes, Road
from franked.backends.local.faults import Faults
from franked.backends.local.letter import Letter
from franked.backends.sql.rows import ms
from franked.backends.sql.store import SqlStore
from franked.doors.running import ACCOUNT_EVERY, SWEEP_EVERY
from franked.formats.mail import MESSAGE_TAG
from franked.ports import World
from franked.record import Added, Haul, Story, Wish
from franked.rules.message import State, message_id
from franked.sending.accept import accept
from franked.sending.deliver import work
from franked.sending.refresh import refresh
from franked.sending.sweep import sweep
from tests.simulate.events import REGION, Certificates
from tests.simulate.loop import VirtualLoop
from tests.simulate.product import CALLER, DECLARED, LINKS, SENDING_DOMAIN, START, KnownTemplates, draft
from tests.simulate.sqlite import SqliteRecord
from tests.states import states_in

T = TypeVar("T")

ALWAYS_USEFUL = {
    name: replace(stream, useful_for=timedelta(days=7), per_recipient=None) for name, stream in DECLARED.streams.items()
}


class Watched(SqlStore):
    """Says when it is asked for mail."""

    looked: Callable[[], None]

    async def take(self, wish: Wish) -> Haul:
        self.looked()
        return await super().take(wish)


@dataclass(slots=True)
class Product:
    """One process that is never restarted; SES answers in tens of milliseconds."""

    loop: VirtualLoop
    account: SimulatedAccount
    faults: Faults
    taken: list[Letter] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)  # when the worker asked the store for mail
    ids: list[str] = field(default_factory=list)
    luck: Random = field(default_factory=lambda: Random(1))
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.loop.create_task(self._live())
        self.run(1)

    def post(self, messages: int, stream: str = "receipt") -> list[str]:
        """Each to a reader of its own."""
        first = len(self.ids)
        drafts = [draft(stream, f"reader{first + n}@example.net", self.now(), None) for n in range(messages)]
        answers = self._ask(lambda world: accept(drafts, CALLER, world))
        new = [answer.id for answer in answers if isinstance(answer, Added)]
        self.ids += new
        return new

    def run(self, seconds: float) -> None:
        until = self.loop.time() + seconds
        self.loop.run_until(lambda: False, until)
        self.loop.leap(until - self.loop.time())

    def until_sent(self, within: float) -> float:
        """How long it took, to the second."""
        started = self.loop.time()
        while self.states() != {State.SENT: len(self.ids)}:
            assert self.loop.time() - started < within, self.states()
            self.run(1)
        return self.loop.time() - started

    def states(self) -> Mapping[State, int]:
        return self._ask(lambda world: states_in(world.store))

    def stories(self) -> Sequence[Story]:
        return [story for story in self._ask(lambda world: world.store.find(self.ids)) if story]

    def copies(self) -> Counter[str]:
        return Counter(dict(letter.tags)[MESSAGE_TAG] for letter in self.taken)

    def sent(self, ids: Sequence[str]) -> int:
        """How many of them the account has taken."""
        return len(self.copies().keys() & set(ids))

    def now(self) -> datetime:
        return START + timedelta(seconds=self.loop.time())

    def _ask(self, question: Callable[[World], Awaitable[T]]) -> T:
        answer = self.loop.create_task(_asked(question, self.world))
        self.loop.run_until(answer.done, self.loop.time() + 60)
        return answer.result()

    async def _live(self) -> None:
        """The tasks of doors.running, at its intervals."""
        self.world = world = self._opened()
        await refresh(world)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work(world, asyncio.Event()))
            tasks.create_task(_every(SWEEP_EVERY, lambda: sweep(world)))
            tasks.create_task(_every(ACCOUNT_EVERY, lambda: refresh(world)))

    def _opened(self) -> World:
        bell = AsyncioBell()
        road = Road(connect=self._little, there=self._little, back=self._little)
        ses = DirectSes(self.account, self.now, self.taken.append, self.faults, road)
        store = SqliteRecord(self.now).open(bell.ring, lambda: self.luck.uniform(0.001, 0.01), Watched)
        store.looked = lambda: self.looks.append(self.loop.time())
        return World(
            store=store,
            bell=bell,
            transport=ses,
            account=ses,
            templates=KnownTemplates(),
            web=Certificates(),
            declared=replace(DECLARED, streams=ALWAYS_USEFUL),
            links=LINKS,
            now=self.now,
            monotonic=self.loop.time,
            sleep=asyncio.sleep,
            new_id=lambda: message_id(ms(self.now()), self.luck.getrandbits(80)),
            rand=self.luck.random,
            draw=self.luck.randrange,
            log=lambda event, **said: None,
        )

    def _little(self) -> float:
        return self.luck.uniform(0.01, 0.04)


async def _asked(question: Callable[[World], Awaitable[T]], world: World) -> T:
    return await question(world)


async def _every(seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await act()


@contextmanager
def product(rate: float = 14.0, quota: float = 50_000.0) -> Iterator[Product]:
    """Out of the sandbox."""
    loop = VirtualLoop("pace")
    standing = Standing(Limits(True, rate, quota), {SENDING_DOMAIN: True})
    account = SimulatedAccount(REGION, standing, lambda: START + timedelta(seconds=loop.time()), lambda _: None)
    try:
        yield Product(loop, account, Faults())
    finally:
        loop.close()
