"""Both lists drift apart and are reconciled on a clock that is moved; now and then killed."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from franked.enquiry import Lift
from franked.ports import Leaf, ListThrottled, NoPut, SuppressionList, World
from franked.reputation.reconcile import reconcile
from franked.rules.address import Address
from franked.rules.at_ses import Phase, Reason
from franked.rules.person import Erasure, Whose
from franked.sending.refresh import refresh
from franked.settings import Settings
from franked.wiring import Ses, Simulator, Wired, opened
from tests.product import settings_in
from tests.reconcile.lists import HOUR, Person, Story, drift, people

AT_ONCE = 500
TICK = timedelta(seconds=0.5)  # whoever calls at each tick calls too often
Tell = Callable[[str], None]


class Killed(BaseException):
    """The process ended between a call and its record."""


T = TypeVar("T")


@dataclass(slots=True)
class Clock:
    at: datetime = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Watch:
    """When which call was made; and when the process is killed."""

    clock: Clock
    kills: set[int]
    calls: list[tuple[datetime, str]] = field(default_factory=list)
    throttled: int = 0

    @property
    def shortest(self) -> float:
        """Seconds between two calls."""
        return min(((later - before).total_seconds() for (before, _), (later, _) in pairwise(self.calls)), default=1.0)

    @property
    def by_kind(self) -> Counter[str]:
        return Counter(kind for _, kind in self.calls)


@dataclass(frozen=True, slots=True)
class Watched:
    """The port, watched."""

    ses: SuppressionList
    watch: Watch

    async def reasons(self) -> frozenset[str]:
        return self._noted("account", await self.ses.reasons())

    async def switch_on(self) -> None:
        await self._paced(self.ses.switch_on())
        self._noted("account", None)

    async def honoured_by(self, configuration_set: str) -> frozenset[str] | None:
        return self._noted("account", await self.ses.honoured_by(configuration_set))

    async def page(self, since: datetime | None, token: str | None) -> Leaf | None:
        return self._noted("list", await self._paced(self.ses.page(since, token)))

    async def put(self, address: str, reason: Reason) -> NoPut | None:
        return self._noted("put", await self._paced(self.ses.put(address, reason)))

    async def remove(self, spelled: str) -> bool:
        return self._noted("remove", await self._paced(self.ses.remove(spelled)))

    async def _paced(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except ListThrottled:
            self.watch.throttled += 1
            raise

    def _noted(self, kind: str, answer: T) -> T:
        self.watch.calls.append((self.watch.clock(), kind))
        if len(self.watch.calls) in self.watch.kills:
            raise Killed
        return answer


@dataclass(frozen=True, slots=True)
class Found:
    entries: int
    drifted: int  # in the end
    calls: dict[str, int]
    shortest: float  # seconds between two calls
    throttled: int
    moved: float  # seconds, on the moved clock
    killed: int
    conflicts: int
    again: dict[str, int]  # calls that change something, in a second whole round
    seconds: float  # in fact

    @property
    def clean(self) -> bool:
        return not self.drifted and self.shortest >= 1 and not self.throttled and not self.again


async def run(entries: int, kills: int, seed: int, folder: Path, tell: Tell) -> Found:
    clock, began = Clock(), monotonic()
    everybody = list(people(entries, seed))
    work = sum(one.is_at_ses for one in everybody) // 1000 + sum(one.story is Story.OURS for one in everybody)
    watch = Watch(clock, {work * (number + 1) // (kills + 1) + 2 for number in range(kills)})
    settings = settings_in(folder)
    async with opened(settings, Ses.SIMULATED, clock, StringIO()) as wired:
        await _fill(everybody, wired, clock)
        tell(f"{entries} entries stand on two lists")
    started = clock()
    killed = await _reconcile(settings, watch, tell)
    first, moved = watch.by_kind, (clock() - started).total_seconds()
    async with opened(settings, Ses.SIMULATED, clock, StringIO()) as wired:
        drifted = drift(everybody, await _here(everybody, wired.world), _at_ses(_simulator(wired)))
        conflicts = await wired.world.store.count_ses_conflicts()
        await wired.world.store.ask_reconcile(clock())
    for one in drifted[:20]:
        tell(f"drifted: {one}")
    await _reconcile(settings, watch, tell)
    again = {kind: number for kind, number in (watch.by_kind - first).items() if kind in {"put", "remove"}}
    return Found(
        entries, len(drifted), dict(first), watch.shortest, watch.throttled, round(moved), killed, conflicts, again,
        round(monotonic() - began, 1),
    )  # fmt: skip


async def _reconcile(settings: Settings, watch: Watch, tell: Tell) -> int:
    """To its end. How often it was killed."""
    killed = 0
    while True:
        try:
            async with opened(settings, Ses.SIMULATED, watch.clock, StringIO()) as wired:
                simulator, ses = _simulator(wired), wired.world.suppression_list
                assert ses is not None
                simulator.suppressed.limit(1.0)
                await refresh(wired.world)
                await _to_the_end(replace(wired.world, suppression_list=Watched(ses, watch)), watch, tell)
                return killed
        except Killed:
            killed += 1
            watch.clock.at += timedelta(seconds=1)


async def _to_the_end(world: World, watch: Watch, tell: Tell) -> None:
    while True:
        before, might_call = len(watch.calls), (await world.store.reconcile_stand()).may_call(world.now())
        await reconcile(world)
        if len(watch.calls) // 5000 > before // 5000:
            tell(f"{len(watch.calls)} calls")
        watch.clock.at += TICK
        if might_call and len(watch.calls) == before and await _is_over(world):
            return


async def _is_over(world: World) -> bool:
    stand = await world.store.reconcile_stand()
    return stand.phase is Phase.IDLE and not stand.is_under_way


async def _fill(everybody: list[Person], wired: Wired, clock: Clock) -> None:
    store, book = wired.world.store, _simulator(wired).suppressed
    for one in everybody:
        if one.is_at_ses:
            book.put(one.spelled, one.reason)
    for some in _slices([it for one in everybody if (it := one.ours(clock()))]):
        await store.suppress(some)
    clock.at += HOUR
    for some in _slices([one for one in everybody if one.story in {Story.LIFTED, Story.RELISTED}]):
        await store.lift([Lift(one.key, "Ben", "the mailbox is back") for one in some])
    for one in everybody:
        if one.story is Story.ERASED:
            whose = Whose(Address.of_spelled(one.key), frozenset())
            await store.erase([Erasure(whose, "Ben", "asked by letter")])
    clock.at += HOUR
    for one in everybody:
        if one.story is Story.RELISTED:
            book.put(one.spelled, one.reason)
    clock.at += HOUR


def _slices(some: list[Any]) -> Iterator[list[Any]]:
    return (some[start : start + AT_ONCE] for start in range(0, len(some), AT_ONCE))


async def _here(everybody: list[Person], world: World) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in _slices([one.key for one in everybody]):
        found.update(zip(some, await world.store.suppressed(some), strict=True))
    return found


def _at_ses(simulator: Simulator) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for spelled, entry in simulator.suppressed.entries.items():
        found.setdefault(spelled.casefold(), set()).add(entry.reason)
    return found


def _simulator(wired: Wired) -> Simulator:
    assert wired.simulator is not None
    return wired.simulator
