"""Where each address comes from. The first origin stays: none is ever written over another."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from franked.backends.sql import suppressions
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, ignoring, write, written
from franked.backends.sql.rows import moment, ms, trigger_of
from franked.backends.sql.schema import origins
from franked.rules.address import Address
from franked.rules.origin import Origin
from franked.rules.person import is_erased

_KEEP = ignoring(origins)
_BRING = ignoring(origins, returning=origins.c.address_key)
_FIND = select(origins).where(among(origins.c.address_key))
_LIKE_A_MESSAGE = [
    "address_key", "recipient", "trigger_act", "trigger_by", "trigger_at", "trigger_ref", "stream", "key_id",
]  # fmt: skip


def keep(conn: Connection, messages: Sequence[Mapping[str, object]]) -> None:
    """Of messages as they are stored, in the same transaction. 12 µs a message, whether its address is new or not."""
    firsts = {key: row for row in reversed(messages) if not is_erased(key := str(row["address_key"]))}
    write(conn, _KEEP, [_row_of_message(firsts[key]) for key in sorted(firsts)])


def _row_of_message(message: Mapping[str, object]) -> dict[str, object]:
    like = {name: message[name] for name in _LIKE_A_MESSAGE}
    return {**like, "message_id": message["id"], "first_seen": message["accepted_at"]}


def add(conn: Connection, imported: Sequence[Origin], desk: Desk) -> list[bool]:
    """True where the address was not known, nor brought by an earlier one of this batch. One that was erased is not
    taken up again."""
    erased = suppressions.erased_among(conn, [origin.address.key for origin in imported], desk)
    firsts = {origin.address.key: origin for origin in reversed(imported) if origin.address.key not in erased}
    rows = written(conn, _BRING, [_row_of_import(firsts[key]) for key in sorted(firsts)])
    new = {row.address_key for row in rows}
    return [origin.address.key in new and origin is firsts[origin.address.key] for origin in imported]


def _row_of_import(origin: Origin) -> dict[str, object]:
    trigger = origin.trigger
    return {
        "address_key": origin.address.key,
        "recipient": origin.address.spelled,
        "trigger_act": trigger and trigger.act,
        "trigger_by": trigger and trigger.by,
        "trigger_at": trigger and ms(trigger.at),
        "key_id": origin.key_id,
        "source": origin.source,
        "first_seen": ms(origin.first_seen),
    }


def find(conn: Connection, address_keys: Sequence[str]) -> list[Origin | None]:
    found = {row.address_key: _value(row) for row in fetch(conn, _FIND, address_keys)}
    return [found.get(key) for key in address_keys]


def _value(row: Row[Any]) -> Origin:
    return Origin(
        address=Address(row.recipient, row.address_key),
        first_seen=moment(row.first_seen),
        key_id=row.key_id,
        trigger=trigger_of(row),
        stream=row.stream,
        message_id=row.message_id,
        source=row.source,
    )
