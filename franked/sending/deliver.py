"""Messages come due: take those that may go, send them at once, record what happened."""

import asyncio
from datetime import datetime, timedelta

from franked.formats.mail import Mail
from franked.ports import World
from franked.record import Finished, Haul, Lease, Moved, Wish
from franked.rules import backoff, pace, verdict
from franked.rules.message import Due, State, Taken
from franked.rules.outcome import Delay, Outcome, TryLater, Unknown, word
from franked.rules.verdict import Case, Drop, Facts, Verdict
from franked.sending.compose import compose
from franked.sending.flights import Flights
from franked.store import StoreUnavailable

CALL_WITHIN = timedelta(seconds=10)  # a worker that was paused longer than this does not call
LONGEST_REST = 5.0  # seconds a worker sleeps without looking, should a bell be lost
BETWEEN_LOOKS = 0.05  # seconds, while the pace or a place is what mail waits for: however often the bell rings
AT_ONCE = 256  # in one take: the next is on its way while these are sent
AFTER_TROUBLE = 1.0  # seconds until a store that failed is asked again


async def work(world: World, stop: asyncio.Event) -> None:
    """Take and send until `stop` is set; then wait for the calls in flight. The leases that are left are given back
    by whoever owns the process."""
    flights = Flights(world.monotonic)
    while not stop.is_set():
        haul = await _take(min(flights.free, AT_ONCE), world)
        for taken in haul.taken:
            flights.start(send(taken, world), taken.attempt_id)
        await _rest(haul, flights, world)
    await flights.land()


async def _take(most: int, world: World) -> Haul:
    lease = Lease(CALL_WITHIN, world.declared.call_deadline)
    wish = Wish(most, lease, pace.room, lambda due, facts: judge(due, facts, world), for_urgent=pace.KEPT_FOR_URGENT)
    try:
        return await world.store.take(wish)
    except StoreUnavailable as error:
        world.log("store_unavailable", level="error", why=str(error))
    except Exception as error:  # the one worker must outlive any single fault
        world.log("fault", level="error", exc_info=error)
    return Haul((), world.now() + timedelta(seconds=AFTER_TROUBLE))


def judge(due: Due, facts: Facts, world: World) -> Verdict:
    """The verdict at take, which does not ask for the trigger again. A stream that is no longer declared sends nothing
    more."""
    stream = world.declared.streams.get(due.stream)
    if stream is None:
        return Drop("stream_removed")
    case = Case(stream, due.to, stream.sender, None, due.useful_until)
    return verdict.at_take(case, facts)


async def _rest(haul: Haul, flights: Flights, world: World) -> None:
    """Until there are places for many more, something is due, a token is free, or the bell rings."""
    flights.follow(haul.speed)
    if haul.is_full:
        await flights.room(AT_ONCE, BETWEEN_LOOKS)
        return
    if haul.is_paced:
        await world.sleep(BETWEEN_LOOKS)
    due = haul.next_due
    seconds = LONGEST_REST if due is None else (due - world.now()).total_seconds()
    if seconds > 0:
        await world.bell.wait(min(seconds, LONGEST_REST))
    else:
        await asyncio.sleep(0)
    await flights.room(1, 0)


async def send(taken: Taken, world: World) -> None:
    """One attempt, from composing to its outcome in the record."""
    started = world.monotonic()
    outcome = await _attempt(taken, world)
    moved = await _record(_finished(taken, outcome, world), world)
    if moved is None:
        return
    died = moved.moved and moved.state is State.DEAD
    world.log(
        "dead" if died else "attempt",
        level="error" if died else _level(outcome),
        message=taken.message.id,
        attempt=taken.attempt,
        request=taken.message.request_id,
        stream=taken.message.stream,
        to=taken.message.to,
        outcome=word(outcome),
        state=moved.state.value,
        milliseconds=round(1000 * (world.monotonic() - started)),
        **_said(outcome),
    )


def _level(outcome: Outcome) -> str:
    return "warning" if isinstance(outcome, TryLater) and outcome.why.stops else "info"


async def _record(finished: Finished, world: World) -> Moved | None:
    """What SES answered is worth keeping at hand while the store can't write. None: the lease is over, and the attempt
    stays open in the ledger, where the sweep settles it as unknown."""
    while True:
        try:
            [moved] = await world.store.finish([finished])
            return moved
        except StoreUnavailable as error:
            of = finished.taken.message
            world.log("outcome_not_recorded", level="error", message=of.id, request=of.request_id, why=str(error))
        if world.now() >= finished.taken.lease_until:
            return None
        await world.sleep(AFTER_TROUBLE)


async def _attempt(taken: Taken, world: World) -> Outcome:
    """What happens before the call can be tried again; whatever goes wrong in it leaves the outcome unknown."""
    try:
        mail = await compose(taken, world)
    except StoreUnavailable as error:
        return TryLater(Delay.CONNECTION, f"the template could not be read: {error}")
    except Exception as error:
        of = taken.message
        world.log("fault", level="error", message=of.id, request=of.request_id, exc_info=error)
        return TryLater(Delay.FAULT, f"composing failed: {type(error).__name__}")
    return await _call(mail, taken, world) if isinstance(mail, Mail) else mail


async def _call(mail: Mail, taken: Taken, world: World) -> Outcome:
    try:
        return await world.transport.send(mail, taken.call_by)
    except Exception as error:
        return Unknown(f"the transport failed: {type(error).__name__}")


def _finished(taken: Taken, outcome: Outcome, world: World) -> Finished:
    now = world.now()
    due_at = _due_again(taken, outcome, now, world.rand()) if isinstance(outcome, TryLater) else None
    return Finished(taken, outcome, now, due_at)


def _due_again(taken: Taken, outcome: TryLater, now: datetime, jitter: float) -> datetime:
    if outcome.why.costs_a_try:
        return backoff.after_try(taken.tries + 1, taken.message.lane, now, jitter)
    return backoff.after_free(outcome.why, now, jitter)


def _said(outcome: Outcome) -> dict[str, str]:
    match outcome:
        case TryLater(why, detail):
            return {"why": why.value, "detail": detail}
        case Unknown(detail):
            return {"detail": detail}
        case _:
            return {name: value for name in ("ses_id", "why", "detail") if (value := getattr(outcome, name, None))}
