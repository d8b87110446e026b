"""What the record knows of each address, page by page of the origins; every look goes by an index."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, bindparam, case, func, literal_column, or_, select, update

from franked.backends.sql import suppressions
from franked.backends.sql.consent_schema import consent_log
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch
from franked.backends.sql.rows import moment, moment_or_none
from franked.backends.sql.schema import BEARS_ON_ADDRESS, events, messages, origins
from franked.rules.cleaning import Trail
from franked.rules.consent import Step
from franked.rules.event import BounceType, Kind
from franked.rules.message import State
from franked.rules.suppression import NOT_ABOUT_THE_ADDRESS

_PAGE = (
    select(origins)
    .where(origins.c.address_key > bindparam("after"))
    .order_by(origins.c.address_key)
    .limit(bindparam("most"))
)
_GOT = (State.DELIVERED.value, State.COMPLAINED.value)
_WENT = (*_GOT, State.SENT.value, State.DELAYED.value, State.SOFT_BOUNCED.value, State.BOUNCED.value)
_LAST = case((messages.c.state.in_(_WENT), messages.c.accepted_at))
_CAME = case((messages.c.state.in_(_GOT), messages.c.accepted_at))
_MAIL = (
    select(messages.c.address_key, func.max(_LAST).label("mailed"), func.max(_CAME).label("delivered"))
    .where(among(messages.c.address_key))
    .group_by(messages.c.address_key)
)
_ABOUT = func.coalesce(events.c.message_id, events.c.ses_id)
_BOUNCES = (
    select(events.c.recipient, events.c.kind, events.c.at, _ABOUT.label("mail"))
    .where(
        among(events.c.recipient),
        BEARS_ON_ADDRESS,
        or_(
            events.c.kind == literal_column(f"'{Kind.DELIVERY.value}'"),
            events.c.bounce_type.is_(None),
            events.c.bounce_type != BounceType.PERMANENT.value,
        ),
        or_(events.c.subtype.is_(None), events.c.subtype.not_in(sorted(NOT_ABOUT_THE_ADDRESS))),
    )
    .order_by(events.c.recipient, events.c.kind, events.c.at)
)
_STEPS = (
    select(consent_log.c.address_key, consent_log.c.topic, consent_log.c.what, consent_log.c.at)
    .where(among(consent_log.c.address_key))
    .order_by(consent_log.c.address_key, consent_log.c.line)
)
_FORGOTTEN = (
    select(messages.c.address_key, func.max(_LAST).label("mailed"), func.max(_CAME).label("delivered"))
    .where(among(messages.c.id))
    .group_by(messages.c.address_key)
)


def _later(name: str) -> Any:
    column, new = origins.c[name], bindparam(f"new_{name}", type_=BigInteger())
    return case((column.is_(None), new), (new.is_(None), column), (new > column, new), else_=column)


_REMEMBER = (
    update(origins)
    .where(origins.c.address_key == bindparam("of"))
    .values({name: _later(name) for name in ("last_mailed", "last_delivered")})
)


def page(conn: Connection, after: str, most: int, asked_before: int, now: int, desk: Desk) -> list[Trail]:
    """`asked_before`: whoever was asked then and has not confirmed can do so no more."""
    found = conn.execute(_PAGE, {"after": after, "most": most}).all()
    keys = [row.address_key for row in found]
    mail = {row.address_key: row for row in fetch(conn, _MAIL, keys)}
    soft = _soft(fetch(conn, _BOUNCES, keys))
    unconfirmed = _unconfirmed(fetch(conn, _STEPS, keys), asked_before)
    listed = suppressions.standing(conn, keys, now, desk)
    return [
        Trail(
            address=row.recipient,
            key=row.address_key,
            first_seen=moment(row.first_seen),
            last_mailed=_latest(row.last_mailed, mail.get(row.address_key), "mailed"),
            last_delivered=_latest(row.last_delivered, mail.get(row.address_key), "delivered"),
            soft=soft.get(row.address_key, 0),
            unconfirmed=unconfirmed.get(row.address_key, ()),
            suppression=listed.get(row.address_key),
        )
        for row in found
    ]


def remember(conn: Connection, ids: Sequence[str]) -> None:
    """Of messages that are about to be forgotten: when they went. By that, whom nobody has mailed for a year is told
    from whom nobody knows of any more."""
    went = [row for row in fetch(conn, _FORGOTTEN, ids) if row.mailed is not None]
    rows = [
        {"of": row.address_key, "new_last_mailed": row.mailed, "new_last_delivered": row.delivered}
        for row in sorted(went, key=lambda row: str(row.address_key))
    ]
    if rows:
        conn.execute(_REMEMBER, rows)


def _latest(kept: int | None, row: Row[Any] | None, name: str) -> Any:
    times = [at for at in (kept, getattr(row, name, None)) if at is not None]
    return moment_or_none(max(times, default=None))


def _soft(rows: Sequence[Row[Any]]) -> dict[str, int]:
    """How many mails bounced softly, by address, since the last delivery."""
    delivered: dict[str, int] = {}
    for row in rows:
        if row.kind == Kind.DELIVERY.value:
            delivered[row.recipient] = max(row.at, delivered.get(row.recipient, 0))
    mails: dict[str, set[str]] = {}
    for row in rows:
        if row.kind == Kind.BOUNCE.value and row.at > delivered.get(row.recipient, -1):
            mails.setdefault(row.recipient, set()).add(row.mail)
    return {who: len(some) for who, some in mails.items()}


def _unconfirmed(rows: Sequence[Row[Any]], asked_before: int) -> dict[str, tuple[str, ...]]:
    """Topics of which the last word is that they were asked for."""
    last: dict[tuple[str, str], Row[Any]] = {}
    for row in rows:
        last[row.address_key, row.topic] = row
    found: dict[str, tuple[str, ...]] = {}
    for (key, topic), row in sorted(last.items()):
        if row.what == Step.ASKED.value and row.at < asked_before:
            found[key] = (*found.get(key, ()), topic)
    return found
