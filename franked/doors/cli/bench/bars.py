"""A bar: ours against something else, round by round in one run, so that the machine's mood is in both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

Rate = Callable[[], Awaitable[float]]  # measures once: how many a second


@dataclass(frozen=True, slots=True)
class Bar:
    """`ratio` is the median of the rounds' ratios; `absolute` and `against` the medians of how many a second."""

    ratio: float
    absolute: float
    against: float
    median: float
    min: float
    max: float
    rounds: int


async def bar(ours: Rate, theirs: Rate, rounds: int) -> Bar:
    pairs = [(await ours(), await theirs()) for _ in range(rounds)]
    ratios = [mine / other for mine, other in pairs]
    return Bar(
        ratio=round(median(ratios), 3),
        absolute=round(median(mine for mine, _ in pairs), 1),
        against=round(median(other for _, other in pairs), 1),
        median=round(median(ratios), 3),
        min=round(min(ratios), 3),
        max=round(max(ratios), 3),
        rounds=rounds,
    )
