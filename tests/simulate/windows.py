"""At most rate · (t + 1) recipients in any t seconds, where the rate may change meanwhile."""


class Window:
    """Seconds must not go backwards."""

    def __init__(self) -> None:
        self._at, self._count, self._allowed, self._rate = 0.0, 0, 0.0, 0.0
        self._least, self._highest = 0.0, 1.0  # where the worst window begins; the highest rate in it

    def learn(self, rate: float, now: float) -> None:
        self._allowed += self._rate * (now - self._at)
        self._at, self._rate = now, rate
        self._highest = max(self._highest, rate)

    def one_more(self, now: float) -> bool:
        """False when this one is too many."""
        self.learn(self._rate, now)
        if self._count - self._allowed <= self._least:
            self._least, self._highest = self._count - self._allowed, max(1.0, self._rate)
        self._count += 1
        return self._count - self._allowed - self._least <= self._highest + 1e-6
