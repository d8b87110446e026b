"""Ports of which one verb does something else than it says."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import text

from franked.backends.sql.store import SqlStore
from franked.formats.mail import Mail
from franked.ports import Transport, World
from franked.record import Added, Candidate, Finished, Haul, Lease, Moved, Sweep, Swept, Wish
from franked.rules.event import Event
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.outcome import Delay, Outcome, Sent, TryLater, Unknown
from franked.rules.pace import Room
from franked.rules.verdict import Send
from franked.store import Store
from tests.simulate.stage import Tampered


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


def sweeps_without_waiting(true: Store) -> Callable[..., Awaitable[Any]]:
    async def sweep(sweep: Sweep) -> Swept:
        return await true.sweep(replace(sweep, unknown_wait=lambda lane: timedelta(0)))

    return sweep


def leases_briefly(true: Store) -> Callable[..., Awaitable[Any]]:
    async def take(wish: Wish) -> Haul:
        return await true.take(replace(wish, lease=Lease(wish.lease.call_within, timedelta(0))))

    return take


def releases_nothing(true: Store) -> Callable[..., Awaitable[Any]]:
    async def release(why: str, most: int, scope: frozenset[str] | None = None) -> int:
        return 0

    return release


def also(statement: str, **values: object) -> Callable[[Store], Callable[..., Awaitable[Any]]]:
    """A finish that does something more to the record."""
    broken = text(statement).bindparams(**values)

    def made(true: Store) -> Callable[..., Awaitable[Any]]:
        async def finish(finished: Sequence[Finished]) -> list[Moved]:
            moved = await true.finish(finished)
            await cast(SqlStore, true)._read(lambda conn: conn.execute(broken))  # nothing else can break it
            return moved

        return finish

    return made
