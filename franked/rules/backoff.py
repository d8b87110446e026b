"""When to try again: three tries that cost, and delays that cost none."""

from datetime import datetime, timedelta

from franked.rules.lane import Lane
from franked.rules.outcome import Delay

TRIES = 3
_AFTER_TRY = {  # seconds after the first and the second try that cost one
    Lane.URGENT: (5.0, 25.0),
    Lane.NORMAL: (25.0, 120.0),
    Lane.BULK: (25.0, 120.0),
}
_FREE = {  # seconds; where the pace or the lane has been told to wait as well, this only spreads the crowd
    Delay.RATE: 0.5,
    Delay.QUOTA: 60.0,
    Delay.LANE: 30.0,
    Delay.ACCOUNT: 30.0,
    Delay.SENDER: 300.0,  # only this sender's mail waits, until its DNS is mended
    Delay.CONNECTION: 5.0,
    Delay.CREDENTIALS: 10.0,
    Delay.LATE: 0.0,
}


def used_up(tries: int) -> bool:
    return tries >= TRIES


def after_try(tries: int, lane: Lane, now: datetime, jitter: float) -> datetime:
    """`tries` (1 or 2) have been spent; `jitter` is a random number in [0, 1)."""
    seconds = _AFTER_TRY[lane][min(tries, TRIES - 1) - 1]
    return now + timedelta(seconds=seconds * (0.8 + 0.4 * jitter))


def after_free(why: Delay, now: datetime, jitter: float) -> datetime:
    return now + timedelta(seconds=_FREE[why] * (0.8 + 0.4 * jitter))


def unknown_wait(lane: Lane) -> timedelta:
    """How long after its lease an unknown attempt waits for an event that proves acceptance."""
    return timedelta(seconds=30) if lane is Lane.URGENT else timedelta(minutes=15)
