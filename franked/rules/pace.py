"""The account's sending rate and its rolling 24-hour quota, in recipients."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil

from franked.rules.lane import Lane
from franked.rules.outcome import Delay

HEADROOM = 0.9  # of MaxSendRate: the rest is for the account's other senders and the network's jitter
NO_QUOTA = -1
QUOTA_SHARE = {Lane.URGENT: 1.0, Lane.NORMAL: 0.9, Lane.BULK: 0.9}
SLOWEST = 1 / 32
ONE_BURST = timedelta(seconds=1)
SLICE = 0.1  # seconds of the rate that are drawn at once: ten looks into the store a second, at any rate
QUOTA_REST = timedelta(minutes=5)
LANE_REST = timedelta(minutes=1)
LEAST_IN_FLIGHT, MOST_IN_FLIGHT = 64, 1024  # calls at once: bounds of what rate and duration ask for
KEPT_FOR_URGENT = 16  # places in flight that other lanes leave free
TROUBLED = 5  # server errors in a row that make it the account's trouble, not the message's


@dataclass(frozen=True, slots=True)
class Access:
    """What GetAccount and the identities said last."""

    production: bool
    rate: float  # MaxSendRate, recipients a second
    quota: float  # Max24HourSend, recipients in any 24 hours; NO_QUOTA = none
    sent_24h: float  # SentLast24Hours, at `read_at`
    read_at: datetime
    sending_enabled: bool = True
    enforcement: str = "HEALTHY"  # open string
    verified: frozenset[str] = frozenset()  # identities: addresses and domains, case-folded


@dataclass(frozen=True, slots=True)
class Bucket:
    """The one token bucket of all workers. It refills by the clock of the store that keeps it."""

    tokens: float
    at: datetime
    factor: float = 1.0  # 1 normally; a throttle halves it, each quiet second heals it
    trouble: int = 0  # server errors since the last answer that was none
    slowed_at: datetime | None = None  # the last halving


@dataclass(frozen=True, slots=True)
class LaneWait:
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages of each lane may be taken now, and the tokens they share."""

    tokens: int
    lanes: Mapping[Lane, int] = field(default_factory=dict)


def speed(access: Access, bucket: Bucket) -> float:
    """Tokens a second."""
    return access.rate * HEADROOM * bucket.factor


def depth(access: Access, bucket: Bucket) -> float:
    return max(1.0, speed(access, bucket))


def refilled(bucket: Bucket, access: Access, now: datetime) -> Bucket:
    """A clock that jumps, either way, is worth one second at most."""
    elapsed = min(max((now - bucket.at).total_seconds(), 0.0), 1.0)
    factor = min(1.0, bucket.factor * (1 + 0.1 * elapsed))
    tokens = bucket.tokens + speed(access, bucket) * elapsed
    return replace(bucket, tokens=min(depth(access, bucket), tokens), at=now, factor=factor)


def room(bucket: Bucket, access: Access, used: float, waits: Mapping[Lane, LaneWait], now: datetime) -> Room:
    """`bucket` refilled, `used` recipients in the last 24 hours. Urgent never waits for a refill that normal mail drew:
    where the bucket is deep enough to hold 2 or more, the others leave one token."""
    tokens = int(bucket.tokens + 1e-9)
    for_others = tokens - 1 if depth(access, bucket) >= 2 else tokens
    lanes = {}
    for lane in Lane:
        wait = waits.get(lane)
        closed = not access.sending_enabled or (wait is not None and wait.until > now)
        most = tokens if lane is Lane.URGENT else for_others
        lanes[lane] = 0 if closed else max(0, min(most, quota_left(lane, access, used)))
    return Room(tokens, lanes)


def quota_left(lane: Lane, access: Access, used: float) -> int:
    if access.quota == NO_QUOTA:
        return 1_000_000_000
    return max(0, int(access.quota * QUOTA_SHARE[lane] - used))


def used_24h(own: float, access: Access, own_since_read: float) -> float:
    """The account may have other senders, and AWS's figure may lag: the larger of the two counts."""
    return max(own, access.sent_24h + own_since_read)


def next_token(bucket: Bucket, access: Access) -> float:
    """Seconds until the bucket holds one more whole token."""
    missing = 1.0 - (max(bucket.tokens, 0.0) + 1e-9) % 1.0
    return missing / max(speed(access, bucket), 1e-6)


def next_slice(bucket: Bucket, access: Access) -> float:
    """Seconds until it is worth drawing again."""
    return max(next_token(bucket, access), SLICE)


def in_flight(speed: float, seconds: float) -> int:
    """How many calls may be under way where the pace is `speed` a second and a call takes so many seconds: twice what
    both ask for, because no two calls take the same time."""
    return min(MOST_IN_FLIGHT, max(LEAST_IN_FLIGHT, ceil(2 * speed * seconds)))


def slowed(bucket: Bucket) -> Bucket:
    """After a rate throttle: nothing in hand, and half the pace; once a second, for throttles come in bursts. `bucket`
    is refilled."""
    if bucket.slowed_at is not None and abs(bucket.at - bucket.slowed_at) < ONE_BURST:
        return replace(bucket, tokens=0.0)
    return replace(bucket, tokens=0.0, factor=max(SLOWEST, bucket.factor / 2), slowed_at=bucket.at)


def after_delay(bucket: Bucket, why: Delay) -> Bucket:
    match why:
        case Delay.RATE:
            return slowed(bucket)
        case Delay.SERVER:
            troubled = replace(bucket, trouble=bucket.trouble + 1)
            return slowed(troubled) if is_troubled(troubled) else troubled
        case _:
            return bucket


def after_answer(bucket: Bucket) -> Bucket:
    return replace(bucket, trouble=0) if bucket.trouble else bucket


def is_troubled(bucket: Bucket) -> bool:
    """The whole account answers with server errors: the pace slows, and no message's try is spent on it."""
    return bucket.trouble >= TROUBLED
