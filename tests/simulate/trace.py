"""What happened, line by line: the same seed gives the same lines."""

import hashlib
from collections.abc import Callable

from tests.simulate.loop import LIFE


class Trace:
    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self.lines: list[str] = []

    def say(self, what: str) -> None:
        life = LIFE.get()
        who = f"process {life}" if life else "outside"
        self.lines.append(f"{self._time():12.3f}  {who:<10} {what}")

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()
