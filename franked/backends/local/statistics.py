"""What SES itself counts of an account: by minutes for two weeks, and over the volume of which it makes its rates.

Real SES keeps to itself how large that volume is (ses/04). Here it is the last 10,000 recipients.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from franked.backends.local.fates import Fate

VOLUME = 10_000
KEPT_FOR = timedelta(days=14)
MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(slots=True)
class Counted:
    """`bounce_rate` and `complaint_rate`: as they stood when it ended."""

    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    bounce_rate: float = 0.0
    complaint_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one recipient of one mail. `bounced`: for good, at a domain that the account has not verified."""

    bounced: bool = False
    complained: bool = False
    delivered: bool = True


def outcome_of(fate: Fate, *, is_verified: bool) -> Outcome:
    """Bounces at a domain of the account's own don't count."""
    gone, heard = fate in {Fate.BOUNCED, Fate.SUPPRESSED}, fate not in {Fate.BOUNCED, Fate.SUPPRESSED, Fate.FULL}
    return Outcome(gone and not is_verified, fate is Fate.COMPLAINED, heard)


class Statistics:
    """Mail to the mailbox simulator, and what the account's own list keeps back, is never brought here."""

    def __init__(self) -> None:
        self.minutes: dict[datetime, Counted] = {}  # in the order of time
        self._volume: deque[tuple[bool, bool]] = deque()
        self._bounced = self._complained = 0

    def count(self, outcomes: Iterable[Outcome], at: datetime) -> None:
        for outcome in outcomes:
            self._roll(outcome)
            minute = self._minute(at)
            minute.sent += 1
            minute.delivered += outcome.delivered
            minute.bounced += outcome.bounced
            minute.complained += outcome.complained
            minute.bounce_rate = self._bounced / len(self._volume)
            minute.complaint_rate = self._complained / len(self._volume)

    def quarters(self) -> Iterator[tuple[datetime, Counted]]:
        """Those in which something was sent."""
        found: dict[datetime, Counted] = {}
        for minute, one in self.minutes.items():
            sum_ = found.setdefault(_begin(minute, QUARTER), Counted())
            sum_.sent += one.sent
            sum_.bounced += one.bounced
            sum_.complained += one.complained
        yield from found.items()

    def _roll(self, outcome: Outcome) -> None:
        self._volume.append((outcome.bounced, outcome.complained))
        self._bounced += outcome.bounced
        self._complained += outcome.complained
        if len(self._volume) > VOLUME:
            bounced, complained = self._volume.popleft()
            self._bounced -= bounced
            self._complained -= complained

    def _minute(self, at: datetime) -> Counted:
        begin = _begin(at, MINUTE)
        found = self.minutes.get(begin)
        if found is None:
            found = self.minutes[begin] = Counted()
            for old in [one for one in self._oldest() if one < begin - KEPT_FOR]:
                del self.minutes[old]
        return found

    def _oldest(self) -> Iterator[datetime]:
        return (one for one, _ in zip(self.minutes, range(60), strict=False))


def _begin(at: datetime, length: timedelta) -> datetime:
    return at - timedelta(seconds=at.timestamp() % length.total_seconds())
