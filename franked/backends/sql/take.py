"""Take: due messages go into a worker's hands, as many as there are tokens, quota and room. One transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace as renewed
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row, insert, select

from franked.backends.sql import dockets, pace, quota, standings
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line, docket_of
from franked.backends.sql.due import SPARE, due_of, next_due, pick, pick_for_admins
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.pace import Pace
from franked.backends.sql.rows import attempt_row, moment, ms, ms_or_none
from franked.backends.sql.schema import attempts
from franked.backends.sql.schema import messages as table
from franked.backends.sql.standings import About, Standings
from franked.record import Haul, Wish
from franked.rules.governor import SLOW_SHARE, Step
from franked.rules.lane import Lane
from franked.rules.message import Message, State, Taken
from franked.rules.pace import LaneWait, Room
from franked.rules.pace import speed as speed_of
from franked.rules.verdict import Drop, Hold, Send, Verdict

MOST_BYTES = 32_000_000  # of contents in one haul; sealed ones are a third larger than what they attach
ROUNDS = 4  # of picking: mail that must not go costs no token, but one transaction has an end
UNREADABLE = Hold("unreadable_variables")  # sealed with another key: whoever brings that back releases them

Judged = tuple[Row[Any], Verdict]

_ATTEMPT = insert(attempts)
_CONTENTS = select(table.c.id, table.c.contents).where(among(table.c.id))


def take(conn: Connection, wishes: Sequence[Wish], desk: Desk) -> list[Haul]:
    return [_take(conn, wish, desk) for wish in wishes]


def _take(conn: Connection, wish: Wish, desk: Desk) -> Haul:
    now = moment(desk.now())
    found = pace.read(conn, now, pace.drawn_from)
    if found is None:  # learning what the account allows rings the bell
        return Haul((), None)
    room = wish.room(found.bucket, found.access, found.used, found.waits, now)
    taken: list[Taken] = []
    for lane in wish.lanes:
        taken += _from_lane(conn, lane, _left(lane, room, wish, len(taken)), wish, now, desk)
    if found.step is Step.STOP_ALL:
        taken += _for_admins(conn, found, wish, now, desk)
    left = _slowed(conn, taken, _draw(conn, taken, found, now), now)
    following = next_due(conn, wish, left, now)
    is_full = len(taken) >= wish.most - wish.for_urgent
    speed = speed_of(found.access, found.bucket)
    return Haul(tuple(taken), following.at, following.is_paced and not is_full, is_full, speed)


def _for_admins(conn: Connection, found: Pace, wish: Wish, now: datetime, desk: Desk) -> list[Taken]:
    """The governor stops all mail but that to the person who can release it."""
    room = wish.room(found.bucket, found.access, found.used, pace.waits(conn, now), now)
    most = _left(Lane.URGENT, room, wish, 0) if Lane.URGENT in wish.lanes else 0
    return _decide(conn, pick_for_admins(conn, most + SPARE, now), most, wish, now, desk) if most else []


def _left(lane: Lane, room: Room, wish: Wish, taken: int) -> int:
    """The lanes share tokens and quota: what went to one is missing in the next one's room."""
    places = wish.most if lane is Lane.URGENT else wish.most - wish.for_urgent
    return max(0, min(room.lanes.get(lane, 0), room.tokens, places) - taken)


def _draw(conn: Connection, taken: Sequence[Taken], found: Pace, now: datetime) -> Pace:
    """A bucket that is full and stays so is not written: a worker may look as often as it likes. What was drawn is,
    even where a refill has just made up for it: its time has moved."""
    bucket = renewed(found.bucket, tokens=found.bucket.tokens - len(taken))
    if taken or renewed(bucket, at=found.kept.at) != found.kept:
        pace.keep(conn, bucket)
    counted = sum(not one.message.to.is_simulator for one in taken)
    quota.add(conn, ms(now), counted)
    return renewed(found, bucket=bucket, used=found.used + counted)


