"""The history of the list: who came onto it or off it, when, on whose word. Lines are only ever added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from franked.backends.sql import outbox
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import write
from franked.backends.sql.rows import moment, moment_or_none, ms_or_none
from franked.backends.sql.schema import suppression_log
from franked.enquiry import Grounds, Lift, SuppressionLine
from franked.rules.address import SIMULATOR_DOMAIN
from franked.rules.suppression import Suppression, Why
from franked.rules.webhook import SUPPRESSION_ADDED, SUPPRESSION_LIFTED

ADDED, IMPORTED, REPLACED, LIFTED = "added", "imported", "replaced", "lifted"

_WRITE = insert(suppression_log)
_UNNAME = (
    update(suppression_log)
    .where(suppression_log.c.address_key == bindparam("of"))
    .values(address_key=bindparam("name"), why="", source="")
)
_PAGE = (
    select(suppression_log)
    .where(suppression_log.c.line > bindparam("after"))
    .order_by(suppression_log.c.line)
    .limit(bindparam("most"))
)
_COUNT = (
    select(suppression_log.c.what, func.count().label("n"))
    .where(suppression_log.c.at >= bindparam("begin"), suppression_log.c.at < bindparam("end"))
    .where(suppression_log.c.address_key.not_like(f"%@{SIMULATOR_DOMAIN}"))
    .group_by(suppression_log.c.what)
)

Line = dict[str, Any]


def came(suppression: Suppression, grounds: Grounds, before: Suppression | None, now: int) -> Line:
    """`before`: what it took the place of."""
    what = REPLACED if before else IMPORTED if grounds.imported else ADDED
    return _line(suppression, what, grounds.by, grounds.why, now)


def went(suppression: Suppression, lift: Lift, now: int) -> Line:
    return _line(suppression, LIFTED, lift.by, lift.why, now)


def _line(suppression: Suppression, what: str, by: str, why: str, now: int) -> Line:
    return {
        "address_key": suppression.address_key,
        "scope": suppression.scope,
        "at": now,
        "what": what,
        "type": suppression.why.value,
        "until": ms_or_none(suppression.until),
        "why": why,
        "by": by,
        "source": suppression.source,
    }


def unname(conn: Connection, address_key: str, name: str) -> None:
    """A person's words may hold more than the address."""
    conn.execute(_UNNAME, {"of": address_key, "name": name})


def enter(conn: Connection, lines: Sequence[Line], desk: Desk) -> None:
    """Written, and told where an endpoint wants it: but of who was erased, nothing is told."""
    write(conn, _WRITE, lines)
    outbox.tell(conn, (_telling(line) for line in lines if line["type"] != Why.ERASED), desk)


def _telling(line: Line) -> outbox.Telling:
    event = SUPPRESSION_LIFTED if line["what"] == LIFTED else SUPPRESSION_ADDED
    return event, None, line["address_key"], line["at"], line["type"], line["until"]


def page(conn: Connection, after: int, most: int) -> list[SuppressionLine]:
    return [_value(row) for row in conn.execute(_PAGE, {"after": after, "most": most})]


def count(conn: Connection, begin: int, end: int) -> dict[str, int]:
    return {row.what: row.n for row in conn.execute(_COUNT, {"begin": begin, "end": end})}


def _value(row: Row[Any]) -> SuppressionLine:
    return SuppressionLine(
        line=row.line,
        at=moment(row.at),
        what=row.what,
        address_key=row.address_key,
        type=Why(row.type),
        scope=row.scope,
        until=moment_or_none(row.until),
        why=row.why,
        by=row.by,
        source=row.source,
    )
