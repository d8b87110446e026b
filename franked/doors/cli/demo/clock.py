"""A clock that can be moved, for the hours that a day has."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from franked.wiring import system_clock


@dataclass(slots=True)
class MovableClock:
    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return system_clock() + self.ahead

    def move(self, by: timedelta) -> None:
        """By more than a second only while no call is in flight: what is under way would be late."""
        self.ahead += by
