"""API keys: their rights and their digests, never their secrets."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from franked.backends.sql.many import fetch, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.backends.sql.schema import api_keys
from franked.record import ApiKey
from franked.rules.verdict import Caller

_ADD = insert(api_keys)
_ALL = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
_LIVE = select(api_keys.c.key_id).where(
    api_keys.c.key_id.in_(bindparam("keys", expanding=True)), api_keys.c.revoked_at.is_(None)
)
_REVOKE = update(api_keys).where(api_keys.c.key_id == bindparam("of"))
_words = msgspec.json.Decoder(frozenset[str])


def add(conn: Connection, new: Sequence[ApiKey]) -> None:
    write(conn, _ADD, [_row(key) for key in sorted(new, key=lambda key: key.caller.key_id)])


def read(conn: Connection) -> list[ApiKey]:
    return [_value(row) for row in conn.execute(_ALL)]


def revoke(conn: Connection, revoking: Sequence[tuple[str, int]]) -> list[bool]:
    """(key id, when): True where a key that was good is no longer."""
    live = {row.key_id for row in fetch(conn, _LIVE, [key_id for key_id, _ in revoking])}
    rows = [{"of": key_id, "revoked_at": now} for key_id, now in sorted(revoking) if key_id in live]
    write(conn, _REVOKE, rows)
    return [key_id in live for key_id, _ in revoking]


def _row(key: ApiKey) -> dict[str, object]:
    return {
        "key_id": key.caller.key_id,
        "name": key.caller.name,
        "streams": msgspec.json.encode(sorted(key.caller.streams)).decode(),
        "senders": msgspec.json.encode(sorted(key.caller.senders)).decode(),
        "digest": key.digest,
        "created_at": ms(key.created_at),
        "revoked_at": ms_or_none(key.revoked_at),
        "admin": key.admin,
    }


def _value(row: Row[Any]) -> ApiKey:
    caller = Caller(row.key_id, row.name, _words.decode(row.streams), _words.decode(row.senders))
    return ApiKey(caller, row.digest, moment(row.created_at), moment_or_none(row.revoked_at), row.admin)
