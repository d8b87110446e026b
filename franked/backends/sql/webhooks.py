"""How each endpoint of webhooks does: what was told, since when it fails, and whether it is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Column, Connection, Integer, Row, Table, Text, func, select

from franked.backends.sql import alarms, outbox
from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import alone, among, fetch, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.record import Alarm
from franked.rules.webhook import Called, Health, Notice, Turn, after, alarm_of, enabled, rests_until, room, turn

webhooks = Table(
    "webhooks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("told", Integer, nullable=False),
    Column("given_up", Integer, nullable=False),
    time("told_at", known=False),
    time("failing_since", known=False),
    time("failed_at", known=False),
    text("why"),
    time("disabled_at", known=False),
)

_KEEP = replacing(webhooks)
_FIND = select(webhooks).where(among(webhooks.c.name))
_WAITING = (
    select(outbox.outbox.c.endpoint, func.count().label("waiting"))
    .where(among(outbox.outbox.c.endpoint), outbox.WAITS)
    .group_by(outbox.outbox.c.endpoint)
)


@dataclass(frozen=True, slots=True)
class Taking:
    endpoint: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Replaying:
    """Those behind the id `after`, or from `since` on."""

    endpoint: str
    since: datetime
    after: str
    most: int


def healths(conn: Connection, names: Sequence[str]) -> list[Health]:
    found = _found(conn, names)
    waiting = {row.endpoint: row.waiting for row in fetch(conn, _WAITING, names)}
    return [replace(found[name], waiting=waiting.get(name, 0)) for name in names]


def next_due(conn: Connection, endpoint: str) -> datetime | None:
    """None: nothing waits, or it is left alone."""
    at = outbox.next_due(conn, endpoint)
    health = _found(conn, [endpoint])[endpoint]
    if at is None or not room(health):
        return None
    return max(moment(at), rests_until(health) or moment(at))


def take(conn: Connection, asked: Sequence[Taking], desk: Desk) -> list[list[Notice]]:
    found = _found(conn, [one.endpoint for one in asked])
    return [
        outbox.take(conn, one.endpoint, room(found[one.endpoint]), desk.now(), ms(one.lease_until)) for one in asked
    ]


def finish(conn: Connection, called: Sequence[Called], desk: Desk) -> list[Turn | None]:
    """What that call turned its endpoint to."""
    alone(conn, webhooks)  # who has no row yet could not be locked
    known = _found(conn, [one.notice.endpoint for one in called])
    turns = []
    for one in called:
        name = one.notice.endpoint
        before, known[name] = known[name], after(known[name], one)
        turns.append(turn(before, known[name]))
    outbox.finish(conn, called)
    write(conn, _KEEP, [_row(known[name]) for name in sorted(known)])
    left_alone = [one for one, turned in zip(called, turns, strict=True) if turned is Turn.DISABLED]
    alarms.open_up(conn, [_alarm(one, known) for one in left_alone])
    return turns


def _alarm(one: Called, known: dict[str, Health]) -> Alarm:
    name = one.notice.endpoint
    since = known[name].failing_since
    how = f"has failed since {since:%Y-%m-%d %H:%M} UTC" if since else "wants no more"
    text = f"the webhook {name} {how} ({one.why}): nothing is sent to it until `franked webhooks enable {name}`"
    return Alarm(alarm_of(name), text, one.at)


def enable(conn: Connection, names: Sequence[str], desk: Desk) -> list[bool]:
    """True where it was left alone. What has waited for it goes at once."""
    alone(conn, webhooks)
    known = _found(conn, names)
    was_disabled = {name for name, health in known.items() if health.disabled_at is not None}
    write(conn, _KEEP, [_row(enabled(known[name])) for name in sorted(was_disabled)])
    for name in sorted(was_disabled):
        outbox.wake(conn, name, desk.now())
    alarms.close(conn, [alarm_of(name) for name in sorted(was_disabled)], desk.now())
    return [name in was_disabled for name in names]


def replay(conn: Connection, asked: Sequence[Replaying], desk: Desk) -> list[list[str]]:
    return [
        outbox.replay(conn, one.endpoint, one.after or outbox.first_at(ms(one.since)), one.most, desk.now())
        for one in asked
    ]


def _found(conn: Connection, names: Sequence[str]) -> dict[str, Health]:
    found = {row.name: _value(row) for row in fetch(conn, _FIND, names)}
    return {name: found.get(name) or Health(name) for name in names}


def _row(health: Health) -> dict[str, object]:
    return {
        "name": health.name,
        "told": health.told,
        "given_up": health.given_up,
        "told_at": ms_or_none(health.told_at),
        "failing_since": ms_or_none(health.failing_since),
        "failed_at": ms_or_none(health.failed_at),
        "why": health.why,
        "disabled_at": ms_or_none(health.disabled_at),
    }


def _value(row: Row[Any]) -> Health:
    return Health(
        name=row.name,
        told=row.told,
        given_up=row.given_up,
        told_at=moment_or_none(row.told_at),
        failing_since=moment_or_none(row.failing_since),
        failed_at=moment_or_none(row.failed_at),
        why=row.why,
        disabled_at=moment_or_none(row.disabled_at),
    )
