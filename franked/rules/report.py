"""The report of a day, which is one of UTC: what was sent and came back, what was done about it, how it goes on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from franked.rules.gauge import Quarter
from franked.rules.governor import Brake, BrakeLine
from franked.rules.rates import AwsRates, Part, Seen

TREND = 14  # days, the reported one among them
KEPT_FOR = timedelta(days=39)  # the figures of a day can be told so long
ALL = "*"


@dataclass(frozen=True, slots=True)
class Row:
    """`of`: a stream, or ALL."""

    of: str
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    rejected: int = 0
    soft_bounced: int = 0

    @property
    def bounce_rate(self) -> float | None:
        """None without sends."""
        return self.bounced / self.sent if self.sent else None

    @property
    def complaint_rate(self) -> float | None:
        return self.complained / self.sent if self.sent else None


@dataclass(frozen=True, slots=True)
class Daily:
    """One day of the trend."""

    day: date
    row: Row


@dataclass(frozen=True, slots=True)
class Report:
    """`aws`: what AWS counted that day, of all that the account sent; `aws_rates`: the newest. Either None where AWS
    was not asked, or has said nothing. `dead`, `used` and `quota` are of now."""

    day: date
    total: Row
    streams: tuple[Row, ...]
    aws: Row | None
    aws_rates: AwsRates | None
    suppressed: int
    imported: int
    lifted: int
    dead: int
    used: float
    quota: float | None  # None: none, or not known
    brake: Brake
    braked: tuple[BrakeLine, ...]  # that day, oldest first
    alarms: tuple[str, ...]  # that are open now
    trend: tuple[Daily, ...]  # oldest first

    @property
    def is_empty(self) -> bool:
        """Nothing was sent on any of its days, and nothing is wrong."""
        return not (any(one.row.sent for one in self.trend) or self.dead or self.alarms or self.braked)


def begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def end_of(day: date) -> datetime:
    return begin_of(day) + timedelta(days=1)


def last_of(day: date) -> datetime:
    """So that the next day's first quarter of an hour is none of it."""
    return end_of(day) - timedelta(milliseconds=1)


def rows_of(parts: Iterable[Part]) -> tuple[Row, tuple[Row, ...]]:
    """The total, and the streams with the most mail first."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for part in parts:
        sums[part.stream][part.what] += part.n
    total = _row(ALL, sums.pop(ALL, Counter()))
    rows = [_row(name, one) for name, one in sums.items()]
    return total, tuple(sorted(rows, key=lambda row: (-row.sent, row.of)))


def _row(of: str, one: Counter[str]) -> Row:
    return Row(
        of, one["sent"], one["delivered"], one["bounced"], one["complained"], one["rejected"], one["soft_bounced"]
    )


def trend_of(seen: Iterable[Seen], day: date, length: int = TREND) -> tuple[Daily, ...]:
    """Of so many days, of which `day` is the last."""
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    for one in seen:
        sums[one.at.date()].update(sent=one.sent, bounced=one.bounced, complained=one.complained)
    days = [day - timedelta(days=back) for back in reversed(range(length))]
    return tuple(Daily(one, _row(ALL, sums[one])) for one in days)


def of_aws(quarters: Sequence[Quarter], day: date) -> Row | None:
    """None where AWS counted nothing: it keeps quarters with mail only, and two weeks of them."""
    found = [one for one in quarters if one.at.date() == day]
    if not found:
        return None
    return Row(
        ALL,
        sent=sum(one.attempts for one in found),
        bounced=sum(one.bounces for one in found),
        complained=sum(one.complaints for one in found),
        rejected=sum(one.rejects for one in found),
    )
