"""The shelf of tickets: each sealed whole."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    null,
    select,
    update,
)

from franked.backends.sealing import Unsealable
from franked.backends.sql.columns import index, metadata, text, time
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch
from franked.backends.sql.rows import ms
from franked.backends.sql.versions import versions_of
from franked.rules.ticket import Ticket

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    text("address_key"),
    time("decided_at", known=False),
    Column("contents", LargeBinary),  # sealed; NULL once its address was erased
)
index("tickets_of_address", tickets.c.address_key, where=tickets.c.contents.is_not(None))
index("tickets_decided", tickets.c.decided_at, where=tickets.c.decided_at.is_not(None))

_FIND = select(tickets).where(among(tickets.c.id))
_versions = versions_of(tickets)
_OF = select(tickets).where(among(tickets.c.address_key), tickets.c.contents.is_not(None)).order_by(tickets.c.id)
_ERASE = (
    update(tickets)
    .where(tickets.c.address_key == bindparam("key"), tickets.c.contents.is_not(None))
    .values(address_key=bindparam("name"), contents=null(), version=-1)  # nobody has the version before
)
_PAST = select(tickets.c.id).where(tickets.c.decided_at < bindparam("before")).order_by(tickets.c.decided_at)
_FORGET = delete(tickets).where(among(tickets.c.id))

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Ticket)


def keep(conn: Connection, kept: Sequence[Ticket], desk: Desk) -> list[bool]:
    """The first of a batch, and of two who read the same version, wins. One that was erased stays so."""
    return _versions.keep(conn, kept, lambda one: _row(one, desk))


def find(conn: Connection, ids: Sequence[str], desk: Desk) -> list[Ticket | None]:
    found = {row.id: _value(row, desk) for row in fetch(conn, _FIND, ids)}
    return [found.get(id_) for id_ in ids]


def of_addresses(conn: Connection, address_keys: Sequence[str], desk: Desk) -> list[Ticket]:
    return [ticket for row in fetch(conn, _OF, address_keys) if (ticket := _value(row, desk))]


def erase(conn: Connection, address_key: str, name: str) -> None:
    """Whoever changes it at the same time finds no such version any more."""
    conn.execute(_ERASE, {"key": address_key, "name": name})


def forget(conn: Connection, before: int, most: int) -> int:
    past = list(conn.execute(_PAST.limit(most), {"before": before}).scalars())
    conn.execute(_FORGET, {"keys": past})
    return len(past)


def _row(ticket: Ticket, desk: Desk) -> dict[str, object]:
    return {
        "address_key": ticket.address.key,
        "decided_at": ms(ticket.decision.at) if ticket.decision else None,
        "contents": desk.seal.seal(_encoder.encode(ticket), ticket.id),
    }


def _value(row: Row[Any], desk: Desk) -> Ticket | None:
    """None: erased, or sealed with another key."""
    try:
        return _decoder.decode(desk.seal.open(row.contents, row.id)) if row.contents else None
    except (Unsealable, msgspec.DecodeError):
        return None
