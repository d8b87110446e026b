"""Finish: each outcome is written to its attempt, however late; the newest attempt's outcome moves its message."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace as renewed

from msgspec.structs import replace
from sqlalchemy import Connection

from franked.backends.sql import attempts, counters, dockets, early, figures, quota, settlements, suppressions, throttle
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line
from franked.backends.sql.proof import proven
from franked.backends.sql.rows import ms
from franked.record import Finished, Moved
from franked.rules.backoff import used_up
from franked.rules.message import State
from franked.rules.outcome import Refused, Sent, TryLater, Unknown

BY = "worker"


def finish(conn: Connection, finished: Sequence[Finished], desk: Desk) -> list[Moved]:
    finished = _unnamed(conn, finished, desk)
    quota.correct(conn, attempts.finish(conn, finished))
    troubled = throttle.learn(conn, finished, desk)
    before = dockets.find(conn, [one.taken.message.id for one in finished])
    known = dict(before)
    moved, lines, as_planned = [], [], []
    for one, in_trouble in zip(finished, troubled, strict=True):
        id_ = one.taken.message.id
        was, known[id_] = known[id_], _after(known[id_], one, in_trouble=in_trouble)
        moved.append(known[id_].state is not was.state)
        if _is_as_planned(was, known[id_]):
            as_planned.append(Line(known[id_], known[id_].state.value, ms(one.at), BY))
        else:
            lines += _lines(was, known[id_], one)
    lines += _early(conn, finished, known, desk)
    _count(conn, finished)
    dockets.move(conn, [docket for id_, docket in known.items() if docket != before[id_]], desk)
    dockets.enter(conn, lines, desk)
    dockets.tell(conn, as_planned, desk)
    return [
        Moved(docket.id, docket.state, has_moved, docket.request_id)
        for docket, has_moved in zip((known[one.taken.message.id] for one in finished), moved, strict=True)
    ]


def _unnamed(conn: Connection, finished: Sequence[Finished], desk: Desk) -> list[Finished]:
    """What a server said may name an address that was erased during the call."""
    named = [one.taken.message.to.key for one in finished if not isinstance(one.outcome, Sent)]
    erased = suppressions.erased_among(conn, named, desk)
    return [
        replace(one, outcome=renewed(one.outcome, detail=""))
        if one.taken.message.to.key in erased and not isinstance(one.outcome, Sent)
        else one
        for one in finished
    ]


def _after(docket: Docket, one: Finished, *, in_trouble: bool) -> Docket:
    if isinstance(one.outcome, Sent):
        return proven(docket, State.SENT, one.outcome.ses_id)
    if docket.attempt != one.taken.attempt:
        return docket
    match docket.state, one.outcome:
        case State.SENDING, Refused(why):
            return replace(docket, state=State.REFUSED, reason=why, lease_until=None)
        case State.SENDING, TryLater() as later:
            return _later(docket, one, later, in_trouble=in_trouble)
        case State.UNKNOWN, TryLater(why) as later if not why.costs_a_try:  # so late that it had been given up
            return _later(docket, one, later, in_trouble=in_trouble)
        case State.SENDING, Unknown():
            return replace(docket, state=State.UNKNOWN)
        case _:
            return docket


def _later(docket: Docket, one: Finished, outcome: TryLater, *, in_trouble: bool) -> Docket:
    """When the whole account answers with errors, no message's try is spent on it."""
    tries = docket.tries + (outcome.why.costs_a_try and not in_trouble)
    resting = replace(docket, tries=tries, lease_until=None)
    if one.due_at is None or used_up(tries):
        return replace(resting, state=State.DEAD, reason=outcome.why.value)
    return replace(resting, state=State.QUEUED, reason=None, due_at=ms(one.due_at))


def _is_as_planned(was: Docket, docket: Docket) -> bool:
    """The attempts tell of what was sent and what is tried again; the ledger tells of the rest."""
    return was.state is State.SENDING and docket.state in {State.SENT, State.QUEUED}


def _lines(was: Docket, docket: Docket, one: Finished) -> list[Line]:
    if docket.state is was.state:
        return []
    return [Line(docket, docket.state.value, ms(one.at), BY, attempts.told_by(one.outcome).detail)]


def _count(conn: Connection, finished: Sequence[Finished]) -> None:
    """`sent` counts once per message, whether this record of it comes first or SES's own Send event."""
    sent = [one for one in finished if isinstance(one.outcome, Sent)]
    subjects = [
        (one.taken.message.id, "simulated_sent" if one.taken.message.to.is_simulator else "sent") for one in sent
    ]
    first = settlements.settle(conn, subjects)
    new = [(one, what) for one, (_, what), is_first in zip(sent, subjects, first, strict=True) if is_first]
    counters.add(conn, Counter((one.taken.message.stream, what) for one, what in new))
    counted = ((one.taken.message, ms(one.at), what) for one, what in new)
    figures.add(conn, Counter(figures.name(at, mail.stream, mail.to.key, what) for mail, at, what in counted))


def _early(conn: Connection, finished: Sequence[Finished], known: dict[str, Docket], desk: Desk) -> list[Line]:
    """Events may have come before this record of the send."""
    sent = {one.outcome.ses_id: one.taken.message.id for one in finished if isinstance(one.outcome, Sent)}
    sent.pop("", None)
    return early.apply(conn, sent, known, desk.now()) if sent else []
