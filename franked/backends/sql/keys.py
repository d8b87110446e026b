"""API keys: their rights and their digests, never their secrets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.backends.sql.schema import api_keys
from franked.record import ApiKey, OldSecret, Rotation
from franked.rules.stream import Limit
from franked.rules.verdict import Caller

_ADD = insert(api_keys)
_ALL = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
_THESE = select(api_keys).where(among(api_keys.c.key_id)).order_by(api_keys.c.key_id).with_for_update()
_CHANGE = update(api_keys).where(api_keys.c.key_id == bindparam("of"))
_MILLISECOND = timedelta(milliseconds=1)
_words = msgspec.json.Decoder(frozenset[str])


def add(conn: Connection, new: Sequence[ApiKey]) -> None:
    write(conn, _ADD, [_row(key) for key in sorted(new, key=lambda key: key.caller.key_id)])


def read(conn: Connection) -> list[ApiKey]:
    return [_value(row) for row in conn.execute(_ALL)]


def revoke(conn: Connection, revoking: Sequence[tuple[str, int]]) -> list[bool]:
    """(key id, when): True where a key that was good is no longer."""
    known = _these(conn, [key_id for key_id, _ in revoking])
    live = {key_id for key_id, key in known.items() if key.revoked_at is None}
    rows = [{"of": key_id, "revoked_at": now} for key_id, now in sorted(revoking) if key_id in live]
    write(conn, _CHANGE, rows)
    return [key_id in live for key_id, _ in revoking]


def rotate(conn: Connection, rotations: Sequence[Rotation]) -> list[ApiKey | None]:
    """Each key as it was before, in order; the rows are locked, so that no secret that was told is written over."""
    known = _these(conn, [one.key_id for one in rotations])
    before = dict(known)
    answers = [_rotate(one, known) for one in rotations]
    changed = [key for key_id, key in sorted(known.items()) if key != before[key_id]]
    write(conn, _CHANGE, [{"of": key.caller.key_id} | _secrets(key) for key in changed])
    return answers


def _rotate(rotation: Rotation, known: dict[str, ApiKey]) -> ApiKey | None:
    before = known.get(rotation.key_id)
    if before and before.revoked_at is None:
        old = OldSecret(before.digest, rotation.old_until) if rotation.old_until else None
        known[rotation.key_id] = replace(before, digest=rotation.digest, old=old)
    return before


def _these(conn: Connection, key_ids: Sequence[str]) -> dict[str, ApiKey]:
    return {row.key_id: _value(row) for row in fetch(conn, _THESE, key_ids)}


def _row(key: ApiKey) -> dict[str, object]:
    caller, limit = key.caller, key.caller.limit
    return _secrets(key) | {
        "key_id": caller.key_id,
        "name": caller.name,
        "streams": msgspec.json.encode(sorted(caller.streams)).decode(),
        "senders": msgspec.json.encode(sorted(caller.senders)).decode(),
        "limit_count": limit and limit.count,
        "limit_per": limit and limit.per // _MILLISECOND,
        "created_at": ms(key.created_at),
        "revoked_at": ms_or_none(key.revoked_at),
        "admin": key.admin,
    }


def _secrets(key: ApiKey) -> dict[str, object]:
    old = key.old
    return {
        "digest": key.digest,
        "old_digest": old and old.digest,
        "old_until": old and ms(old.until),
    }


def _value(row: Row[Any]) -> ApiKey:
    limit = Limit(row.limit_count, row.limit_per * _MILLISECOND) if row.limit_count else None
    caller = Caller(row.key_id, row.name, _words.decode(row.streams), _words.decode(row.senders), limit)
    old = OldSecret(row.old_digest, moment(row.old_until)) if row.old_digest else None
    return ApiKey(caller, row.digest, moment(row.created_at), moment_or_none(row.revoked_at), row.admin, old)
