"""Events that came before our own record of the send: kept, and applied once their mail is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, null, select, update

from franked.backends.sql import counters, figures, settlements
from franked.backends.sql.dockets import Docket, Line
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.proof import proven
from franked.backends.sql.rows import event_of
from franked.backends.sql.schema import events
from franked.rules.event import Event, state_of

KEPT = 24 * 60 * 60 * 1000  # milliseconds

_FIND = (
    select(events)
    .where(among(events.c.ses_id), events.c.pending_since.is_not(None))
    .order_by(events.c.at, events.c.key)
)
_MATCH = update(events).where(events.c.key == bindparam("of")).values(pending_since=null())
_GIVE_UP = update(events).where(events.c.pending_since <= bindparam("before")).values(pending_since=null())

Rows = Sequence[Row[Any]]


def apply(conn: Connection, owners: Mapping[str, str], known: dict[str, Docket], now: int) -> list[Line]:
    """`owners`: SES id → message id, just learned. Moves the dockets in `known`; returns the ledger's lines."""
    rows = fetch(conn, _FIND, list(owners))
    write(conn, _MATCH, [{"of": row.key, "message_id": owners[row.ses_id]} for row in sorted(rows, key=_by_key)])
    _count_over(conn, rows, owners, known)
    return [line for row in rows if (line := prove(owners[row.ses_id], event_of(row), known, now))]


def prove(owner: str, event: Event, known: dict[str, Docket], now: int) -> Line | None:
    """Moves the docket in `known`; a ledger line when its state has moved."""
    before = known[owner]
    after = known[owner] = proven(before, state_of(event), event.ses_id)
    if after.state is before.state:
        return None
    return Line(after, after.state.value, now, "event", event.detail, event.cause)


def give_up(conn: Connection, now: int) -> None:
    """The events stay; only nobody waits for their message any more."""
    conn.execute(_GIVE_UP, {"before": now - KEPT})


def _count_over(conn: Connection, rows: Rows, owners: Mapping[str, str], known: Mapping[str, Docket]) -> None:
    """What was counted for mail of nobody is counted for the message's stream, once."""
    counted = [row for row in rows if row.counted_as]
    subjects = [(owners[row.ses_id], row.counted_as) for row in counted]
    more, moved = Counter[tuple[str, str]](), Counter[figures.Name]()
    for row, (owner, what), is_first in zip(counted, subjects, settlements.settle(conn, subjects), strict=True):
        more["", row.counted_as] -= 1
        moved[figures.name(row.received_at, "", row.recipient, row.counted_as)] -= 1
        if is_first:
            more[known[owner].stream, what] += 1
            moved[figures.name(row.received_at, known[owner].stream, row.recipient, what)] += 1
    counters.add(conn, more)
    figures.add(conn, moved)


def _by_key(row: Row[Any]) -> str:
    return str(row.key)
