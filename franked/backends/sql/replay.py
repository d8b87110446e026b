"""What only a person moves on: the dead, and the held of whom nobody knows whether SES took them."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Select, bindparam, func, literal_column, select

from franked.backends.sql import dockets
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line, released
from franked.backends.sql.find import find
from franked.backends.sql.schema import DEAD, HELD, UNKNOWN_OUTCOME, messages
from franked.enquiry import PutBack, Stop, Stopped
from franked.record import Moved, Story
from franked.rules.message import State, may_move

# A literal: with a bound reason the planner can't tell that the index on held mail is the right one.
_UNKNOWN = messages.c.reason == literal_column(f"'{UNKNOWN_OUTCOME}'")
_LINES = {Stop.DEAD: "replayed", Stop.UNKNOWN_OUTCOME: "released"}  # what the ledger calls it


def _narrowed(question: Select[Any], stop: Stop) -> Select[Any]:
    return question.where(DEAD) if stop is Stop.DEAD else question.where(HELD, _UNKNOWN)


_PAGES = {
    stop: _narrowed(select(messages.c.id), stop)
    .where(messages.c.id > bindparam("after"))
    .order_by(messages.c.id)
    .limit(bindparam("most"))
    for stop in Stop
}
_COUNTS = {stop: _narrowed(select(func.count()), stop) for stop in Stop}


def stopped(conn: Connection, which: Stopped, desk: Desk) -> list[Story]:
    page = _PAGES[which.stop]
    if which.key_id is not None:
        page = page.where(messages.c.key_id == which.key_id)
    ids = list(conn.execute(page, {"after": which.after, "most": which.most}).scalars())
    return [story for story in find(conn, ids, desk) if story is not None]


def count(conn: Connection) -> dict[Stop, int]:
    return {stop: conn.execute(question).scalar_one() for stop, question in _COUNTS.items()}


def put_back(conn: Connection, asked: Sequence[PutBack], desk: Desk) -> list[Moved | None]:
    """Whoever is named twice in a batch moves once."""
    known = dockets.find(conn, [one.id for one in asked])
    answers: list[Moved | None] = []
    lines: list[Line] = []
    for one in asked:
        docket = known.get(one.id)
        moves = docket is not None and _stands_at(docket, one.stop)
        if docket is not None and moves:
            known[one.id] = _queued(docket, one.stop, desk.now())
            lines.append(_line(docket, known[one.id], one, desk.now()))
        answers.append(Moved(one.id, known[one.id].state, moves, docket.request_id) if docket else None)
    dockets.move(conn, [line.docket for line in lines], desk)
    dockets.enter(conn, lines, desk)
    return answers


def _stands_at(docket: Docket, stop: Stop) -> bool:
    if not may_move(docket.state, State.QUEUED):
        return False
    if stop is Stop.DEAD:
        return docket.state is State.DEAD
    return docket.state is State.HELD and docket.reason == UNKNOWN_OUTCOME


def _queued(docket: Docket, stop: Stop, now: int) -> Docket:
    """A dead one gets all its tries again. One that may have arrived keeps those it has spent: each further copy of it
    is a person's decision."""
    tries = 0 if stop is Stop.DEAD else docket.tries
    return replace(released(docket), due_at=now, tries=tries)


def _line(was: Docket, queued: Docket, one: PutBack, now: int) -> Line:
    return Line(queued, _LINES[one.stop], now, one.by, one.why or was.reason or "")
