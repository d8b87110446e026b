"""Ended messages are forgotten when their time is over: with their attempts, events and idempotency keys.

The ledger, the suppressions, the origins and the counters stay: they are the evidence.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Delete, bindparam, delete, literal_column, select
from sqlalchemy.sql.elements import KeyedColumnElement

from franked.backends.sql.listing import SKEW, id_at
from franked.backends.sql.many import among
from franked.backends.sql.rows import moment
from franked.backends.sql.schema import attempts, events, idempotency, messages, settlements
from franked.rules.message import ENDED

Forgetting = tuple[int, int]  # accepted, or heard of, before this (ms); at most so many

_HAS_ENDED = messages.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(ENDED)])
_OLD = (
    select(messages.c.id)
    .where(messages.c.id < bindparam("below"), messages.c.accepted_at < bindparam("before"), _HAS_ENDED)
    .order_by(messages.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
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


def forget(conn: Connection, asked: Forgetting) -> int:
    """How many were forgotten: messages, and events of mail that we never sent."""
    before, most = asked
    below = id_at(moment(before), -SKEW)
    old = list(conn.execute(_OLD, {"below": below, "before": before, "most": most}).scalars())
    for statement in _WITH_A_MESSAGE:
        _delete(conn, statement, old)
    of_nobody = list(conn.execute(_OF_NOBODY, {"before": before, "most": most}).scalars())
    _delete(conn, _EVENTS, of_nobody)
    return len(old) + len(of_nobody)


def _delete(conn: Connection, statement: Delete, keys: Sequence[str]) -> None:
    if keys:
        conn.execute(statement, {"keys": keys})
