"""Who sends, how much, and what becomes of it: forty senders, of whom most are careful."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

GOOD_BOUNCES, GOOD_COMPLAINTS = 0.004, 0.0001  # of what a careful sender sends
Share = Callable[[int], float]  # by day, from 0


@dataclass(frozen=True, slots=True)
class Sender:
    """`bounce`, `complaint`, `soft`: the share of a day's mail that comes back for good, is called spam, comes back for
    now. `imports`: by day, how many addresses of a bad list are mailed in bulk, and which share of them is gone.
    `is_clean`: nothing about it deserves a stop. `mends`: after a stop its list is cleaned."""

    name: str
    kind: str
    a_day: int
    bounce: Share = lambda day: GOOD_BOUNCES
    complaint: Share = lambda day: GOOD_COMPLAINTS
    soft: Share = lambda day: 0.0
    imports: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    is_clean: bool = False
    mends: bool = True
    at_limit: str = "urgent_goes"


def senders(seed: int) -> list[Sender]:
    return list(_senders(Random(seed)))


def _senders(chance: Random) -> Iterator[Sender]:
    for number in range(15):
        yield Sender(f"clean-{number}", "clean", chance.randrange(40, 400), is_clean=True)
    for number in range(3):
        yield Sender(f"large-{number}", "clean, large", chance.randrange(1000, 1500), is_clean=True, at_limit="all")
    for number in range(3):
        yield Sender(f"tiny-{number}", "1 bounce of 13", 0, is_clean=True)
    for number in range(3):
        outage = chance.randrange(8, 20)
        yield Sender(
            f"outage-{number}",
            "a provider is out: soft bounces",
            chance.randrange(200, 900),
            soft=lambda day, out=outage: 0.4 if day == out else 0.005,  # type: ignore[misc]
            is_clean=True,
        )
    for number in range(5):
        a_day = chance.randrange(300, 900)
        yield Sender(f"rotting-{number}", "a slowly rotting list", a_day, bounce=_rotting, at_limit="all")
    for number in range(5):
        day, much = chance.randrange(8, 20), chance.randrange(600, 3000)
        a_day = chance.randrange(300, 900)
        imports = {day: (much, 0.25), day + 1: (much, 0.25)}
        yield Sender(f"import-{number}", "one bad import", a_day, imports=imports, at_limit="all")
    for number in range(3):
        burst = chance.randrange(8, 20)
        yield Sender(
            f"spam-{number}",
            "a burst of complaints",
            chance.randrange(500, 900),
            complaint=lambda day, burst=burst: 0.008 if burst <= day < burst + 3 else GOOD_COMPLAINTS,  # type: ignore[misc]
            at_limit="all",
        )
    yield Sender("bad-0", "6 % come back, always", 900, bounce=lambda day: 0.06, mends=False, at_limit="all")
    yield Sender("bad-1", "0.2 % complain, always", 900, complaint=lambda day: 0.002, mends=False, at_limit="all")
    yield Sender("near-0", "1.5 % come back, always", 700, bounce=lambda day: 0.015, is_clean=True)


def _rotting(day: int) -> float:
    """From half a percent to eight."""
    return 0.005 + 0.075 * day / 30
