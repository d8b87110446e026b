"""Messages are taken back before anybody took them."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from franked.backends.sql import dockets
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line
from franked.backends.sql.schema import UNKNOWN_OUTCOME
from franked.enquiry import Cancel
from franked.record import Moved
from franked.rules.message import State, may_move

CANCELLED = "cancelled"
_NOT_YET_TAKEN = frozenset({State.QUEUED, State.HELD})


def cancel(conn: Connection, asked: Sequence[Cancel], desk: Desk) -> list[Moved | None]:
    """Whoever is named twice in a batch moves once."""
    known = dockets.find(conn, [one.id for one in asked])
    answers: list[Moved | None] = []
    lines: list[Line] = []
    for one in asked:
        docket = known.get(one.id)
        moves = docket is not None and _is_not_yet_taken(docket)
        if docket is not None and moves:
            known[one.id] = replace(docket, state=State.DROPPED, reason=CANCELLED, held_until=None)
            lines.append(Line(known[one.id], "dropped", desk.now(), one.by, CANCELLED))
        answers.append(Moved(one.id, known[one.id].state, moves, docket.request_id) if docket else None)
    dockets.move(conn, [line.docket for line in lines], desk)
    dockets.enter(conn, lines, desk)
    return answers


def _is_not_yet_taken(docket: Docket) -> bool:
    """What may have arrived is not made undone: it waits for a person, or for proof."""
    waits = docket.state in _NOT_YET_TAKEN and docket.reason != UNKNOWN_OUTCOME
    return waits and may_move(docket.state, State.DROPPED)
