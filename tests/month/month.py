"""One sender's month: mail goes in by `accept`, out by the worker, and comes back by the webhook, within the hour."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from franked.backends.local import Share
from franked.backends.local.topic import Topic
from franked.doors.running import Running, running
from franked.enquiry import Cancel, Enquiry
from franked.ports import World
from franked.rules.draft import Draft
from franked.rules.governor import BrakeRelease
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.settings.reputation import AtLimit, Governor
from franked.wiring import RECORD, Ses, Simulator
from tests.month.ending import GONE, SPAM, Found, ended
from tests.month.senders import Sender, senders
from tests.product import MovableClock, settings_in

STEPS = 10  # of a working day, an hour each
AT_ONCE = 500
RATE = 1000.0
CALLER = Caller("k_month", "month", frozenset())
LANES = {Lane.URGENT: ("sign-in-code", {"code": "424242"}), Lane.NORMAL: ("receipt", {"number": "R-1"})}
BULK = "digest", {"count": 3}
FULL, GOOD = "full.example.net", "example.org"


@dataclass(slots=True)
class Lag:
    """Events come back within the hour, in no order. Only bounces and complaints are published."""

    topic: Topic
    now: Callable[[], datetime]
    chance: Random
    waiting: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    def publish(self, event: dict[str, Any]) -> None:
        if event.get("eventType") in {"Bounce", "Complaint"}:
            self.waiting.append((self.now() + timedelta(minutes=self.chance.uniform(0, 60)), event))

    def let_go(self) -> None:
        now = self.now()
        due = [event for at, event in self.waiting if at <= now]
        self.waiting = [one for one in self.waiting if one[0] > now]
        for event in due:
            Topic.publish(self.topic, event)


@dataclass(slots=True)
class Month:
    sender: Sender
    franked: Running
    simulator: Simulator
    clock: MovableClock
    record: Path
    lag: Lag
    chance: Random
    number: int = 0
    held: int = 0
    is_clean_now: bool = False  # its list was cleaned after a stop

    @property
    def world(self) -> World:
        return self.franked.world

    async def play(self, days: int) -> None:
        for day in range(days):
            await self._release()
            for drafts in self._drafts(day):
                for start in range(0, len(drafts), AT_ONCE):
                    await accept(drafts[start : start + AT_ONCE], CALLER, self.world)
                await self._an_hour()
            for _ in range(2):
                await self._an_hour()
            waiting = await self.world.store.count_waiting()
            self.held = max(self.held, waiting.get(State.QUEUED, 0))
            self.clock.move(hours=24 - STEPS - 2)

    def _drafts(self, day: int) -> Iterator[list[Draft]]:
        """An hour's each."""
        sender = self.sender
        bad, gone = sender.imports.get(day, (0, 0.0)) if not self.is_clean_now else (0, 0.0)
        if sender.a_day == 0:  # 13 in all
            yield [self._draft(Lane.NORMAL, self._address(1.0 if day == 5 else 0.0, 0.0, 0.0))] if day < 13 else []
            return
        steps = max(2, min(STEPS, sender.a_day // 60))
        for _ in range(steps):
            drafts = [self._draft(self._lane(), self._of_day(day)) for _ in range(sender.a_day // steps)]
            drafts += [self._draft(Lane.BULK, self._address(gone, 0.0, 0.0)) for _ in range(bad // steps)]
            self.chance.shuffle(drafts)
            yield drafts

    def _of_day(self, day: int) -> str:
        sender = self.sender
        if self.is_clean_now:
            return self._address(0.004, 0.0001, sender.soft(day))
        return self._address(sender.bounce(day), sender.complaint(day), sender.soft(day))

    def _address(self, bounce: float, complaint: float, soft: float) -> str:
        self.number += 1
        drawn = self.chance.random()
        domain = GONE if drawn < bounce else SPAM if drawn < bounce + complaint else GOOD
        if domain == GOOD and self.chance.random() < soft:
            domain = FULL
        return f"p{self.number}@{domain}"

    def _lane(self) -> Lane:
        return self.chance.choices((Lane.URGENT, Lane.NORMAL, Lane.BULK), (1, 5, 4))[0]

    def _draft(self, lane: Lane, to: str) -> Draft:
        stream, variables = LANES.get(lane, BULK)
        now = self.world.now()
        return Draft(stream=stream, to=to, trigger=Trigger("month", "account-1", now, None), variables=variables)

    async def _an_hour(self) -> None:
        """What may go is sent; then the hour passes, in which events come back."""
        await self._drained()
        for _ in range(4):
            self.clock.move(minutes=15)
            self.lag.let_go()
            await self.simulator.quiet(60)
            self.world.bell.ring()
            await self._drained()

    async def _drained(self) -> None:
        """Until nothing moves any more: what is queued then stands behind the brake."""
        still, before = 0, (-1, -1)
        while still < 4:
            waiting = await self.world.store.count_waiting()
            now = waiting.get(State.QUEUED, 0), waiting.get(State.SENDING, 0)
            if now == (0, 0):
                return
            still = still + 1 if now == before else 0
            before = now
            self.clock.move(seconds=0.5)
            await asyncio.sleep(0.02)

    async def _release(self) -> None:
        """In the morning somebody looks, mends what can be mended, and says so."""
        brake = await self.world.store.brake()
        if brake.step.is_stop:
            self.is_clean_now = self.sender.mends
            if self.sender.mends:
                await self._clean()
            asked = BrakeRelease("ana", "bounces of an old list", "the list was cleaned", self.world.now())
            await self.world.store.release_brake([asked])
            self.world.bell.ring()

    async def _clean(self) -> None:
        """What waits for addresses of the bad list is taken back."""
        below: str | None = ""
        while below is not None:
            page = await self.world.store.enquire(Enquiry(below=below, most=1000, state=State.QUEUED))
            bad = [Cancel(item.id, "ana") for item in page.items if item.to.key.endswith(GONE)]
            await self.world.store.cancel(bad)
            below = page.next


async def month(sender: Sender, folder: Path, days: int, seed: int) -> Found:
    clock, chance = MovableClock(), Random(f"{seed} {sender.name}")
    settings = settings_in(folder, ('level = "debug"', 'level = "error"'))
    settings = replace(
        settings,
        governor=Governor(AtLimit(sender.at_limit)),
        simulator=replace(settings.simulator, rate=RATE, quota=-1.0),
        streams={name: replace(one, per_recipient=None) for name, one in settings.streams.items()},
    )
    async with AsyncExitStack() as stack:
        franked = await stack.enter_async_context(running(settings, Ses.SIMULATED, clock, StringIO()))
        simulator = franked.wired.simulator
        assert simulator is not None
        _fates(simulator)
        lag = Lag(simulator.office.topic, clock, chance)
        simulator.office.topic.publish = lag.publish  # type: ignore[method-assign]
        played = Month(sender, franked, simulator, clock, settings.store.directory / RECORD, lag, chance)
        await played.play(days)
        return await ended(sender, franked.world.store, simulator, played.record, played.held)


def month_of(name: str, folder: Path, days: int, seed: int) -> Found:
    """In a process of its own. A sender has functions in it, which no process hands to another."""
    sender = next(one for one in senders(seed) if one.name == name)
    found = asyncio.run(month(sender, folder / name, days, seed))
    shutil.rmtree(folder / name)
    return found


def _fates(simulator: Simulator) -> None:
    simulator.people(GONE, Share(bounce=1.0))
    simulator.people(SPAM, Share(complaint=1.0))
    simulator.people(FULL, Share(full=1.0))
