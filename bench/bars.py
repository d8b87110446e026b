"""What is to be reached, in one place, and the shape in which every part of the bench hands over what it measured."""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Bar:
    """`must` and `aim` are in `unit`: "×" (how many times the other's), "%" (of the other's; 0.4 is 40 %), "ms", "MB".

    None where a figure is printed and nothing asked of it."""

    name: str
    must: float | None
    aim: float | None
    unit: str = "×"
    at_most: bool = False  # less is better

    def reached(self, value: float) -> str:
        """ "aim", "must", "missed", or "" where nothing is asked."""
        for word, line in (("aim", self.aim), ("must", self.must)):
            if line is not None and (value <= line if self.at_most else value >= line):
                return word
        return "" if self.must is None else "missed"


@dataclass(frozen=True, slots=True)
class Side:
    """The absolute figures of one who was measured, one a round, in `unit`."""

    who: str
    values: tuple[float, ...]
    unit: str = "/s"

    @property
    def median(self) -> float:
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Result:
    """`measured`, one a round, is in the bar's unit: the ratio of the two sides, or ours where it stands alone."""

    bar: Bar
    ours: Side
    theirs: Side | None = None
    notes: tuple[str, ...] = ()
    measured: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        ours, theirs = self.ours.values, self.theirs.values if self.theirs else ()
        ratios = tuple(mine / other for mine, other in zip(ours, theirs, strict=True)) if theirs else ours
        object.__setattr__(self, "measured", ratios)

    @property
    def median(self) -> float:
        return median(self.measured)


@dataclass(frozen=True, slots=True)
class Run:
    """What a part of the bench is told: where it may write, how often it measures, which bars are wanted."""

    folder: Path
    rounds: int
    wanted: Collection[str]
    tell: Callable[[str], None]  # a line of progress, for people


Part = Callable[[Run], AsyncIterator[Result]]
"""Measures those of its bars that are wanted, each round in turn with what it stands against."""

DRAIN_CELERY = Bar("drain vs celery", 6, 10)
DRAIN_PGQUEUER = Bar("drain vs pgqueuer", 1.5, 2.5)
DRAIN_POST_OFFICE = Bar("drain vs django-post-office", None, None)
DRAIN_LOOP = Bar("drain vs own loop", 0.4, 0.6, "%")
DRAIN_50_CELERY = Bar("drain at 50 ms vs celery", 10, 15)
POSTGRES_PGQUEUER = Bar("postgres drain vs pgqueuer", 1, 1.5)
ACCEPT_FASTAPI = Bar("accept vs fastapi", 8, 15)
ACCEPT_TWO = Bar("accept vs two fastapi", None, None)
ACCEPT_FSYNC = Bar("accept vs fastapi, fsynced", None, None)
ACCEPT_BARE = Bar("accept vs no storage", 0.35, 0.5, "%")
BATCH = Bar("batch vs single", 3, 6)
EVENTS = Bar("events vs verified only", 0.25, 0.5, "%")
STORED_1M = Bar("cost a message, 1 million stored vs 10 thousand", None, None, at_most=True)
STORED_10M = Bar("cost a message, 10 million stored vs 10 thousand", 1.3, 1.1, at_most=True)
MEMORY = Bar("memory, 100,000 queued", 200, 150, "MB", at_most=True)
URGENT_14 = Bar("urgent behind 50,000 bulk, 14/s", 500, 200, "ms", at_most=True)
URGENT_200 = Bar("urgent behind 50,000 bulk, 200/s", None, None, "ms", at_most=True)

BESIDE_PEERS = (
    DRAIN_CELERY,
    DRAIN_PGQUEUER,
    DRAIN_POST_OFFICE,
    DRAIN_LOOP,
    DRAIN_50_CELERY,
    POSTGRES_PGQUEUER,
    ACCEPT_FASTAPI,
    ACCEPT_TWO,
    ACCEPT_FSYNC,
    ACCEPT_BARE,
    BATCH,
)

BARS = (*BESIDE_PEERS, EVENTS, STORED_1M, STORED_10M, MEMORY, URGENT_14, URGENT_200)
