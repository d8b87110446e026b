"""What a person should look at: opened by key, once, until it is closed; and when people are to be told of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.many import Insert, PerDialect, among, fetch, write
from franked.backends.sql.rows import moment, moment_or_none, ms
from franked.record import Alarm, Heard
from franked.rules.alarm import AGAIN_AFTER

alarms = Table(
    "alarms",
    metadata,
    Column("key", Text, primary_key=True),
    text("text"),
    time("opened_at"),
    time("closed_at", known=False),
    time("told_at", known=False),
    Column("tellings", Integer, nullable=False),
    time("tell_at", known=False),  # when people are to hear of it, for the first time, again, or that it is over
    Index("alarms_to_tell", "tell_at"),
)

REMIND_AFTER = int(AGAIN_AFTER.total_seconds() * 1000)
OVER_FOR = int(timedelta(minutes=10).total_seconds() * 1000)  # then it is over; what opens again before goes on


def _opening(insert: Insert) -> Any:
    """A row that somebody else has opened meanwhile stays as it is."""
    others = {column.name: insert.excluded[column.name] for column in alarms.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=["key"], set_=others, where=alarms.c.closed_at.is_not(None))


_OPEN = PerDialect(_opening(sqlite.insert(alarms)), _opening(postgresql.insert(alarms)))
_FIND = select(alarms).where(among(alarms.c.key))
_LOCK = _FIND.order_by(alarms.c.key).with_for_update()
_CLOSE = (
    update(alarms)
    .where(alarms.c.key == bindparam("of"), alarms.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"), tell_at=bindparam("over_at"))
)
_ALL = select(alarms).where(alarms.c.closed_at.is_(None)).order_by(alarms.c.opened_at, alarms.c.key)
_TO_TELL = (
    select(alarms)
    .where(alarms.c.tell_at <= bindparam("now"))
    .order_by(alarms.c.opened_at, alarms.c.key)
    .with_for_update(skip_locked=True)
)
_CLAIM = update(alarms).where(alarms.c.key == bindparam("of")).values(tell_at=bindparam("until"))
_HEARD = (
    update(alarms)
    .where(alarms.c.key == bindparam("of"))
    .values(told_at=bindparam("at"), tellings=bindparam("n"), tell_at=bindparam("again_at"))
)


def open_up(conn: Connection, new: Sequence[Alarm]) -> list[bool]:
    """True where it was not open. One that is open keeps its first text and time; a closed one opens again."""
    known = {row.key: row for row in fetch(conn, _FIND, [alarm.key for alarm in new])}
    opened: dict[str, Alarm] = {}
    answers = []
    for alarm in new:
        answers.append(not _is_open(known.get(alarm.key)) and alarm.key not in opened)
        if answers[-1]:
            opened[alarm.key] = alarm
    write(conn, _OPEN, [_row(opened[key], known.get(key)) for key in sorted(opened)])
    return answers


def close(conn: Connection, keys: Sequence[str], now: int) -> list[bool]:
    """True where it was open. One read of a small shelf where none is, which is nearly always."""
    seen = [row.key for row in fetch(conn, _FIND, keys) if _is_open(row)]
    found = [row for row in fetch(conn, _LOCK, seen) if _is_open(row)]
    write(conn, _CLOSE, [_closing(row, now) for row in found])
    is_open = {row.key for row in found}
    answers = []
    for key in keys:
        answers.append(key in is_open)
        is_open.discard(key)
    return answers


def read(conn: Connection) -> list[Alarm]:
    """Those that are open."""
    return [_value(row) for row in conn.execute(_ALL)]


def claim(conn: Connection, now: int, until: int) -> list[Alarm]:
    """Those that people are to be told of, this caller's alone until then."""
    found = conn.execute(_TO_TELL, {"now": now}).all()
    write(conn, _CLAIM, [{"of": row.key, "until": until} for row in found])
    return [_value(row) for row in found]


def hear(conn: Connection, heard: Sequence[Heard]) -> list[bool]:
    """False where it is another alarm by now."""
    known = {row.key: row for row in fetch(conn, _LOCK, [one.alarm.key for one in heard])}
    rows = [_heard(one, known.get(one.alarm.key)) for one in heard]
    write(conn, _HEARD, [row for row in rows if row])
    return [row is not None for row in rows]


def _closing(row: Row[Any], now: int) -> dict[str, object]:
    """Of what nobody ever heard nobody need hear that it is over."""
    return {"of": row.key, "now": now, "over_at": None if row.told_at is None else now + OVER_FOR}


def _heard(one: Heard, row: Row[Any] | None) -> dict[str, object] | None:
    if row is None or moment(row.opened_at) != one.alarm.opened_at:
        return None
    if one.alarm.closed_at is not None:
        again_at = None if row.closed_at is not None else row.tell_at
    else:  # it may be over by now: that is to be told, too
        again_at = ms(one.again_at) if row.closed_at is None else row.closed_at + OVER_FOR
    return {"of": row.key, "at": ms(one.at), "n": row.tellings + 1, "again_at": again_at}


def _is_open(row: Row[Any] | None) -> bool:
    return row is not None and row.closed_at is None


def _row(alarm: Alarm, before: Row[Any] | None) -> dict[str, object]:
    """What opens again before anybody heard that it was over goes on as it was."""
    stands = _begun(alarm) if before is None or before.tell_at is None else _going_on(before)
    return {"key": alarm.key, "text": alarm.text, "closed_at": None, **stands}


def _begun(alarm: Alarm) -> Mapping[str, object]:
    return {"opened_at": ms(alarm.opened_at), "told_at": None, "tellings": 0, "tell_at": ms(alarm.opened_at)}


def _going_on(before: Row[Any]) -> Mapping[str, object]:
    kept = {name: getattr(before, name) for name in ("opened_at", "told_at", "tellings")}
    return {**kept, "tell_at": before.told_at + REMIND_AFTER}


def _value(row: Row[Any]) -> Alarm:
    times = moment(row.opened_at), moment_or_none(row.closed_at), moment_or_none(row.told_at)
    return Alarm(row.key, row.text, *times, row.tellings)
