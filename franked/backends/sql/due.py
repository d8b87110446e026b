"""Which queued messages are due, and when it is worth asking again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select

from franked.backends.sql import dockets
from franked.backends.sql.pace import Pace
from franked.backends.sql.rows import moment, ms
from franked.backends.sql.schema import QUEUED, TO_ADMINS, messages
from franked.record import Wish
from franked.rules import pace
from franked.rules.address import Address
from franked.rules.lane import Lane
from franked.rules.message import Due

SPARE = 32  # picked beyond the room: some of the due may have to be dropped or held
SMALL = 16_000  # bytes of sealed contents that are read along
ASK_AGAIN = timedelta(minutes=1)  # a used-up quota frees itself by and by, an account that was paused is read again

_PICK = (
    select(
        *dockets.COLUMNS,
        messages.c.recipient,
        messages.c.address_key,
        messages.c.template_version,
        messages.c.trigger_by,
        messages.c.useful_until,
        func.length(messages.c.contents).label("size"),
        case((func.length(messages.c.contents) <= SMALL, messages.c.contents)).label("contents"),
    )
    .where(QUEUED, messages.c.lane == bindparam("lane"), messages.c.due_at <= bindparam("now"))
    .order_by(messages.c.due_at, messages.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_FOR_ADMINS = _PICK.where(TO_ADMINS)
_EARLIEST = (
    select(messages.c.due_at).where(QUEUED, messages.c.lane == bindparam("lane")).order_by(messages.c.due_at).limit(1)
)


def pick(conn: Connection, lane: Lane, most: int, now: datetime) -> list[Row[Any]]:
    """What is asked before they go. Contents that are large are left out: most may go, but not all."""
    return list(conn.execute(_PICK, {"lane": lane.value, "now": ms(now), "most": most}))


def pick_for_admins(conn: Connection, most: int, now: datetime) -> list[Row[Any]]:
    """Franked's own mail to those who can release what stands still."""
    return list(conn.execute(_FOR_ADMINS, {"lane": Lane.URGENT.value, "now": ms(now), "most": most}))


def since(conn: Connection) -> Mapping[Lane, datetime]:
    """When the first of each lane was, or will be due."""
    found = ((lane, conn.execute(_EARLIEST, {"lane": lane.value}).scalar()) for lane in Lane)
    return {lane: moment(earliest) for lane, earliest in found if earliest is not None}


def due_of(row: Row[Any]) -> Due:
    return Due(row.id, row.stream, Address(row.recipient, row.address_key), moment(row.useful_until))


@dataclass(frozen=True, slots=True)
class Next:
    """When to ask again (None: nothing waits in the lanes asked for), and whether what is due now had no token."""

    at: datetime | None
    is_paced: bool


def next_due(conn: Connection, wish: Wish, found: Pace, now: datetime) -> Next:
    """`found` as this take leaves it."""
    full = pace.Bucket(pace.depth(found.access, found.bucket), now, found.bucket.factor)
    at_best = wish.room(full, found.access, found.used, found.waits, now)
    times: list[datetime] = []
    is_paced = False
    for lane in wish.lanes:
        earliest = conn.execute(_EARLIEST, {"lane": lane.value}).scalar()
        if earliest is None:
            continue
        if wait := found.waits.get(lane):
            times.append(max(moment(earliest), wait.until))
        elif moment(earliest) > now:
            times.append(moment(earliest))
        else:
            is_paced = True
            times.append(_next_slice(found, now) if at_best.lanes.get(lane, 0) > 0 else now + ASK_AGAIN)
    return Next(min(times, default=None), is_paced)


def _next_slice(found: Pace, now: datetime) -> datetime:
    """A refill is worth one second at most, so a slow bucket is asked each second."""
    seconds = min(1.0, pace.next_slice(found.bucket, found.access))
    return now + timedelta(milliseconds=max(1, ceil(seconds * 1000)))
