"""Whose mail an event is about: our own tag says it, else the SES id of an attempt."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, select, update

from franked.backends.sql import dockets
from franked.backends.sql.dockets import Docket
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.schema import attempts
from franked.rules.event import Event

_BY_SES_ID = select(attempts.c.ses_id, attempts.c.message_id).where(among(attempts.c.ses_id))
_NAME = update(attempts).where(
    attempts.c.message_id == bindparam("of"),
    attempts.c.number == bindparam("attempt_number"),
    attempts.c.ses_id.is_(None),
)


def owners_of(conn: Connection, events: Sequence[Event]) -> tuple[dict[str, str | None], dict[str, Docket]]:
    """Event key → message id (None: we know of no such mail yet), and the dockets of those messages."""
    known = dockets.find(conn, [event.message_id for event in events if event.message_id])
    by_ses_id = {event.ses_id: event.message_id for event in events if event.message_id in known}
    strangers = [event for event in events if event.message_id not in known and event.ses_id]
    found = fetch(conn, _BY_SES_ID, [event.ses_id for event in strangers])
    by_ses_id |= {row.ses_id: row.message_id for row in found}
    known |= dockets.find(conn, [row.message_id for row in found])
    owners = {
        event.key: event.message_id if event.message_id in known else by_ses_id.get(event.ses_id) for event in events
    }
    return owners, known


def learned(conn: Connection, owned: Iterable[tuple[Event, str]], known: Mapping[str, Docket]) -> dict[str, str]:
    """SES ids that we did not know yet: an attempt whose answer was lost gets its SES id from its tag."""
    new = [(event, owner) for event, owner in owned if event.ses_id and known[owner].ses_id != event.ses_id]
    rows = [
        {"of": owner, "attempt_number": number, "ses_id": event.ses_id}
        for event, owner in new
        if (number := _number(event.attempt_id, owner)) is not None
    ]
    write(conn, _NAME, rows)
    return {event.ses_id: owner for event, owner in new}


def _number(attempt_id: str | None, owner: str) -> int | None:
    number = (attempt_id or "").removeprefix(f"{owner}-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None
