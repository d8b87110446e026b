"""What became of a month: of what was sent, and of what the governor did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import and_
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text

from franked.backends.sql.engine import reading, url_of
from franked.backends.sql.rows import moment
from franked.rules.alarm import ADMIN_STREAMS
from franked.rules.governor import BrakeLine, Step, stopped
from franked.rules.lane import Lane
from franked.rules.rates import MANY
from franked.store import Store
from franked.wiring import Simulator
from tests.month.senders import Sender

GONE, SPAM = "gone.example.net", "spam.example.net"

_ATTEMPTS = text("SELECT m.stream, m.lane, a.at FROM attempts a JOIN messages m ON m.id = a.message_id")
_EVENTS = text("SELECT ses_id, received_at FROM events")


@dataclass(frozen=True, slots=True)
class Found:
    """`taken_after`: mails that a lane gave although it stood still; those to the admins may go. `peak_…`: the worst
    share of any 10,000 mails in a row; `out_…`: of it, what mail caused that was out already when the brake came: the
    mail whose event brought it, and all of which nobody had heard yet."""

    sender: str
    kind: str
    mails: int
    peak_bounces: float
    out_bounces: float
    peak_complaints: float
    out_complaints: float
    steps: tuple[str, ...]
    alarms: int
    held: int  # at most, at the end of a day
    taken_after: int
    false_stops: int


async def ended(sender: Sender, store: Store, simulator: Simulator, record: Path, held: int) -> Found:
    log = list(reversed(await store.brake_log(10_000)))
    fates = [one.recipient.rpartition("@")[2] for one in simulator.taken()]
    stops = [one for one in log if one.what.startswith("stop")]
    out = _out(simulator, _heard(record), [one.at for one in stops])
    peak_bounces, out_bounces = _peak([one == GONE for one in fates], out)
    peak_complaints, out_complaints = _peak([one == SPAM for one in fates], out)
    return Found(
        sender=sender.name,
        kind=sender.kind,
        mails=len(fates),
        peak_bounces=peak_bounces,
        out_bounces=out_bounces,
        peak_complaints=peak_complaints,
        out_complaints=out_complaints,
        steps=tuple(one.what for one in log),
        alarms=sum(one.what != "released" for one in log),
        held=held,
        taken_after=_taken_after(log, record),
        false_stops=len(stops) if sender.is_clean else 0,
    )


def _out(simulator: Simulator, heard: Mapping[str, datetime], stops: Sequence[datetime]) -> list[bool]:
    """Of each mail: it had gone when a stop came, and nothing had come back from it before what brought that stop."""
    never, moments = datetime.max.replace(tzinfo=UTC), sorted(heard.values())
    brought = [(stop, max((at for at in moments if at <= stop), default=stop)) for stop in stops]
    return [
        any(one.at <= stop and since <= heard.get(one.ses_id, never) for stop, since in brought)
        for one in simulator.taken()
    ]


def _peak(bad: Sequence[bool], out: Sequence[bool]) -> tuple[float, float]:
    """The worst share of any 10,000 in a row; and how much of it was out."""
    of = sum(bad[:MANY])
    peak, end = (of, MANY) if len(bad) >= MANY else (0, 0)
    for place in range(MANY, len(bad)):
        of += bad[place] - bad[place - MANY]
        if of > peak:
            peak, end = of, place + 1
    return peak / MANY, sum(map(and_, bad[end - MANY : end], out[end - MANY : end])) / MANY


def _taken_after(log: Sequence[BrakeLine], record: Path) -> int:
    """Attempts of a lane while the step of that time stopped it."""
    attempts = _attempts(record)
    found = 0
    for place, line in enumerate(log):
        if not line.what.startswith("stop"):
            continue
        lanes = stopped(Step[line.what.upper()])
        until = log[place + 1].at if place + 1 < len(log) else datetime.max.replace(tzinfo=line.at.tzinfo)
        found += sum(line.at < at < until and lane in lanes for lane, at in attempts)
    return found


def _attempts(record: Path) -> list[tuple[Lane, datetime]]:
    rows = _read(record, _ATTEMPTS)
    return [(Lane(row.lane), moment(row.at)) for row in rows if row.stream not in ADMIN_STREAMS]


def _heard(record: Path) -> dict[str, datetime]:
    """By SES's id of the mail, when what came back of it was settled."""
    return {row.ses_id: moment(row.received_at) for row in _read(record, _EVENTS)}


def _read(record: Path, asked: TextClause) -> Sequence[Row[Any]]:
    engine = reading(url_of(record))
    try:
        with engine.connect() as conn:
            return conn.execute(asked).all()
    finally:
        engine.dispose()
