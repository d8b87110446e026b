"""One day for all products: its hours pass when nobody has anything to do, and between them the clock runs fast."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from franked.doors.cli.demo.clock import MovableClock

PULSE = 0.05  # seconds
FAST = timedelta(seconds=0.5)  # in each pulse: ten times as fast, so that a pace of 14 a second is no wait
STILL = 8  # pulses in which nothing moves: whatever waits, waits for a later hour
JUMP = timedelta(seconds=5)  # less than a call may take

UnderWay = Callable[[], Awaitable[Sequence[int]]]  # figures; all 0: nothing is under way


@dataclass(slots=True)
class Agenda:
    """`under_way`: one of each product."""

    clock: MovableClock
    began: datetime
    players: int  # whose day is not over
    under_way: list[UnderWay] = field(default_factory=list)
    bells: list[Callable[[], None]] = field(default_factory=list)  # of workers, who sleep by another clock
    _waiting: list[tuple[datetime, asyncio.Future[None]]] = field(default_factory=list)
    _frozen: int = 0

    async def until(self, hour: float) -> None:
        """Waits until that hour of the day, for which all wait; mail that is under way goes first."""
        at = self.began + timedelta(hours=hour)
        woken = asyncio.get_running_loop().create_future()
        self._waiting.append((at, woken))
        await woken

    def leave(self) -> None:
        """A player's day is over."""
        self.players -= 1

    async def conduct(self) -> None:
        """Until every day is over, and everything has its outcome."""
        while self.players:
            if len(self._waiting) < self.players:
                await self._pulse()
                continue
            await self._settled()
            self._next()
            await asyncio.sleep(0)
        await self._settled()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The clock runs as clocks do."""
        self._frozen += 1
        try:
            yield
        finally:
            self._frozen -= 1

    def _next(self) -> None:
        """To the next hour that somebody waits for."""
        at = min(at for at, _ in self._waiting)
        self._move(max(at - self.clock(), timedelta(0)))
        due = [woken for moment, woken in self._waiting if moment <= at]
        self._waiting = [one for one in self._waiting if one[0] > at]
        for woken in due:
            woken.set_result(None)

    async def _pulse(self) -> None:
        await asyncio.sleep(PULSE)
        if not self._frozen:
            self.clock.move(FAST)

    async def _settled(self) -> None:
        before: list[int] = []
        still = 0
        while any(now := [figure for one in self.under_way for figure in await one()]):
            still = still + 1 if now == before else 0
            before = now
            await self._pulse()
            if still >= STILL:
                self._move(JUMP)

    def _move(self, by: timedelta) -> None:
        self.clock.move(by)
        for ring in self.bells:
            ring()
