"""Faults planted on purpose, beneath the ports: a simulation that does not find each of them proves nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import text

from franked.backends.local.account import Limits
from franked.backends.local.faults import Fault, SendFault, When
from franked.formats.mail import Mail
from franked.ports import Store, Transport, World
from franked.record import Added, Candidate, Finished, Haul, Moved, Sweep, Swept, Wish
from franked.rules.event import Event
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.outcome import Delay, Outcome, Sent, TryLater, Unknown
from franked.rules.pace import Room
from franked.rules.verdict import Send
from tests.simulate.plan import (
    OUT_OF_THE_SANDBOX,
    EventLuck,
    Mishap,
    NewLimits,
    Plan,
    Post,
    SecondWorker,
    Suppressed,
    Weather,
)
from tests.simulate.stage import Tampered

ANA = "ana@example.net"


class _Beneath:
    """A port of which one verb does something else."""

    def __init__(self, port: Any, **verbs: Callable[..., Awaitable[Any]]) -> None:
        self._port = port
        self.__dict__.update(verbs)

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._port, verb)


def store_with(**verbs: Callable[..., Callable[..., Awaitable[Any]]]) -> Tampered:
    """Each verb is made from the true store."""

    def tampered(world: World) -> World:
        made = {name: make(world.store) for name, make in verbs.items()}
        return replace(world, store=cast(Store, _Beneath(world.store, **made)))

    return tampered


def transport_with(send: Callable[[Transport], Callable[[Mail, datetime], Awaitable[Outcome]]]) -> Tampered:
    def tampered(world: World) -> World:
        return replace(world, transport=cast(Transport, _Beneath(world.transport, send=send(world.transport))))

    return tampered


# --- transports -------------------------------------------------------------------------------------------------------


def sends_twice(true: Transport) -> Callable[[Mail, datetime], Awaitable[Outcome]]:
    async def send(mail: Mail, call_by: datetime) -> Outcome:
        await true.send(mail, call_by)
        return await true.send(mail, call_by)

    return send


def never_calls(true: Transport) -> Callable[[Mail, datetime], Awaitable[Outcome]]:
    async def send(mail: Mail, call_by: datetime) -> Outcome:
        return Sent("made-up")

    return send


def calls_too_late(true: Transport) -> Callable[[Mail, datetime], Awaitable[Outcome]]:
    async def send(mail: Mail, call_by: datetime) -> Outcome:
        return await true.send(mail, call_by + timedelta(days=1))

    return send


def retries_what_is_unknown(true: Transport) -> Callable[[Mail, datetime], Awaitable[Outcome]]:
    async def send(mail: Mail, call_by: datetime) -> Outcome:
        outcome = await true.send(mail, call_by)
        return TryLater(Delay.CONNECTION, outcome.detail) if isinstance(outcome, Unknown) else outcome

    return send


# --- stores -----------------------------------------------------------------------------------------------------------


def forgets_what_it_accepts(true: Store) -> Callable[..., Awaitable[Any]]:
    async def add(candidates: Sequence[Candidate]) -> list[Added]:
        return [Added(one.message.id, State.QUEUED, None) for one in candidates]

    return add


def forgets_the_key(true: Store) -> Callable[..., Awaitable[Any]]:
    """Stored under another one."""

    async def add(candidates: Sequence[Candidate]) -> Any:
        return await true.add([replace(one, idempotency_key=one.message.id) for one in candidates])

    return add


def forgets_outcomes(true: Store) -> Callable[..., Awaitable[Any]]:
    async def finish(finished: Sequence[Finished]) -> list[Moved]:
        return [Moved(one.taken.message.id, State.SENT, moved=True) for one in finished]

    return finish


def forgets_events(true: Store) -> Callable[..., Awaitable[Any]]:
    async def settle(events: Sequence[Event], draw: object, now: datetime) -> list[object]:
        return []

    return settle


def ignores_suppressions(true: Store) -> Callable[..., Awaitable[Any]]:
    async def take(wish: Wish) -> Haul:
        return await true.take(replace(wish, judge=lambda message, facts: Send()))

    return take


def ignores_pace_and_quota(true: Store) -> Callable[..., Awaitable[Any]]:
    async def take(wish: Wish) -> Haul:
        return await true.take(replace(wish, room=lambda *_: Room(100, dict.fromkeys(Lane, 100))))

    return take


def hands_out_twice(true: Store) -> Callable[..., Awaitable[Any]]:
    async def take(wish: Wish) -> Haul:
        haul = await true.take(wish)
        return replace(haul, taken=haul.taken * 2)

    return take


def ends_living_leases(true: Store) -> Callable[..., Awaitable[Any]]:
    async def sweep(sweep: Sweep) -> Swept:
        await true.end_leases()
        return await true.sweep(sweep)

    return sweep


def sweeps_nothing(true: Store) -> Callable[..., Awaitable[Any]]:
    async def sweep(sweep: Sweep) -> Swept:
        return Swept()

    return sweep


def releases_nothing(true: Store) -> Callable[..., Awaitable[Any]]:
    async def release(why: str, most: int, scope: frozenset[str] | None = None) -> int:
        return 0

    return release


def also(statement: str) -> Callable[[Store], Callable[..., Awaitable[Any]]]:
    """A finish that does something more to the record."""

    def made(true: Store) -> Callable[..., Awaitable[Any]]:
        async def finish(finished: Sequence[Finished]) -> list[Moved]:
            moved = await true.finish(finished)
            with true._readers.begin() as conn:  # type: ignore[attr-defined]  # nothing else can break it
                conn.execute(text(statement))
            return moved

        return finish

    return made


# --- what must be found -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planted:
    name: str
    tampered: Tampered
    plan: Plan
    rule: str  # which must be found broken


def _plan(*posts: str, **more: Any) -> Plan:
    actions = [Post(0.5 + number, stream, ANA, f"k{number}") for number, stream in enumerate(posts)]
    return Plan(**({"seed": "planted", "actions": (*actions, *more.pop("also", ()))} | more))


_BURST = tuple(Post(0.5, "receipt", f"reader{n}@example.net") for n in range(6))
_RESET = Weather(0.0, Fault(SendFault.RESET, when=When.AFTER))
_SLOW = Weather(0.0, Fault(SendFault.SLOW, when=When.AFTER, seconds=20.0))
_NO_EVENTS = EventLuck(lost_send=1.0, lost=1.0)
_SANDBOX = Limits(production=False, rate=1.0, quota=200.0)
_DIGESTS = _plan("digest", "digest", "digest")

PLANTED: Sequence[Planted] = (
    Planted("a transport that sends twice", transport_with(sends_twice), _plan("receipt"), "copies"),
    Planted("a transport that says sent and calls nobody", transport_with(never_calls), _plan("receipt"), "lost"),
    Planted(
        "a transport that ignores call_by",
        transport_with(calls_too_late),
        _plan("code", also=(SecondWorker(5.0),), mishaps={("transport.send", 1): Mishap.PAUSED}),
        "call_by",
    ),
    Planted(
        "a transport that calls the unknown try_later",
        transport_with(retries_what_is_unknown),
        _plan("receipt", also=(_RESET,), luck=_NO_EVENTS),
        "copies",
    ),
    Planted("an add that forgets", store_with(add=forgets_what_it_accepts), _plan("receipt"), "lost"),
    Planted(
        "an add that forgets the key",
        store_with(add=forgets_the_key),
        Plan("planted", (Post(0.5, "receipt", ANA, "k1", twice=True),)),
        "idempotency",
    ),
    Planted("a finish that forgets", store_with(finish=forgets_outcomes), _plan("receipt"), "durable"),
    Planted("a settle that forgets", store_with(settle=forgets_events), _plan("receipt"), "durable"),
    Planted(
        "a judge that ignores suppressions",
        store_with(take=ignores_suppressions),
        _plan("receipt", also=(Weather(0.0, Fault(SendFault.RATE)), Suppressed(0.6, ANA))),
        "suppression",
    ),
    Planted(
        "a take that ignores the pace",
        store_with(take=ignores_pace_and_quota),
        Plan("planted", _BURST, limits=Limits(production=True, rate=1.0, quota=200.0)),
        "pace",
    ),
    Planted(
        "a take that ignores the quota",
        store_with(take=ignores_pace_and_quota),
        Plan(
            "planted",
            (*_BURST, NewLimits(30.0, OUT_OF_THE_SANDBOX)),
            limits=Limits(production=True, rate=50.0, quota=3.0),
        ),
        "quota",
    ),
    Planted("a take that hands out twice", store_with(take=hands_out_twice), _plan("receipt"), "copies"),
    Planted(
        "a sweep that ends living leases",
        store_with(sweep=ends_living_leases),
        _plan("code", also=(_SLOW,), luck=_NO_EVENTS),
        "lease",
    ),
    Planted(
        "a sweep that does nothing",
        store_with(sweep=sweeps_nothing),
        _plan("code", also=(_RESET,), luck=_NO_EVENTS, latest=3600.0),
        "end",
    ),
    Planted(
        "a release that does nothing",
        store_with(release=releases_nothing),
        _plan("receipt", also=(NewLimits(10.0, OUT_OF_THE_SANDBOX),), limits=_SANDBOX),
        "holds",
    ),
    Planted(
        "a counter that counts twice",
        store_with(finish=also("UPDATE counters SET n = n + 1 WHERE what = 'accepted'")),
        _DIGESTS,
        "counters",
    ),
    Planted(
        "a state that moves against the arrows",
        store_with(finish=also("UPDATE messages SET state = 'queued', due_at = 0 WHERE state = 'sent'")),
        _DIGESTS,
        "arrows",
    ),
    Planted(
        "variables that stay",
        store_with(finish=also("UPDATE messages SET state = 'delivered', variables = x'00' WHERE state = 'sent'")),
        _DIGESTS,
        "variables",
    ),
)
