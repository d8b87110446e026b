"""What the outcomes of calls say about the account: a throttle slows all, a stopped lane waits, with an alarm."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from franked.backends.sql import account, alarms, pace
from franked.backends.sql.desk import Desk
from franked.backends.sql.rows import moment
from franked.record import Alarm, Finished
from franked.rules import trouble
from franked.rules.lane import Lane
from franked.rules.outcome import Delay, Outcome, Refused, Sent, TryLater
from franked.rules.pace import (
    LANE_REST,
    QUOTA_REST,
    Bucket,
    LaneWait,
    after_answer,
    after_delay,
    is_troubled,
    refilled,
)

_CLOSING = {Delay.QUOTA, Delay.LANE, Delay.ACCOUNT}
_SES_SPOKE = _CLOSING | {Delay.SENDER}  # and it was no server error


def learn(conn: Connection, finished: Sequence[Finished], desk: Desk) -> list[bool]:
    """For each outcome: is the account in trouble after it?"""
    _close_lanes(conn, finished)
    _alarm(conn, finished, desk)
    access = account.read(conn)
    if access is None:
        return [False] * len(finished)
    now = moment(desk.now())
    kept = pace.drawn_from(conn, access, now)
    bucket = refilled(kept, access, now)
    troubled = []
    for one in finished:
        bucket = _after(bucket, one.outcome)
        troubled.append(is_troubled(bucket))
    if (bucket.factor, bucket.trouble, bucket.slowed_at) != (kept.factor, kept.trouble, kept.slowed_at):
        pace.keep(conn, bucket)
    return troubled


def _after(bucket: Bucket, outcome: Outcome) -> Bucket:
    match outcome:
        case TryLater(why) if why not in _SES_SPOKE:
            return after_delay(bucket, why)
        case Sent() | Refused() | TryLater():
            return after_answer(bucket)
        case _:  # no answer says nothing about the account's trouble
            return bucket


def _close_lanes(conn: Connection, finished: Sequence[Finished]) -> None:
    for one in finished:
        if isinstance(one.outcome, TryLater) and one.outcome.why in _CLOSING:
            wait = LaneWait(one.at + _rest(one.outcome.why), one.outcome.detail or one.outcome.why.value)
            pace.prolong(conn, dict.fromkeys(_lanes(one.outcome.why, one.taken.message.lane), wait), one.at)


def _alarm(conn: Connection, finished: Sequence[Finished], desk: Desk) -> None:
    """Opened for what stands still, and closed by the next that goes. Of one batch the last word counts."""
    last: dict[str, Alarm | None] = {}
    for one in finished:
        message = one.taken.message
        match one.outcome:
            case Sent():
                last |= dict.fromkeys(trouble.ended_by(message.lane, message.sender))
            case TryLater(why, detail) if alarm := trouble.alarm_of(why, message.lane, message.sender, detail):
                last[alarm[0]] = Alarm(*alarm, opened_at=one.at)
            case _:
                pass
    alarms.open_up(conn, [alarm for alarm in last.values() if alarm])
    alarms.close(conn, [key for key, alarm in last.items() if not alarm], desk.now())


def _rest(why: Delay) -> timedelta:
    return QUOTA_REST if why is Delay.QUOTA else LANE_REST


def _lanes(why: Delay, lane: Lane) -> Sequence[Lane]:
    return (lane,) if why is Delay.LANE else tuple(Lane)
