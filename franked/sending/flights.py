"""The calls under way: how many may be, and when there is room for more."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

from franked.rules import pace

_NEWEST = 1 / 16  # the share of the newest call in what a call takes


@dataclass(slots=True)
class Flights:
    """A place is taken from the composing of a mail until its outcome is recorded."""

    monotonic: Callable[[], float]
    most: int = pace.LEAST_IN_FLIGHT
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _seconds: float = 0.1  # that a place was taken, of late; before the first: what SES usually needs
    _wanted: int = 1
    _room: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def free(self) -> int:
        return max(0, self.most - len(self._calls))

    def start(self, call: Coroutine[object, object, None], name: str) -> None:
        began = self.monotonic()
        task = asyncio.create_task(call, name=name)
        self._calls.add(task)

        def landed(_: asyncio.Task[None]) -> None:
            self._calls.discard(task)
            self._seconds += _NEWEST * (self.monotonic() - began - self._seconds)
            if self.free >= self._wanted:
                self._room.set()

        task.add_done_callback(landed)

    def follow(self, speed: float) -> None:
        """`speed`: messages a second that the pace allows."""
        self.most = pace.in_flight(speed, self._seconds)

    async def room(self, wanted: int, within: float) -> None:
        """Until so many places are free; after `within` seconds one is enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._until(wanted)
        await self._until(1)

    async def _until(self, wanted: int) -> None:
        self._wanted = min(wanted, self.most)
        while self.free < self._wanted:
            self._room.clear()
            await self._room.wait()

    async def land(self) -> None:
        await asyncio.gather(*self._calls)
