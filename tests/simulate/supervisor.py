"""Whoever starts Franked, and starts it again when it has died."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from franked.ports import World
from tests.simulate.life import Life, NoAnswer
from tests.simulate.loop import OUTSIDE, VirtualLoop
from tests.simulate.trace import Trace

R = TypeVar("R")


class Supervisor:
    """`alone`: one process at a time, so that a new one may end the leases of the one before."""

    def __init__(
        self, loop: VirtualLoop, open_world: Callable[[], World], random: Random, trace: Trace, alone: bool
    ) -> None:
        self._loop, self._open, self._random, self._trace, self._alone = loop, open_world, random, trace, alone
        self._lives: dict[int, Life] = {}
        self._born = 0
        self.deaths = 0

    def begin(self) -> None:
        self._born += 1
        number = self._born
        self._trace.say(f"process {number} starts")
        self._lives[number] = Life(number, self._loop, self._open, lambda: self._ended(number), self._alone)

    def may_call(self, number: int) -> bool:
        """Its worker lives, and has not stopped in good order."""
        return number in self._lives and self._lives[number].may_call

    def kill(self, number: int) -> None:
        if number in self._lives:
            self.deaths += 1
            self._trace.say(f"process {number} dies")
            self._ended(number)

    def _ended(self, number: int) -> None:
        life = self._lives.pop(number, None)
        if life:
            life.end()
            self._loop.call_later(self._random.uniform(0.2, 5.0), self.begin, context=OUTSIDE)

    def stop_one(self) -> None:
        if self._lives:
            self._trace.say(f"process {min(self._lives)} is told to stop")
            self._lives[min(self._lives)].stop()

    def pause_one(self, seconds: float) -> None:
        if self._lives:
            self._trace.say(f"process {min(self._lives)} stands still for {seconds:.1f} s")
            self._loop.pause(min(self._lives), seconds)

    def ask(self, question: Callable[[World], Awaitable[R]]) -> "asyncio.Future[R]":
        """Of the process that was started last."""
        if self._lives:
            return self._lives[max(self._lives)].ask(question)
        nobody: asyncio.Future[R] = self._loop.create_future()
        nobody.set_exception(NoAnswer())
        return nobody
