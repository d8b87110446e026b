"""The shelf of the brake: where the governor stands, and each of its steps. It moves with the figures it follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Double, Integer, Row, Table, bindparam, insert, select

from franked.backends.sql import alarms, figures
from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import ignoring, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.record import Alarm
from franked.rules.governor import (
    MEANING,
    Brake,
    BrakeLine,
    BrakeRelease,
    Reached,
    Step,
    after,
    counting,
    reached,
    stopped,
)
from franked.rules.lane import Lane
from franked.rules.pace import LaneWait
from franked.rules.rates import HISTORY, AwsRates, Seen

brakes = Table(
    "brake",
    metadata,
    Column("only", Integer, primary_key=True),  # 1
    Column("step", Integer, nullable=False),
    time("since", known=False),
    text("because"),
    time("released_at", known=False),
    Column("base_sent", BigInteger, nullable=False),
    Column("base_bounced", BigInteger, nullable=False),
    Column("base_complained", BigInteger, nullable=False),
    time("careful_until", known=False),
    Column("aws_bounce", Double),
    Column("aws_complaint", Double),
    time("aws_at", known=False),
    Column("aws_sent", BigInteger),
    Column("aws_bounced", BigInteger, nullable=False),
    Column("aws_complained", BigInteger, nullable=False),
)
brake_log = Table(
    "brake_log",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    time("at"),
    text("what"),
    text("why"),
    text("by"),
    text("action"),
)

ALARM = "governor_{}"  # and the step's word
WAITS_ON = timedelta(days=1)  # a stop has no end of its own: each look names a later time

_BEGIN = ignoring(brakes)
_KEEP = replacing(brakes)
_READ = select(brakes)
_LOCK = _READ.with_for_update()
_LOG = insert(brake_log)
_LINES = select(brake_log).order_by(brake_log.c.line.desc()).limit(bindparam("most"))


def read(conn: Connection) -> Brake:
    row = conn.execute(_READ).one_or_none()
    return Brake() if row is None else _value(row)


def waits(conn: Connection, now: datetime) -> tuple[Step, dict[Lane, LaneWait]]:
    """The lanes that it stops."""
    brake = read(conn)
    why = f"governor, since {brake.since:%Y-%m-%d %H:%M}Z: {brake.because}" if brake.since else ""
    return brake.step, {lane: LaneWait(now + WAITS_ON, why) for lane in stopped(brake.step)}


def govern(conn: Connection, desk: Desk) -> Brake:
    """Moves it where the figures are now: whoever counted a bounce or a complaint asks, in the same transaction."""
    brake = _locked(conn)
    now = moment(desk.now())
    moved = after(brake, _reached(conn, brake, now, desk), now)
    if moved is not brake:
        _keep(conn, moved)
        _enter(conn, BrakeLine(now, moved.step.word, moved.because))
        _tell(conn, moved, now)
    return moved


def release(conn: Connection, asked: Sequence[BrakeRelease], desk: Desk) -> list[Brake | None]:
    """What it was released from; None: nothing stood still. What came before counts no more."""
    return [_release(conn, one, desk) for one in asked]


def _release(conn: Connection, asked: BrakeRelease, desk: Desk) -> Brake | None:
    before = _locked(conn)
    if not before.step.is_stop:
        return None
    quarter = figures.quarter_of(ms(asked.at))
    base = next((one for one in figures.in_all(conn, ms(asked.at)) if ms(one.at) == quarter), None)
    _keep(conn, replace(before, step=Step.NONE, since=None, because="", released_at=asked.at, base=base))
    _enter(conn, BrakeLine(asked.at, "released", asked.investigation, asked.by, asked.action))
    _tell(conn, Brake(), asked.at)
    return before


def learn_aws(conn: Connection, rates: AwsRates, desk: Desk) -> Brake:
    _keep(conn, replace(_locked(conn), aws=rates))
    return govern(conn, desk)


def be_careful(conn: Connection, until: datetime) -> None:
    """The first days after AWS's yes."""
    _keep(conn, replace(_locked(conn), careful_until=until))


