"""Everything that is known of an address: from each shelf, what stands there under one of its names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, Table, select

from franked.backends.sql import codes, invites, limits, outbox, tickets
from franked.backends.sql.code_tables import codes as code_table
from franked.backends.sql.columns import index, is_time
from franked.backends.sql.consent_schema import asked, consent_log, consents
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch
from franked.backends.sql.rows import moment
from franked.backends.sql.schema import (
    attempts,
    events,
    idempotency,
    ledger,
    messages,
    origins,
    suppression_log,
    suppressions,
)
from franked.backends.sql.ses_schema import ses_calls, ses_conflicts, ses_listed
from franked.rules.person import Collected, Record, Whose

OF_NOBODY = events.c.message_id.is_(None)
index("events_of_strangers", events.c.recipient, where=OF_NOBODY)


@dataclass(frozen=True, slots=True)
class Known:
    """What a person is known by."""

    names: Sequence[str]  # the address, and what stands for it once it is erased
    mails: Sequence[str]  # ids of messages
    limits: Sequence[str]
    codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a shelf whose `column` holds one of the person's `keys`."""

    name: str
    column: ColumnElement[Any]
    keys: Callable[[Known], Sequence[str]]
    also: tuple[ColumnElement[bool], ...] = ()


def _names(known: Known) -> Sequence[str]:
    return known.names


def _mails(known: Known) -> Sequence[str]:
    return known.mails


SOURCES = (  # a shelf that holds something of a person has its line here
    Source("messages", messages.c.address_key, _names),
    Source("attempts", attempts.c.message_id, _mails),
    Source("ledger", ledger.c.message_id, _mails),
    Source("idempotency_keys", idempotency.c.message_id, _mails),
    Source("events", events.c.message_id, _mails),
    Source("events_of_other_mail", events.c.recipient, _names, (OF_NOBODY,)),
    Source("suppressions", suppressions.c.address_key, _names),
    Source("suppression_history", suppression_log.c.address_key, _names),
    Source("ses_list", ses_listed.c.address_key, _names),
    Source("ses_calls", ses_calls.c.address_key, _names),
    Source("ses_conflicts", ses_conflicts.c.address_key, _names),
    Source("origins", origins.c.address_key, _names),
    Source("consents", consents.c.address_key, _names),
    Source("consent_log", consent_log.c.address_key, _names),
    Source("consents_asked", asked.c.address_key, _names),
    Source("codes", code_table.c.address, lambda known: known.codes),
    Source("webhooks", outbox.outbox.c.subject, lambda known: [*known.names, *known.mails]),
    Source("limits", limits.limits.c.name, lambda known: known.limits),
)
_OF_NAMES = select(messages.c.id).where(among(messages.c.address_key))


def collect(conn: Connection, whose: Whose, desk: Desk) -> Collected:
    names = [whose.address.key, desk.pseudonym(whose.address.key)]
    mails = [row.id for row in fetch(conn, _OF_NAMES, names)]
    known = Known(names, mails, limits.names_of(whose), [codes.mark_of_address(desk, whose.address.key)])
    opened = {
        "tickets": [_builtins(one) for one in tickets.of_addresses(conn, names, desk)],
        "invites": [_builtins(replace(one, asked=b"")) for one in invites.of_addresses(conn, names, desk)],
    }
    return {**{source.name: _records(conn, source, known, desk) for source in SOURCES}, **opened}


def _builtins(value: object) -> Record:
    """Of what is sealed whole."""
    found: Record = msgspec.to_builtins(value)
    return found


def _records(conn: Connection, source: Source, known: Known, desk: Desk) -> list[Record]:
    table: Table = source.column.table
    query = select(table).where(among(source.column), *source.also).order_by(*table.primary_key)
    rows = fetch(conn, query, source.keys(known))
    return [{**_plain(row, table), **(_said(row, desk) if table is messages else {})} for row in rows]


def _plain(row: Row[Any], table: Table) -> Record:
    """Times as such; what is sealed or a hash is left out."""
    return {
        column.name: moment(value) if is_time(column) and value is not None else value
        for column, value in zip(table.columns, row, strict=True)
        if not isinstance(column.type, LargeBinary)
    }


def _said(row: Row[Any], desk: Desk) -> Mapping[str, object]:
    """What the mail says, as long as that is kept."""
    message = desk.opened(row.contents, row.id)
    if message is None:
        return {"variables": None, "content": None, "attachments": []}
    return {
        "variables": message.variables,
        "content": msgspec.to_builtins(message.content),
        "attachments": msgspec.to_builtins(message.attachments),
    }
