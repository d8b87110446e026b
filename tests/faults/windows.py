"""How full is a stretch of time? The rule: in any window of t seconds at most rate x (t + 1) recipients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    seconds: float
    recipients: int
    allowed: float

    @property
    def excess(self) -> float:
        return self.recipients - self.allowed


def worst(moments: Sequence[datetime], rate: float) -> Window:
    """Of all windows: a fuller one than those that begin and end with a recipient there is not."""
    ordered = sorted(moments)
    passed = [(moment - ordered[0]).total_seconds() for moment in ordered]
    best, window = 0, _window(0.0, 1, rate)
    for last, end in enumerate(passed):
        best = max(best, last, key=lambda first: rate * passed[first] - first)  # the best of all that lie before
        window = max(window, _window(end - passed[best], last - best + 1, rate), key=lambda one: one.excess)
    return window


def _window(seconds: float, recipients: int, rate: float) -> Window:
    return Window(round(seconds, 3), recipients, round(rate * (seconds + 1), 1))
