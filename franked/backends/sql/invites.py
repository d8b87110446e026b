"""The shelf of invites: each sealed whole, and who was invited to which."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    select,
)

from franked.backends.sealing import Unsealable
from franked.backends.sql.columns import metadata, time
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, ignoring, write
from franked.backends.sql.rows import ms
from franked.backends.sql.versions import versions_of, won
from franked.rules.invite import Invite

invites = Table(
    "invites",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    time("ends_at"),
    Column("contents", LargeBinary, nullable=False),  # sealed
    Index("invites_ended", "ends_at", "id"),
)

invited = Table(
    "invited",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("invite_id", Text, primary_key=True),
    Index("invited_to", "invite_id"),
    sqlite_with_rowid=False,
)

_FIND = select(invites).where(among(invites.c.id))
_versions = versions_of(invites)
_INVITE = ignoring(invited)
_PAST = select(invites.c.id).where(invites.c.ends_at < bindparam("before")).order_by(invites.c.ends_at, invites.c.id)
_FORGET = delete(invites).where(invites.c.id == bindparam("of"))
_FORGET_INVITED = delete(invited).where(invited.c.invite_id == bindparam("of"))
_FORGET_PERSON = delete(invited).where(invited.c.address_key == bindparam("of"))
_OF = select(invited.c.invite_id).where(among(invited.c.address_key))

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Invite)


def keep(conn: Connection, kept: Sequence[Invite], desk: Desk) -> list[bool]:
    """The first of a batch, and of two who read the same version, wins."""
    fits = _versions.keep(conn, kept, lambda one: _row(one, desk))
    pairs = sorted({(key, one.id) for one in won(kept, fits) for key in _people(one)})
    write(conn, _INVITE, [{"address_key": key, "invite_id": id_} for key, id_ in pairs])
    return fits


def find(conn: Connection, ids: Sequence[str], desk: Desk) -> list[Invite | None]:
    found = {row.id: _value(row, desk) for row in fetch(conn, _FIND, ids)}
    return [found.get(id_) for id_ in ids]


def of_addresses(conn: Connection, keys: Sequence[str], desk: Desk) -> list[Invite]:
    """Whoever asked, was asked, or gets the answers."""
    found = find(conn, sorted({row.invite_id for row in fetch(conn, _OF, keys)}), desk)
    return [one for one in found if one]


def remove(conn: Connection, ids: Sequence[str]) -> None:
    rows = [{"of": id_} for id_ in sorted(ids)]
    write(conn, _FORGET_INVITED, rows)
    write(conn, _FORGET, rows)


def forget_invited(conn: Connection, key: str) -> None:
    conn.execute(_FORGET_PERSON, {"of": key})


def forget(conn: Connection, before: int, most: int) -> int:
    past = [id_ for (id_,) in conn.execute(_PAST.limit(most), {"before": before})]
    remove(conn, past)
    return len(past)


def _people(invite: Invite) -> set[str]:
    replies = {invite.reply_to.address.key} if invite.reply_to else set()
    return {one.address.key for one in invite.attendees} | {invite.organizer.address.key} | replies


def _row(invite: Invite, desk: Desk) -> dict[str, object]:
    contents = desk.seal.seal(_encoder.encode(invite), invite.id)
    return {"ends_at": ms(invite.event.end), "contents": contents}


def _value(row: Row[Any], desk: Desk) -> Invite | None:
    """None: sealed with another key."""
    try:
        return _decoder.decode(desk.seal.open(row.contents, row.id))
    except (Unsealable, msgspec.DecodeError):
        return None
