"""Everything the record knows about some messages."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch
from franked.backends.sql.rows import attempt_of, entry_of, event_of, message_of, moment
from franked.backends.sql.schema import DEAD, HELD, QUEUED, attempts, events, in_state, ledger, messages
from franked.record import Story
from franked.rules.message import State

_MESSAGES = select(messages).where(among(messages.c.id))
_ATTEMPTS = select(attempts).where(among(attempts.c.message_id)).order_by(attempts.c.number)
_LEDGER = select(ledger).where(among(ledger.c.message_id)).order_by(ledger.c.line)
_EVENTS = select(events).where(among(events.c.message_id)).order_by(events.c.at, events.c.received_at, events.c.key)
_LEASED = messages.c.lease_until.is_not(None)
_WAITING = {  # each by an index that holds no others
    State.QUEUED: QUEUED,
    State.HELD: HELD,
    State.SENDING: and_(in_state("sending"), _LEASED),
    State.UNKNOWN: and_(in_state("unknown"), _LEASED),
    State.DEAD: DEAD,
}
_COUNTS = {state: select(func.count()).select_from(messages).where(which) for state, which in _WAITING.items()}

Rows = list[Row[Any]]


def find(conn: Connection, ids: Sequence[str], desk: Desk) -> list[Story | None]:
    found = {row.id: row for row in fetch(conn, _MESSAGES, ids)}
    told = [_by_message(conn, statement, list(found)) for statement in (_ATTEMPTS, _LEDGER, _EVENTS)]
    stories = {id_: _story(row, desk, *(rows[id_] for rows in told)) for id_, row in found.items()}
    return [stories.get(id_) for id_ in ids]


def _by_message(conn: Connection, statement: Select[Any], ids: Sequence[str]) -> defaultdict[str, Rows]:
    rows = defaultdict(list)
    for row in fetch(conn, statement, ids):
        rows[row.message_id].append(row)
    return rows


def _story(row: Row[Any], desk: Desk, tries: Rows, lines: Rows, heard: Rows) -> Story:
    message = message_of(row)
    contents = desk.opened(row.contents, row.id)
    return Story(
        id=message.id,
        stream=message.stream,
        lane=message.lane,
        to=message.to,
        sender=message.sender,
        template=message.template,
        template_version=message.template_version,
        locale=message.locale,
        variables=contents.variables if contents else None,
        trigger=message.trigger,
        accepted_at=message.accepted_at,
        useful_until=message.useful_until,
        due_at=moment(row.due_at),
        key_id=message.key_id,
        request_id=message.request_id,
        state=State(row.state),
        reason=row.reason,
        ses_id=row.ses_id,
        attempts=tuple(map(attempt_of, tries)),
        ledger=tuple(map(entry_of, lines)),
        events=tuple(map(event_of, heard)),
    )


def count_waiting(conn: Connection) -> dict[State, int]:
    counted = {state: conn.execute(count).scalar_one() for state, count in _COUNTS.items()}
    return {state: number for state, number in counted.items() if number}
