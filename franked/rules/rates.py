"""How much of what was sent came back, and how much was called spam: our own figures, which are an estimate.

AWS computes its own over a "representative volume" that nobody outside knows (ses/04), so theirs stand beside ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)  # figures are kept by quarters of an hour
HISTORY = timedelta(days=14)  # how far back a rate looks
KEPT_FOR = timedelta(days=40)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FEW, MANY = 1_000, 10_000  # sends


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted in a quarter of an hour. Mail to SES's mailbox simulator, and what SES's own list keeps back,
    is in none of it."""

    at: datetime  # its begin
    sent: int = 0
    bounced: int = 0  # for good
    complained: int = 0

    def without(self, before: "Seen") -> "Seen":
        return Seen(
            self.at, self.sent - before.sent, self.bounced - before.bounced, self.complained - before.complained
        )


@dataclass(frozen=True, slots=True)
class Part:
    """How often something happened to the mail of one stream, to one provider; `*`: of all."""

    stream: str
    provider: str
    what: str  # sent, delivered, bounced, soft_bounced, complained, rejected
    n: int


@dataclass(frozen=True, slots=True)
class Window:
    """`is_full`: there was as much to count as it is named by."""

    name: str
    sent: int
    bounced: int
    complained: int
    is_full: bool = True

    @property
    def bounce_rate(self) -> float | None:
        """None without sends."""
        return self.bounced / self.sent if self.sent else None

    @property
    def complaint_rate(self) -> float | None:
        return self.complained / self.sent if self.sent else None


@dataclass(frozen=True, slots=True)
class AwsRates:
    """What CloudWatch says: fractions. None: it has said nothing yet. `sent`, `bounced`, `complained`: what SES itself
    counted in two weeks; `sent` None: not known."""

    bounce: float | None
    complaint: float | None
    at: datetime
    sent: int | None = None
    bounced: int = 0
    complained: int = 0


def last_sends(seen: Sequence[Seen], sends: int) -> Window:
    """The newest quarters that hold so many sends; all there are, if fewer. `seen`: the newest first."""
    taken: list[Seen] = []
    total = 0
    for one in seen:
        if total >= sends:
            break
        taken.append(one)
        total += one.sent
    return replace(_window(f"last {sends:,} sends", taken), is_full=total >= sends)


def since(seen: Sequence[Seen], begin: datetime, name: str) -> Window:
    return _window(name, [one for one in seen if one.at > begin - QUARTER])


def windows(seen: Sequence[Seen], now: datetime) -> list[Window]:
    """Those that people look at. `seen`: the newest first."""
    return [
        since(seen, now - DAY, "24 hours"),
        since(seen, now - WEEK, "7 days"),
        last_sends(seen, FEW),
        last_sends(seen, MANY),
    ]


def _window(name: str, seen: Sequence[Seen]) -> Window:
    sums = (sum(getattr(one, what) for one in seen) for what in ("sent", "bounced", "complained"))
    return Window(name, *sums)
