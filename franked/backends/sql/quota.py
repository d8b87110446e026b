"""Our own count against the rolling 24-hour quota, in minutes."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, func, select, update

from franked.backends.sql.many import adding, write
from franked.backends.sql.schema import sent_minutes

MINUTE = 60_000  # milliseconds
DAY = 24 * 60 * MINUTE

_ADD = adding(sent_minutes, "sent")
_GIVE_BACK = (
    update(sent_minutes)
    .where(sent_minutes.c.minute == bindparam("of"))
    .values(sent=sent_minutes.c.sent + bindparam("more"))
)
_SINCE = select(func.coalesce(func.sum(sent_minutes.c.sent), 0)).where(sent_minutes.c.minute >= bindparam("minute"))
_IN_MINUTE = select(func.coalesce(func.sum(sent_minutes.c.sent), 0)).where(sent_minutes.c.minute == bindparam("minute"))
_FORGET = delete(sent_minutes).where(sent_minutes.c.minute < bindparam("minute"))


def minute_of(at: int) -> int:
    return at - at % MINUTE


def add(conn: Connection, at: int, recipients: int) -> None:
    if recipients:
        write(conn, _ADD, [{"minute": minute_of(at), "sent": recipients}])


def correct(conn: Connection, changes: Mapping[int, int]) -> None:
    """By the minute of the attempt. A minute that was forgotten stays so."""
    by_minute: Counter[int] = Counter()
    for at, more in changes.items():
        by_minute[minute_of(at)] += more
    write(conn, _GIVE_BACK, [{"of": minute, "more": more} for minute, more in sorted(by_minute.items()) if more])


def in_24h(conn: Connection, now: int) -> int:
    """The oldest minute counts whole while a part of it is still inside."""
    return since(conn, now - DAY)


def since(conn: Connection, at: int) -> int:
    return int(conn.execute(_SINCE, {"minute": minute_of(at)}).scalar_one())


def in_minute(conn: Connection, at: int) -> int:
    return int(conn.execute(_IN_MINUTE, {"minute": minute_of(at)}).scalar_one())


def forget(conn: Connection, now: int) -> None:
    conn.execute(_FORGET, {"minute": minute_of(now - DAY)})
