"""Sweep: what time alone decides. Each step is bounded, so that no transaction grows with the backlog."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from franked.backends.sql import attempts, dockets, early, quota
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line
from franked.backends.sql.rows import ms
from franked.backends.sql.schema import EXPIRES, HELD, UNKNOWN_OUTCOME, in_state, messages
from franked.record import Sweep, Swept
from franked.rules.backoff import used_up
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.stream import IfUnknown

BY = "sweep"

_NOW: BindParameter[int] = bindparam("now")
_MOST: BindParameter[int] = bindparam("most")
_EXPIRED = (
    select(*dockets.COLUMNS)
    .where(EXPIRES, messages.c.useful_until <= _NOW)
    .order_by(messages.c.useful_until)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)
_LEASE_ENDED = (
    select(*dockets.COLUMNS)
    .where(in_state("sending"), messages.c.lease_until <= _NOW)
    .order_by(messages.c.lease_until)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)
_WAITED = (
    select(*dockets.COLUMNS)
    .where(in_state("unknown"), messages.c.lease_until <= _NOW, messages.c.lane == bindparam("lane"))
    .order_by(messages.c.lease_until)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)
_HOLD_ENDED = (
    select(*dockets.COLUMNS)
    .where(HELD, messages.c.held_until <= _NOW)
    .order_by(messages.c.held_until)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)


def sweep(conn: Connection, sweeps: Sequence[Sweep], desk: Desk) -> list[Swept]:
    return [_sweep(conn, asked, desk) for asked in sweeps]


def _sweep(conn: Connection, asked: Sweep, desk: Desk) -> Swept:
    expired = _expire(conn, asked, desk)
    unknown, requeued = _end_leases(conn, asked, desk)
    decided = _decide_unknown(conn, asked, desk)
    released = _release(conn, asked, desk)
    early.give_up(conn, ms(asked.now))
    quota.forget(conn, ms(asked.now))
    return Swept(
        requeued=requeued,
        unknown=unknown,
        resent=decided["resend"],
        held=decided["held"],
        dropped=decided["dropped"],
        expired=expired,
        released=released,
    )


def _find(conn: Connection, which: Select[Any], asked: Sweep, until: int, **more: object) -> list[Docket]:
    rows = conn.execute(which, {"now": until, "most": asked.most, **more})
    return [dockets.docket_of(row) for row in rows]


def _record(conn: Connection, lines: Sequence[Line], desk: Desk) -> None:
    dockets.move(conn, [line.docket for line in lines], desk)
    dockets.enter(conn, lines, desk)


def _expire(conn: Connection, asked: Sweep, desk: Desk) -> int:
    now = ms(asked.now)
    late = _find(conn, _EXPIRED, asked, now)
    dropped = [replace(docket, state=State.DROPPED, reason="expired", held_until=None) for docket in late]
    _record(conn, [Line(docket, "dropped", now, BY, "expired") for docket in dropped], desk)
    return len(dropped)


def _end_leases(conn: Connection, asked: Sweep, desk: Desk) -> tuple[int, int]:
    """An attempt under the lease may have been a call: `unknown`. Without one there was none: back to the queue."""
    now = ms(asked.now)
    ended = _find(conn, _LEASE_ENDED, asked, now)
    called = attempts.find(conn, [docket.id for docket in ended])
    unknown = [replace(one, state=State.UNKNOWN) for one in ended if (one.id, one.attempt) in called]
    uncalled = [one for one in ended if (one.id, one.attempt) not in called]
    queued = [replace(one, state=State.QUEUED, lease_until=None) for one in uncalled]
    attempts.give_up(conn, [(docket.id, docket.attempt) for docket in unknown], now)
    why = "the lease ended without an answer"
    _record(conn, [Line(docket, docket.state.value, now, BY, why) for docket in [*unknown, *queued]], desk)
    return len(unknown), len(queued)


def _decide_unknown(conn: Connection, asked: Sweep, desk: Desk) -> Counter[str]:
    """No event came in time that proves acceptance: the stream says what is worse, a copy or a loss."""
    now = ms(asked.now)
    waited: list[Docket] = []
    for lane in Lane:
        waited += _find(conn, _WAITED, asked, ms(asked.now - asked.unknown_wait(lane)), lane=lane.value)
    lines = [_decided(docket, asked.if_unknown(docket.stream), now) for docket in waited]
    _record(conn, lines, desk)
    return Counter(line.what for line in lines)


def _decided(docket: Docket, if_unknown: IfUnknown, now: int) -> Line:
    over = replace(docket, lease_until=None, reason=UNKNOWN_OUTCOME)
    match if_unknown:
        case IfUnknown.RESEND if not used_up(docket.tries + 1):  # a copy costs a try: there is an end to copies
            again = replace(over, state=State.QUEUED, reason=None, due_at=now, tries=docket.tries + 1)
            return Line(again, "resend", now, BY, UNKNOWN_OUTCOME)
        case IfUnknown.RESEND | IfUnknown.HOLD:
            return Line(replace(over, state=State.HELD, held_until=None), "held", now, BY, UNKNOWN_OUTCOME)
        case IfUnknown.DROP:
            return Line(replace(over, state=State.DROPPED), "dropped", now, BY, UNKNOWN_OUTCOME)


def _release(conn: Connection, asked: Sweep, desk: Desk) -> int:
    now = ms(asked.now)
    held = _find(conn, _HOLD_ENDED, asked, now)
    _record(conn, [Line(dockets.released(docket), "released", now, BY, docket.reason or "") for docket in held], desk)
    return len(held)