def _slowed(conn: Connection, taken: Sequence[Taken], found: Pace, now: datetime) -> Pace:
    """Where the governor slows bulk, it rests after what it took for ten times as long as the pace asks."""
    bulk = sum(one.message.lane is Lane.BULK for one in taken)
    if not bulk or found.step is not Step.SLOW:
        return found
    rest = timedelta(seconds=bulk / (SLOW_SHARE * speed_of(found.access, found.bucket)))
    waits = {Lane.BULK: LaneWait(now + rest, "governor: at a tenth of the pace")}
    pace.prolong(conn, waits, now)
    return renewed(found, waits={**found.waits, **waits})


def _from_lane(conn: Connection, lane: Lane, most: int, wish: Wish, now: datetime, desk: Desk) -> list[Taken]:
    taken: list[Taken] = []
    for _ in range(ROUNDS):
        asked = most - len(taken)
        if asked == 0:
            break
        due = pick(conn, lane, asked + SPARE, now)
        taken += _decide(conn, due, asked, wish, now, desk)
        if len(due) < asked + SPARE:
            break
    return taken


def _decide(conn: Connection, due: Sequence[Row[Any]], most: int, wish: Wish, now: datetime, desk: Desk) -> list[Taken]:
    """In the order due, until `most` may go. The rest is not touched."""
    known = standings.read(conn, [_about(row) for row in due], now, desk)
    judged = _judged(due, most, known, wish, now)
    messages = _opened(conn, [row for row, verdict in judged if isinstance(verdict, Send)], desk)
    call_by, lease_until = now + wish.lease.call_within, now + wish.lease.length
    taken: list[Taken] = []
    decided: list[tuple[Docket, Verdict]] = []
    for row, verdict in judged:
        docket = docket_of(row)
        message = messages.get(docket.id)
        if isinstance(verdict, Send) and message:
            taken.append(Taken(message, docket.attempt + 1, docket.tries, call_by, lease_until))
        decided.append((docket, UNREADABLE if isinstance(verdict, Send) and not message else verdict))
    _record(conn, decided, taken, now, desk)
    return taken


def _about(row: Row[Any]) -> About:
    return About(row.stream, row.address_key, row.template_version, row.trigger_by)


def _opened(conn: Connection, rows: Sequence[Row[Any]], desk: Desk) -> dict[str, Message | None]:
    large = [row.id for row in rows if row.contents is None]
    sealed = dict(_sealed(rows)) | dict(_sealed(fetch(conn, _CONTENTS, large)))
    return {id_: desk.opened(contents, id_) for id_, contents in sealed.items()}


def _sealed(rows: Sequence[Row[Any]]) -> Iterator[tuple[str, bytes | None]]:
    return ((row.id, row.contents) for row in rows)


def _judged(due: Sequence[Row[Any]], most: int, known: Standings, wish: Wish, now: datetime) -> list[Judged]:
    """As many as may go, and what must not go before them."""
    judged: list[Judged] = []
    number, size = 0, 0
    for row in due:
        size += row.size or 0
        if number == most or (number and size > MOST_BYTES):
            break
        verdict = wish.judge(due_of(row), known.of(_about(row), now))
        judged.append((row, verdict))
        number += isinstance(verdict, Send)
    return judged


def _record(
    conn: Connection, decided: Sequence[tuple[Docket, Verdict]], taken: Sequence[Taken], now: datetime, desk: Desk
) -> None:
    leases = {one.message.id: ms(one.lease_until) for one in taken}
    moved = [_moved(docket, verdict, leases.get(docket.id)) for docket, verdict in decided]
    dockets.move(conn, moved, desk)
    write(conn, _ATTEMPT, [attempt_row(one, ms(now)) for one in sorted(taken, key=lambda one: one.message.id)])
    aside = [docket for docket in moved if docket.state is not State.SENDING]
    lines = [Line(docket, docket.state.value, ms(now), "take", docket.reason or "") for docket in aside]
    dockets.enter(conn, lines, desk)


def _moved(docket: Docket, verdict: Verdict, lease_until: int | None) -> Docket:
    match verdict:
        case Send():
            return replace(docket, state=State.SENDING, attempt=docket.attempt + 1, lease_until=lease_until)
        case Hold(why, until):
            return replace(docket, state=State.HELD, reason=why, held_until=ms_or_none(until))
        case Drop(why):
            return replace(docket, state=State.DROPPED, reason=why)
