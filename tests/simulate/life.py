"""One process of Franked: its worker, its rounds, what it is asked. All of it is volatile: a crash leaves nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar

from franked.backends.bell import AsyncioBell
from franked.feedback.listen import listen
from franked.ports import World
from franked.record import Swept
from franked.sending.deliver import LONGEST_REST, work
from franked.sending.refresh import refresh
from franked.sending.replay import release_readable
from franked.sending.sweep import sweep
from franked.store import StoreUnavailable
from tests.simulate.loop import VirtualLoop, context_of

ACCOUNT_EVERY = 180.0  # seconds, as in doors/running
SWEEP_EVERY = 1.0
DULLEST_ROUND = 1200.0  # the simulated hours are long: where nothing happens, rounds come less often
DULLEST_REST = 1280.0
MANY_ROUNDS = 3

R = TypeVar("R")


class NoAnswer(Exception):
    """The process is not there, or went away before it answered."""


class Life:
    """`open_world` is called in the life itself. `ended`: it could not start, or has stopped as it was told."""

    def __init__(
        self, number: int, loop: VirtualLoop, open_world: Callable[[], World], ended: Callable[[], None], alone: bool
    ) -> None:
        self.number = number
        self._loop, self._open, self._ended, self._alone = loop, open_world, ended, alone
        self._told_to_stop = asyncio.Event()
        self.may_call = True  # SES: until its worker has ended
        self._context = context_of(number)
        self._world: World | None = None
        self._asked: set[asyncio.Future[Any]] = set()
        loop.create_task(self._live(), context=self._context)

    def ask(self, question: Callable[[World], Awaitable[R]]) -> "asyncio.Future[R]":
        """From outside: the answer, or NoAnswer."""
        answer: asyncio.Future[R] = self._loop.create_future()
        answer.add_done_callback(_seen)
        if self._world is None:
            answer.set_exception(NoAnswer())
        else:
            self._asked.add(answer)
            answer.add_done_callback(self._asked.discard)
            self._loop.create_task(_answered(question, self._world, answer), context=self._context)
        return answer

    def end(self) -> None:
        """At once and without a word: nothing of it runs again."""
        self._loop.kill(self.number)
        self._world = None
        for answer in list(self._asked):
            if not answer.done():
                answer.set_exception(NoAnswer())

    def stop(self) -> None:
        self._told_to_stop.set()

    async def _live(self) -> None:
        """In the order of doors/running."""
        world = self._open()
        with suppress(StoreUnavailable):
            if self._alone:
                await world.store.end_leases()
            await release_readable(world)
            stop = asyncio.Event()
            worker = asyncio.create_task(work(world, stop))
            rounds = [asyncio.create_task(one) for one in _rounds(world, stop)]
            self._world = world
            await refresh(world)
            await self._told_to_stop.wait()
            self._world = None
            stop.set()
            world.bell.ring()
            await worker
            self.may_call = False
            for one in rounds:
                one.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)
            if self._alone:
                await world.store.end_leases()
        self._ended()


async def _answered(question: Callable[[World], Awaitable[R]], world: World, answer: "asyncio.Future[R]") -> None:
    try:
        result = await question(world)
    except Exception as error:
        if not answer.done():
            answer.set_exception(error)
    else:
        if not answer.done():
            answer.set_result(result)


def _seen(answer: "asyncio.Future[Any]") -> None:
    if not answer.cancelled():
        answer.exception()


def _rounds(world: World, stop: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
    return [_sweeps(world), _refreshes(world), *([listen(world.feed, world, stop)] if world.feed else [])]


async def _sweeps(world: World) -> None:
    rest = SWEEP_EVERY
    while True:
        await world.sleep(rest)
        with suppress(StoreUnavailable):
            swept = await sweep(world)
            rest = SWEEP_EVERY if swept != Swept() else min(rest * 2, DULLEST_ROUND)


async def _refreshes(world: World) -> None:
    for number in count():
        await world.sleep(ACCOUNT_EVERY if number < MANY_ROUNDS else DULLEST_ROUND)
        with suppress(StoreUnavailable):
            await refresh(world)


class LazyBell:
    """A bell whose listener, when nothing is due, sleeps longer each time: what rings must ring."""

    def __init__(self) -> None:
        self._bell = AsyncioBell()
        self._rest = LONGEST_REST

    def ring(self) -> None:
        self._rest = LONGEST_REST
        self._bell.ring()

    async def wait(self, seconds: float) -> None:
        if seconds < LONGEST_REST:
            await self._bell.wait(seconds)
            return
        self._rest, rest = min(self._rest * 4, DULLEST_REST), self._rest
        await self._bell.wait(rest)
