"""What a run did, and what it found."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable

MOST_TOLD = 50
MOST_ALIKE = 2


@dataclass(slots=True)
class Findings:
    """`failures`: where, and what happened; the first of them."""

    routes: Counter[str] = field(default_factory=Counter)
    parsers: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def cases(self) -> int:
        return self.routes.total() + self.parsers.total()

    def fail(self, where: str, what: str) -> None:
        alike = [one for one in self.failures if one.startswith(f"{where}: {what[:40]}")]
        if len(self.failures) < MOST_TOLD and len(alike) < MOST_ALIKE:
            self.failures.append(f"{where}: {what}")

    def told(self) -> dict[str, object]:
        return {
            "cases": self.cases,
            "routes": dict(sorted(self.routes.items())),
            "parsers": dict(sorted(self.parsers.items())),
            "statuses": dict(sorted(self.statuses.items())),
            "seconds": round(self.seconds, 1),
            "failures": self.failures,
        }


def try_out(test: Callable[[], None], most: int, seed: int) -> None:
    """A hypothesis test, run here: the same cases for the same seed, no shrinking, nothing kept on disk."""
    calm = settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        seeded(seed)(calm(test))()
    except Unsatisfiable:
        return  # there is nothing to get wrong, such as where a route takes nothing
