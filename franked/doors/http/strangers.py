"""Callers without a valid key, and forgers: an operator wants to know of them, and not a line for each of a flood."""

from dataclasses import dataclass

LINES = 10  # in each minute
MINUTE = 60.0


@dataclass(slots=True)
class Strangers:
    """How many were told this minute, and how many were not since the last line."""

    since: float = float("-inf")
    told: int = 0
    untold: int = 0

    def untold_before(self, monotonic: float) -> int | None:
        """For one more of them: how many came since the last line; None: this one has no line either."""
        if monotonic - self.since >= MINUTE:
            self.since, self.told = monotonic, 0
        if self.told >= LINES:
            self.untold += 1
            return None
        before, self.untold = self.untold, 0
        self.told += 1
        return before
