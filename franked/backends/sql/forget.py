"""Ended messages are forgotten when their time is over: with their attempts, events and idempotency keys.

The ledger, the suppressions, the origins and the counters stay: they are the evidence.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Select, bindparam, delete, func, literal_column, select, update
from sqlalchemy.sql.elements import ColumnElement, KeyedColumnElement

from franked.backends.sql import trails
from franked.backends.sql.listing import SKEW, id_at
from franked.backends.sql.many import among
from franked.backends.sql.rows import ms
from franked.backends.sql.schema import KEPT_CONTENTS, attempts, events, idempotency, messages, settlements
from franked.rules.message import ENDED
from franked.rules.retention import Past

Forgetting = tuple[Past, int]  # at most so many

_HAS_ENDED = messages.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(ENDED)])


def _oldest(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(messages.c.id)
        .where(
            messages.c.stream == bindparam("stream"),
            messages.c.id < bindparam("below"),
            messages.c.accepted_at < bindparam("before"),
            which,
        )
        .order_by(messages.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


_OLD = _oldest(_HAS_ENDED)
_KEPT = _oldest(KEPT_CONTENTS)
_NEXT_STREAM = select(func.min(messages.c.stream)).where(messages.c.stream > bindparam("after"))
_OF_NOBODY = (
    select(events.c.key)
    .where(events.c.message_id.is_(None), events.c.received_at < bindparam("before"))
    .order_by(events.c.received_at)
    .limit(bindparam("most"))
)


def _all_with(column: KeyedColumnElement[Any]) -> Delete:
    return delete(column.table).where(among(column))


_WITH_A_MESSAGE = tuple(
    _all_with(column)
    for column in (
        attempts.c.message_id,
        events.c.message_id,
        idempotency.c.message_id,
        settlements.c.subject,
        messages.c.id,
    )
)
_EVENTS = _all_with(events.c.key)
_EMPTY = update(messages).where(among(messages.c.id)).values(contents=None)


def forget(conn: Connection, asked: Forgetting) -> int:
    """How many were forgotten: messages, and events of mail that we never sent."""
    past, most = asked
    old = _found(conn, _OLD, asked)
    of_nobody = list(conn.execute(_OF_NOBODY, {"before": ms(past.others), "most": most}).scalars())
    if old:
        trails.remember(conn, old)
        for statement in _WITH_A_MESSAGE:
            conn.execute(statement, {"keys": old})
    if of_nobody:
        conn.execute(_EVENTS, {"keys": of_nobody})
    return len(old) + len(of_nobody)


def forget_contents(conn: Connection, asked: Forgetting) -> int:
    """Of how many messages."""
    kept = _found(conn, _KEPT, asked)
    if kept:
        conn.execute(_EMPTY, {"keys": kept})
    return len(kept)


def _found(conn: Connection, oldest: Select[Any], asked: Forgetting) -> Sequence[str]:
    """Stream by stream: each has a time of its own, and what one keeps longer is not looked at for another."""
    past, most = asked
    found: list[str] = []
    for stream in _streams(conn):
        before = past.before(stream)
        bounds = {"stream": stream, "below": id_at(before, -SKEW), "before": ms(before), "most": most - len(found)}
        found += conn.execute(oldest, bounds).scalars()
        if len(found) == most:
            break
    return found


def _streams(conn: Connection) -> Iterator[str]:
    """Of which there is mail, declared or not: one look into the index for each."""
    stream = conn.execute(_NEXT_STREAM, {"after": ""}).scalar()
    while stream is not None:
        yield stream
        stream = conn.execute(_NEXT_STREAM, {"after": stream}).scalar()
