"""What a person or a changed fact lets go: holds by their reason, and the leases of a process that is no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update

from franked.backends.sql import dockets
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Line, docket_of
from franked.backends.sql.many import among
from franked.backends.sql.schema import HELD, in_state, messages
from franked.backends.sql.take import UNREADABLE

BY = "release"

_HELD = (
    select(*dockets.COLUMNS)
    .where(HELD, messages.c.reason == bindparam("why"))
    .order_by(messages.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_END_LEASES = (
    update(messages)
    .where(in_state("sending"), messages.c.lease_until.is_not(None))
    .values(lease_until=bindparam("ended"))
)


@dataclass(frozen=True, slots=True)
class Release:
    """Up to `most` messages held for `why`, to the addresses and domains of `scope` (None: to anyone), written by these
    versions of templates (None: by any)."""

    why: str
    most: int
    scope: frozenset[str] | None = None
    versions: frozenset[str] | None = None

    @property
    def query(self) -> Select[Any]:
        held = _HELD if self.versions is None else _HELD.where(among(messages.c.template_version))
        if self.scope is None:
            return held
        addresses = sorted(one for one in self.scope if "@" in one)
        domains = [
            messages.c.address_key.endswith(f"@{one}", autoescape=True) for one in sorted(self.scope) if "@" not in one
        ]
        return held.where(or_(messages.c.address_key.in_(addresses), *domains))

    @property
    def values(self) -> dict[str, object]:
        chosen = {} if self.versions is None else {"keys": sorted(self.versions)}
        return {"why": self.why, "most": self.most, **chosen}


def release(conn: Connection, asked: Sequence[Release], desk: Desk) -> list[int]:
    return [_release(conn, one, desk) for one in asked]


def end_leases(conn: Connection, now: int) -> int:
    """The next sweep finds out what they were about."""
    return conn.execute(_END_LEASES, {"ended": now}).rowcount


def _found(conn: Connection, asked: Release, desk: Desk) -> Iterable[Row[Any]]:
    """Of what can't be read, only what can be read now: the rest would be held again, and stand in the way."""
    if asked.why != UNREADABLE.why:
        return conn.execute(asked.query, asked.values)
    sealed = asked.query.add_columns(messages.c.contents).limit(None)
    rows = conn.execute(sealed, {"why": asked.why})
    return list(islice((row for row in rows if desk.opened(row.contents, row.id) is not None), asked.most))


def _release(conn: Connection, asked: Release, desk: Desk) -> int:
    queued = [dockets.released(docket_of(row)) for row in _found(conn, asked, desk)]
    dockets.move(conn, queued, desk)
    dockets.enter(conn, [Line(docket, "released", desk.now(), BY, asked.why) for docket in queued], desk)
    return len(queued)
