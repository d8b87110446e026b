"""A docket is the part of a message that changes. All its changes are written here, with their ledger lines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Row, bindparam, insert, null, select, update

from franked.backends.sql import counters, outbox
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.rows import STATES
from franked.backends.sql.schema import ledger, messages
from franked.rules.message import ENDED, State

COUNTED = frozenset({"accepted", "held", "dropped"})  # ledger words that are counted by stream


class Docket(Struct, frozen=True):
    """Where a message stands. The fields are columns, in this order; times are milliseconds."""

    id: str
    stream: str
    lane: str
    state: State
    reason: str | None
    due_at: int
    held_until: int | None
    attempt: int
    tries: int
    lease_until: int | None
    ses_id: str | None
    request_id: str


class Line(Struct, frozen=True):
    """One decision for the ledger."""

    docket: Docket
    what: str
    at: int
    by: str  # an API key's id, or which verb decided
    why: str = ""
    cause: str = ""  # in a word, where the docket has no reason: an event's


NAMES = Docket.__struct_fields__
COLUMNS = tuple(messages.c[name] for name in NAMES)
_FIXED = {"id", "stream", "lane", "request_id"}
_MOVING = tuple(name for name in NAMES if name not in _FIXED)

_FIND = select(*COLUMNS).where(among(messages.c.id)).order_by(messages.c.id).with_for_update(of=messages)
_MOVE = update(messages).where(messages.c.id == bindparam("of"))
_END = _MOVE.values(contents=null())
_WRITE = insert(ledger)


def docket_of(row: Row[Any]) -> Docket:
    """A row that begins with COLUMNS."""
    id_, stream, lane, state, *rest = row[: len(NAMES)]
    return Docket(id_, stream, lane, STATES[state], *rest)


def find(conn: Connection, ids: Sequence[str]) -> dict[str, Docket]:
    return {row.id: docket_of(row) for row in fetch(conn, _FIND, ids)}


def docket_row(docket: Docket) -> dict[str, object]:
    return asdict(docket)


def released(docket: Docket) -> Docket:
    return replace(docket, state=State.QUEUED, reason=None, held_until=None)


def move(conn: Connection, moved: Sequence[Docket], desk: Desk) -> None:
    """Write where they stand now. What has ended no longer needs its contents."""
    ordered = sorted(moved, key=lambda docket: docket.id)
    ended = [docket.state in ENDED and not desk.keep_variables(docket.stream) for docket in ordered]
    write(conn, _MOVE, [_moving(docket) for docket, over in zip(ordered, ended, strict=True) if not over])
    write(conn, _END, [_moving(docket) for docket, over in zip(ordered, ended, strict=True) if over])


def _moving(docket: Docket) -> dict[str, object]:
    return {"of": docket.id, **{name: getattr(docket, name) for name in _MOVING}}


def enter(conn: Connection, lines: Sequence[Line], desk: Desk) -> None:
    """Into the ledger, counted where the word is a counter, and told where an endpoint wants it."""
    write(conn, _WRITE, [_line_row(line) for line in lines])
    counters.add(conn, Counter((line.docket.stream, line.what) for line in lines if line.what in COUNTED))
    tell(conn, (line for line in lines if line.what == line.docket.state), desk)


def tell(conn: Connection, lines: Iterable[Line], desk: Desk) -> None:
    """Of states that a message has come to."""
    outbox.tell(conn, (_telling(line) for line in lines), desk)


def _telling(line: Line) -> outbox.Telling:
    docket, word = line.docket, line.cause or line.docket.reason
    return f"message.{docket.state}", docket.stream, docket.id, line.at, word, None


def _line_row(line: Line) -> dict[str, object]:
    return {"message_id": line.docket.id, "at": line.at, "what": line.what, "why": line.why, "by": line.by}
