"""Two meters of an account, both in recipients: how fast, and how many in any 24 hours."""

from collections import deque
from datetime import datetime, timedelta

DAY = timedelta(hours=24)


class RollingDay:
    """What was taken in the last 24 hours. There is no midnight: room comes back as old mail ages out."""

    def __init__(self) -> None:
        self._taken: deque[tuple[datetime, int]] = deque()
        self._sum = 0

    def add(self, recipients: int, at: datetime) -> None:
        self._taken.append((at, recipients))
        self._sum += recipients

    def used(self, now: datetime) -> int:
        while self._taken and self._taken[0][0] <= now - DAY:
            self._sum -= self._taken.popleft()[1]
        return self._sum


class Bucket:
    """A call passes when one whole token is there; its other recipients are a debt that is repaid before the next."""

    def __init__(self, rate: float, now: datetime) -> None:
        self._tokens, self._at = max(1.0, rate), now

    def draw(self, recipients: int, rate: float, now: datetime) -> bool:
        """The burst it lets through is one second's worth, and at least one."""
        elapsed = max((now - self._at).total_seconds(), 0.0)
        self._tokens = min(max(1.0, rate), self._tokens + rate * elapsed)
        self._at = now
        if self._tokens < 1 - 1e-6:
            return False
        self._tokens -= recipients
        return True
