"""Addresses that must not be mailed. A stronger or longer reason is never overwritten by a weaker one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from franked.backends.sql.many import fetch, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.backends.sql.schema import suppressions
from franked.rules.suppression import EVERYWHERE, Suppression, Why, overrides

_KEEP = replacing(suppressions)
_FIND = (
    select(suppressions)
    .where(suppressions.c.address_key.in_(bindparam("keys", expanding=True)))
    .order_by(suppressions.c.address_key, suppressions.c.scope)
    .with_for_update()
)
_STANDING = select(suppressions).where(
    suppressions.c.address_key.in_(bindparam("keys", expanding=True)),
    suppressions.c.scope == EVERYWHERE,
    or_(suppressions.c.until.is_(None), suppressions.c.until > bindparam("now")),
)


def suppress(conn: Connection, new: Sequence[Suppression], now: int) -> list[bool]:
    known = {(old.address_key, old.scope): old for old in map(_value, fetch(conn, _FIND, [x.address_key for x in new]))}
    recorded = []
    changed = {}
    for suppression in new:
        name = suppression.address_key, suppression.scope
        if wins := overrides(suppression, known.get(name), moment(now)):
            known[name] = changed[name] = suppression
        recorded.append(wins)
    write(conn, _KEEP, [_row(changed[name]) for name in sorted(changed)])
    return recorded


def standing(conn: Connection, address_keys: Sequence[str], now: int) -> dict[str, Suppression]:
    """Those in force now, everywhere."""
    return {row.address_key: _value(row) for row in fetch(conn, _STANDING, address_keys, now=now)}


def _row(suppression: Suppression) -> dict[str, object]:
    return {
        "address_key": suppression.address_key,
        "scope": suppression.scope,
        "why": suppression.why.value,
        "at": ms(suppression.at),
        "until": ms_or_none(suppression.until),
        "source": suppression.source,
    }


def _value(row: Row[Any]) -> Suppression:
    return Suppression(
        address_key=row.address_key,
        why=Why(row.why),
        at=moment(row.at),
        until=moment_or_none(row.until),
        scope=row.scope,
        source=row.source,
    )
