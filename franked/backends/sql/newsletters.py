"""Newsletters under way, each with the place up to which it is written."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, select, update

from franked.backends.sealing import Unsealable
from franked.backends.sql import consents
from franked.backends.sql.consent_schema import newsletters
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, ignoring, written
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.record import IdempotencyConflict
from franked.rules.newsletter import Issue, Newsletter, Stretch

_KEEP = ignoring(newsletters, returning=newsletters.c.id)
_FIND = select(newsletters).where(among(newsletters.c.id))
_UNDER_WAY = select(newsletters).where(newsletters.c.done_at.is_(None)).order_by(newsletters.c.at, newsletters.c.id)
_ADVANCE = (
    update(newsletters)
    .where(
        newsletters.c.id == bindparam("of"), newsletters.c.after == bindparam("before"), newsletters.c.done_at.is_(None)
    )
    .values(
        after=bindparam("to"),
        queued=newsletters.c.queued + bindparam("more_queued"),
        dropped=newsletters.c.dropped + bindparam("more_dropped"),
        done_at=bindparam("done"),
    )
)
_EMPTY = (
    update(newsletters).where(newsletters.c.id == bindparam("of")).values(issue=None, after="")
)  # nobody's address stays in it
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Issue)


def add(conn: Connection, new: Sequence[Newsletter], desk: Desk) -> list[Newsletter | IdempotencyConflict]:
    """As it stands, when it was there before."""
    rows = [_row(one, consents.count_agreed(conn, one.topic), desk) for one in sorted(new, key=lambda one: one.id)]
    for row in rows:
        written(conn, _KEEP, [row])
    kept = {row.id: row for row in fetch(conn, _FIND, [one.id for one in new])}
    return [
        _value(kept[one.id], desk)
        if kept[one.id].fingerprint == _fingerprint(one, desk)
        else IdempotencyConflict(one.id)
        for one in new
    ]


def find(conn: Connection, ids: Sequence[str], desk: Desk) -> list[Newsletter | None]:
    found = {row.id: _value(row, desk) for row in fetch(conn, _FIND, ids)}
    return [found.get(one) for one in ids]


def under_way(conn: Connection, desk: Desk) -> list[Newsletter]:
    return [_value(row, desk) for row in conn.execute(_UNDER_WAY)]


def advance(conn: Connection, stretches: Sequence[Stretch]) -> list[bool]:
    """A stretch that does not begin where its newsletter stands was written before: it counts no second time."""
    return [_advance(conn, one) for one in stretches]


def _advance(conn: Connection, stretch: Stretch) -> bool:
    moved = conn.execute(
        _ADVANCE,
        {
            "of": stretch.id,
            "before": stretch.before,
            "to": stretch.after,
            "more_queued": stretch.queued,
            "more_dropped": stretch.dropped,
            "done": ms_or_none(stretch.done_at),
        },
    )
    if moved.rowcount and stretch.done_at:
        conn.execute(_EMPTY, {"of": stretch.id})
    return bool(moved.rowcount)


def _row(one: Newsletter, people: int, desk: Desk) -> dict[str, object]:
    return {
        "id": one.id,
        "key_id": one.key_id,
        "by": one.by,
        "stream": one.stream,
        "topic": one.topic,
        "at": ms(one.at),
        "fingerprint": _fingerprint(one, desk),
        "issue": desk.seal.seal(_encoder.encode(one.issue), _context(one.id)),
        "after": "",
        "people": people,
        "queued": 0,
        "dropped": 0,
        "done_at": None,
    }


def _fingerprint(one: Newsletter, desk: Desk) -> bytes:
    return desk.seal.fingerprint(_encoder.encode((one.stream, one.issue)))


def _context(newsletter_id: str) -> str:
    return f"newsletter {newsletter_id}"


def _value(row: Row[Any], desk: Desk) -> Newsletter:
    return Newsletter(
        id=row.id,
        key_id=row.key_id,
        by=row.by,
        stream=row.stream,
        topic=row.topic,
        at=moment(row.at),
        issue=_opened(row, desk),
        after=row.after,
        people=row.people,
        queued=row.queued,
        dropped=row.dropped,
        done_at=moment_or_none(row.done_at),
    )


def _opened(row: Row[Any], desk: Desk) -> Issue | None:
    if row.issue is None:
        return None
    try:
        return _decoder.decode(desk.seal.open(row.issue, _context(row.id)))
    except (Unsealable, msgspec.DecodeError):
        return None
