"""Addresses that must not be mailed. A stronger or longer reason is never overwritten by a weaker one.

Whatever comes onto the list, and whatever is taken off it, has its line in the history, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, tuple_

from franked.backends.sql import suppression_log
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import alone, among, fetch, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.backends.sql.schema import suppressions
from franked.enquiry import Grounds, Lift, Suppressed
from franked.rules.person import Erasure
from franked.rules.suppression import EVERYWHERE, Suppression, Why, overrides

Grounded = tuple[Suppression, Grounds]
Name = tuple[str, str]  # address key and scope

_NAME = tuple_(suppressions.c.address_key, suppressions.c.scope)
_IN_FORCE = or_(suppressions.c.until.is_(None), suppressions.c.until > bindparam("now"))
_KEEP = replacing(suppressions)
_FIND = (
    select(suppressions)
    .where(among(suppressions.c.address_key))
    .order_by(suppressions.c.address_key, suppressions.c.scope)
    .with_for_update()
)
_STANDING = select(suppressions).where(among(suppressions.c.address_key), suppressions.c.scope == EVERYWHERE, _IN_FORCE)
_PAGE = (
    select(suppressions)
    .where(tuple_(bindparam("after_key"), bindparam("after_scope")) < _NAME, _IN_FORCE)
    .order_by(suppressions.c.address_key, suppressions.c.scope)
    .limit(bindparam("most"))
)
_ERASED = select(suppressions.c.address_key).where(
    among(suppressions.c.address_key), suppressions.c.why == Why.ERASED.value
)
_TAKE_OFF_EVERYWHERE = delete(suppressions).where(suppressions.c.address_key == bindparam("of"))
_TAKE_OFF = delete(suppressions).where(
    suppressions.c.address_key == bindparam("of"), suppressions.c.scope == bindparam("in_scope")
)


def suppress(conn: Connection, new: Sequence[Grounded], now: int, desk: Desk) -> list[bool]:
    if new:
        alone(conn, suppressions)  # who is not on the list yet has no row that could be locked
    names = erased_among(conn, [suppression.address_key for suppression, _ in new], desk)
    new = [(replace(one, address_key=names.get(one.address_key, one.address_key)), why) for one, why in new]
    known = _known(conn, [suppression.address_key for suppression, _ in new])
    recorded = []
    changed = {}
    lines = []
    for suppression, grounds in new:
        name = suppression.address_key, suppression.scope
        if wins := overrides(suppression, known.get(name), moment(now)):
            lines.append(suppression_log.came(suppression, grounds, _in_force(known.get(name), now), now))
            known[name] = changed[name] = suppression
        recorded.append(wins)
    write(conn, _KEEP, [_row(changed[name]) for name in sorted(changed)])
    suppression_log.enter(conn, lines, desk)
    return recorded


def lift(conn: Connection, lifts: Sequence[Lift], now: int, desk: Desk) -> list[Suppression | None]:
    """Whoever is named twice in a batch is taken off once."""
    names = erased_among(conn, [one.address_key for one in lifts], desk)
    lifts = [replace(one, address_key=names.get(one.address_key, one.address_key)) for one in lifts]
    known = _known(conn, [one.address_key for one in lifts])
    lifted = []
    lines = []
    for one in lifts:
        standing = _in_force(known.pop((one.address_key, one.scope), None), now)
        if standing is not None:
            lines.append(suppression_log.went(standing, one, now))
        lifted.append(standing)
    gone = sorted((one.address_key, one.scope) for one in lifted if one)
    write(conn, _TAKE_OFF, [{"of": key, "in_scope": scope} for key, scope in gone])
    suppression_log.enter(conn, lines, desk)
    return lifted


def standing(conn: Connection, address_keys: Sequence[str], now: int, desk: Desk) -> dict[str, Suppression]:
    """Those in force now, everywhere, by the address asked for: of one that was erased, too."""
    names = {desk.pseudonym(key): key for key in address_keys}
    found = fetch(conn, _STANDING, [*address_keys, *names], now=now)
    return {names.get(row.address_key, row.address_key): _value(row) for row in found}


def erased_among(conn: Connection, address_keys: Sequence[str], desk: Desk) -> dict[str, str]:
    """Those that were erased, with what stands for each."""
    names = {desk.pseudonym(key): key for key in address_keys}
    return {names[row.address_key]: row.address_key for row in fetch(conn, _ERASED, list(names))}


def erase(conn: Connection, asked: Erasure, name: str, desk: Desk) -> None:
    """What is listed under the address is listed under `name` from now on, as erased, and in the history."""
    key, now = asked.whose.address.key, desk.now()
    conn.execute(_TAKE_OFF_EVERYWHERE, {"of": key})
    suppression_log.unname(conn, key, name)
    listed = Suppression(name, Why.ERASED, moment(now), source=f"{asked.by}: {asked.why}")
    suppress(conn, [(listed, Grounds(asked.by, asked.why))], now, desk)


def page(conn: Connection, which: Suppressed, now: int, desk: Desk) -> list[Suppression]:
    asked = _PAGE
    if which.why is not None:
        asked = asked.where(suppressions.c.why == which.why.value)
    if which.address_key is not None:
        asked = asked.where(suppressions.c.address_key.in_([which.address_key, desk.pseudonym(which.address_key)]))
    after_key, after_scope = which.after
    found = conn.execute(asked, {"after_key": after_key, "after_scope": after_scope, "most": which.most, "now": now})
    return [_value(row) for row in found]


def _known(conn: Connection, address_keys: Sequence[str]) -> dict[Name, Suppression]:
    return {(old.address_key, old.scope): old for old in map(_value, fetch(conn, _FIND, address_keys))}


def _in_force(suppression: Suppression | None, now: int) -> Suppression | None:
    ended = suppression and suppression.until and ms(suppression.until) <= now
    return None if ended else suppression


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
