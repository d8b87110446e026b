"""Far more mail at once than the line before the disk takes; and in the middle of it, people who wait for a code."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.commandline import Up
from tests.siege.caller import Caller, call, draft, post
from tests.siege.idlers import called

BETWEEN_CODES = 0.1  # seconds


@dataclass(slots=True)
class Flood:
    """`accepted`: the applications' own list, of whatever lane. `size`: of each request's body."""

    up: Up
    size: int = 0
    accepted: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    urgent: list[float] = field(default_factory=list)  # milliseconds until the 202
    waiting: int = 0
    waiting_at_most: int = 0
    turned_away: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: "count[int]" = field(default_factory=count)

    @asynccontextmanager
    async def pouring(self, connections: int) -> AsyncIterator[None]:
        """At the end of the block all hang up, whatever they wait for; only codes that were asked for are awaited."""
        callers = await called(self.up.url, connections)
        async with asyncio.TaskGroup() as group:
            hands = [group.create_task(self._pour(caller)) for caller in callers]
            hands.append(group.create_task(self._ask_for_codes(group)))
            yield
            for hand in hands:
                hand.cancel()
        for caller in callers:
            caller.hang_up()

    async def _pour(self, caller: Caller) -> None:
        """As an application that heeds Retry-After."""
        while True:
            to = f"reader{next(self._numbers)}@example.net"
            status, after = await self._post(caller, draft(to, "receipt", variables={"number": "R-1"}).ljust(self.size))
            self.answers[status] += 1
            if status == 429:
                self.turned_away.set()
            await asyncio.sleep(after)

    async def _ask_for_codes(self, people: asyncio.TaskGroup) -> None:
        while True:
            people.create_task(self._ask_for_a_code())
            await asyncio.sleep(BETWEEN_CODES)

    async def _ask_for_a_code(self) -> None:
        """On a connection of its own, as a person's sign-in would be."""
        began = time.monotonic()
        caller = await call(self.up.url)
        to = f"person{next(self._numbers)}@example.net"
        status, _ = await self._post(caller, draft(to, "sign-in-code", variables={"code": "424242"}))
        assert status == 202, f"a code was answered {status}"
        self.urgent.append(1000 * (time.monotonic() - began))
        caller.hang_up()

    async def _post(self, caller: Caller, body: bytes) -> tuple[int, float]:
        """The status, and how long to stay away."""
        self.waiting += 1
        self.waiting_at_most = max(self.waiting_at_most, self.waiting)
        await caller.say_all(post(body, self.up.key))
        heard = await caller.answer()
        self.waiting -= 1
        assert heard is not None, "a request had no answer"
        if heard.status == 202:
            self.accepted.append(heard.told["id"])
        return heard.status, float(heard.headers.get("retry-after", 0))


async def heavy(up: Up, number: int, size: int) -> Counter[int]:
    """Bodies of `size` bytes, all at once; each is sent once, and what it was answered is counted."""

    async def one(caller: Caller) -> int:
        text = {"subject": "Long", "text": "x" * 1000}
        caller.say(post(draft("heavy@example.net", "note", content=text).ljust(size), up.key))
        heard = await caller.answer()
        assert heard is not None, "a request had no answer"
        return heard.status

    callers = await called(up.url, number)
    answered = Counter(await asyncio.gather(*map(one, callers)))
    for caller in callers:
        caller.hang_up()
    return answered


def percentile(figures: Sequence[float], share: float) -> float:
    ranked = sorted(figures)
    return round(ranked[min(len(ranked) - 1, int(share * len(ranked)))], 1)
