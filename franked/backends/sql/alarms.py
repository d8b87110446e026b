"""What a person should look at: opened by key, once, until it is closed."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from franked.backends.sql.many import among, fetch, replacing, write
from franked.backends.sql.rows import moment, ms
from franked.backends.sql.schema import alarms
from franked.record import Alarm

_OPEN = replacing(alarms)
_FIND = select(alarms.c.key).where(among(alarms.c.key), alarms.c.closed_at.is_(None))
_CLOSE = update(alarms).where(alarms.c.key == bindparam("of")).values(closed_at=bindparam("now"))
_ALL = select(alarms).where(alarms.c.closed_at.is_(None)).order_by(alarms.c.opened_at, alarms.c.key)


def open_up(conn: Connection, new: Sequence[Alarm]) -> list[bool]:
    """True where it was not open. One that is open keeps its first text and time; a closed one opens again."""
    is_open = {row.key for row in fetch(conn, _FIND, [alarm.key for alarm in new])}
    opened: dict[str, Alarm] = {}
    answers = []
    for alarm in new:
        answers.append(alarm.key not in is_open and alarm.key not in opened)
        if answers[-1]:
            opened[alarm.key] = alarm
    write(conn, _OPEN, [_row(opened[key]) for key in sorted(opened)])
    return answers


def close(conn: Connection, keys: Sequence[str], now: int) -> list[bool]:
    """True where it was open. One read of a small shelf where none is, which is nearly always."""
    is_open = {row.key for row in fetch(conn, _FIND, keys)}
    write(conn, _CLOSE, [{"of": key, "now": now} for key in sorted(is_open)])
    answers = []
    for key in keys:
        answers.append(key in is_open)
        is_open.discard(key)
    return answers


def read(conn: Connection) -> list[Alarm]:
    """Those that are open."""
    return [Alarm(row.key, row.text, moment(row.opened_at)) for row in conn.execute(_ALL)]


def _row(alarm: Alarm) -> dict[str, object]:
    return {"key": alarm.key, "text": alarm.text, "opened_at": ms(alarm.opened_at), "closed_at": None}
