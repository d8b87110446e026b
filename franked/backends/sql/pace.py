"""The one token bucket, the lanes that wait, and how much of the quota is used: what every take asks first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from franked.backends.sql import account, brake, quota
from franked.backends.sql.many import ignoring, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.backends.sql.schema import bucket as buckets
from franked.backends.sql.schema import lane_waits
from franked.record import PaceStanding
from franked.rules import pace
from franked.rules.governor import Step
from franked.rules.lane import Lane
from franked.rules.pace import Access, Bucket, LaneWait

_KEEP = replacing(buckets)
_BEGIN = ignoring(buckets)
_READ = select(buckets)
_DRAW = _READ.with_for_update()  # whoever draws from it, or slows it, has it alone
_CLOSE = replacing(lane_waits)
_WAITS = select(lane_waits).where(lane_waits.c.until > bindparam("now"))


@dataclass(frozen=True, slots=True)
class Pace:
    """The shelf at one moment, its bucket refilled."""

    access: Access
    kept: Bucket  # as the row says
    bucket: Bucket
    used: float
    waits: Mapping[Lane, LaneWait]
    step: Step = Step.NONE  # of the governor


def read(conn: Connection, now: datetime, bucket: Callable[[Connection, Access, datetime], Bucket]) -> Pace | None:
    """None until the account was read once. `bucket`: drawn_from for who changes it, looked_at for who does not."""
    access = account.read(conn)
    if access is None:
        return None
    kept = bucket(conn, access, now)
    step, braked = brake.waits(conn, now)
    closed = {**waits(conn, now), **braked}
    return Pace(access, kept, pace.refilled(kept, access, now), _used(conn, access, now), closed, step)


def standing(conn: Connection, now: datetime) -> PaceStanding:
    now = moment(ms(now))
    if (found := read(conn, now, looked_at)) is not None:
        return PaceStanding(found.access, found.bucket, found.used, found.waits)
    return PaceStanding(None, Bucket(0.0, now), float(quota.in_24h(conn, ms(now))), waits(conn, now))


def looked_at(conn: Connection, access: Access, now: datetime) -> Bucket:
    """As it was kept; full before the first message."""
    row = conn.execute(_READ).one_or_none()
    return _full(access, now) if row is None else _bucket(row)


def drawn_from(conn: Connection, access: Access, now: datetime) -> Bucket:
    """The same, for this transaction alone. The row is made before it is locked, so that no two find none."""
    row = conn.execute(_DRAW).one_or_none()
    if row is None:
        write(conn, _BEGIN, [_row(_full(access, now))])
        row = conn.execute(_DRAW).one()
    return _bucket(row)


def keep(conn: Connection, bucket: Bucket) -> None:
    write(conn, _KEEP, [_row(bucket)])


def _full(access: Access, now: datetime) -> Bucket:
    return Bucket(pace.depth(access, Bucket(0.0, now)), now)


def _bucket(row: Row[Any]) -> Bucket:
    return Bucket(row.tokens, moment(row.at), row.factor, row.trouble, moment_or_none(row.slowed_at))


def _row(bucket: Bucket) -> dict[str, object]:
    kept = {name: getattr(bucket, name) for name in ("tokens", "factor", "trouble")}
    return {"only": 1, "at": ms(bucket.at), "slowed_at": ms_or_none(bucket.slowed_at), **kept}


def waits(conn: Connection, now: datetime) -> dict[Lane, LaneWait]:
    """Of the lanes that are closed now."""
    rows = conn.execute(_WAITS, {"now": ms(now)})
    return {Lane(row.lane): LaneWait(moment(row.until), row.why) for row in rows}


def close(conn: Connection, closing: Mapping[Lane, LaneWait]) -> None:
    rows = [{"lane": lane.value, "until": ms(wait.until), "why": wait.why} for lane, wait in closing.items()]
    write(conn, _CLOSE, sorted(rows, key=lambda row: str(row["lane"])))


def close_one(conn: Connection, closing: tuple[Lane, LaneWait]) -> None:
    close(conn, dict([closing]))


def prolong(conn: Connection, closing: Mapping[Lane, LaneWait], now: datetime) -> None:
    """As `close`, but a lane that waits longer already goes on doing so."""
    known = waits(conn, now)
    close(conn, {lane: wait for lane, wait in closing.items() if lane not in known or known[lane].until < wait.until})


def _used(conn: Connection, access: Access, now: datetime) -> float:
    return pace.used_24h(float(quota.in_24h(conn, ms(now))), access, float(account.own_since_read(conn, ms(now))))
