"""A look at the record and the account, now and then: what is wrong opens its alarm, and closes it once it is right."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from franked.enquiry import Stop
from franked.ports import World
from franked.record import Alarm, PaceStanding
from franked.rules.canary import Canary, sentence
from franked.rules.canary import Step as CanaryStep
from franked.rules.governor import stopped
from franked.rules.lane import Lane
from franked.rules.rates import FEW, MANY, last_sends
from franked.rules.watch import WATCHED, Seen, found


class Watch:
    """One process's. It remembers from one look to the next what stood still, by its own watch and not the clock's
    time: a clock that is moved is no trouble."""

    def __init__(self, world: World) -> None:
        self.seen: Seen | None = None  # at the last look
        self._world = world
        self._due: Mapping[Lane, datetime] = {}
        self._read: tuple[datetime | None, float] = (None, world.monotonic())

    async def look(self) -> None:
        """Raises StoreUnavailable."""
        store = self._world.store
        seen = self.seen = await self._look()
        is_open = {one.key: one.opened_at for one in await store.alarms()}
        wanted = found(seen, is_open)
        await store.close_alarms(sorted((WATCHED & is_open.keys()) - wanted.keys()))
        new = [Alarm(key, text, seen.now) for key, text in wanted.items() if key not in is_open]
        for alarm, is_new in zip(new, await store.open_alarms(new), strict=True):
            if is_new:
                self._world.log("alarm_opened", level="warning", alarm=alarm.key, what=alarm.text)

    async def _look(self) -> Seen:
        store, now = self._world.store, self._world.now()
        standing, brake, lately = await store.standing(now), await store.brake(), await store.seen(now)
        return Seen(
            now=now,
            dead=(await store.count_stopped())[Stop.DEAD],
            waits=await self._standing_still(now),
            stopped=stopped(brake.step),
            why={lane: wait.why for lane, wait in standing.waits.items()},
            access=standing.access,
            used=standing.used_24h,
            unread_for=self._unread_for(standing),
            lately=(last_sends(lately, FEW), last_sends(lately, MANY)),
            canary=_broken(await store.canary(), now),
        )

    async def _standing_still(self, now: datetime) -> Mapping[Lane, timedelta]:
        """Lanes whose first mail was due at the last look, too."""
        before, self._due = self._due, await self._world.store.due_since()
        return {lane: now - at for lane, at in self._due.items() if before.get(lane) == at and at <= now}

    def _unread_for(self, standing: PaceStanding) -> timedelta:
        read_at = standing.access.read_at if standing.access else None
        if read_at != self._read[0]:
            self._read = (read_at, self._world.monotonic())
        return timedelta(seconds=self._world.monotonic() - self._read[1])


def _broken(canary: Canary, now: datetime) -> str:
    failed = canary.last is not None and canary.last.step is CanaryStep.FAILED
    return sentence(canary, now) if failed else ""