def lines(conn: Connection, most: int) -> list[BrakeLine]:
    """The newest first."""
    found = conn.execute(_LINES, {"most": most})
    return [BrakeLine(moment(row.at), row.what, row.why, row.by, row.action) for row in found]


def seen(conn: Connection, brake: Brake, now: datetime) -> list[Seen]:
    """What counts: of the last two weeks, and since the last release; the newest first."""
    begin = max(now - HISTORY, brake.released_at or now - HISTORY)
    return counting(figures.in_all(conn, ms(begin)), brake)


def _reached(conn: Connection, brake: Brake, now: datetime, desk: Desk) -> Reached:
    careful = brake.careful_until is not None and now < brake.careful_until
    aws = brake.aws if brake.released_at is None or (brake.aws and brake.aws.at > brake.released_at) else None
    found = figures.in_all(conn, ms(now - HISTORY))
    return reached(found, aws, brake, careful=careful, at_limit_all=desk.at_limit_all)


def _locked(conn: Connection) -> Brake:
    """For this transaction alone: two that count at the same time see each other's figures one after the other."""
    write(conn, _BEGIN, [_row(Brake())])
    return _value(conn.execute(_LOCK).one())


def _keep(conn: Connection, brake: Brake) -> None:
    write(conn, _KEEP, [_row(brake)])


def _enter(conn: Connection, line: BrakeLine) -> None:
    row = {"at": ms(line.at), "what": line.what, "why": line.why, "by": line.by, "action": line.action}
    write(conn, _LOG, [row])


def _tell(conn: Connection, brake: Brake, now: datetime) -> None:
    """One alarm, of the step where it stands."""
    others = [ALARM.format(step.word) for step in Step if step is not brake.step]
    alarms.close(conn, others, ms(now))
    if brake.step is not Step.NONE:
        says = f"{brake.because}; {MEANING[brake.step]}"
        way_out = ": find the cause, then `franked governor release`" if brake.step.is_stop else ""
        alarms.open_up(conn, [Alarm(ALARM.format(brake.step.word), says + way_out, now)])


def _row(brake: Brake) -> dict[str, object]:
    return {
        "only": 1,
        "step": int(brake.step),
        "since": ms_or_none(brake.since),
        "because": brake.because,
        "released_at": ms_or_none(brake.released_at),
        "base_sent": brake.base.sent if brake.base else 0,
        "base_bounced": brake.base.bounced if brake.base else 0,
        "base_complained": brake.base.complained if brake.base else 0,
        "careful_until": ms_or_none(brake.careful_until),
        "aws_bounce": brake.aws.bounce if brake.aws else None,
        "aws_complaint": brake.aws.complaint if brake.aws else None,
        "aws_at": ms(brake.aws.at) if brake.aws else None,
        "aws_sent": brake.aws.sent if brake.aws else None,
        "aws_bounced": brake.aws.bounced if brake.aws else 0,
        "aws_complained": brake.aws.complained if brake.aws else 0,
    }


def _value(row: Row[Any]) -> Brake:
    return Brake(
        step=Step(row.step),
        since=moment_or_none(row.since),
        because=row.because,
        released_at=moment_or_none(row.released_at),
        base=_base(row),
        careful_until=moment_or_none(row.careful_until),
        aws=_aws(row),
    )


def _aws(row: Row[Any]) -> AwsRates | None:
    if row.aws_at is None:
        return None
    counted = row.aws_sent, row.aws_bounced, row.aws_complained
    return AwsRates(row.aws_bounce, row.aws_complaint, moment(row.aws_at), *counted)


def _base(row: Row[Any]) -> Seen | None:
    if row.released_at is None:
        return None
    quarter = moment(figures.quarter_of(row.released_at))
    return Seen(quarter, row.base_sent, row.base_bounced, row.base_complained)
