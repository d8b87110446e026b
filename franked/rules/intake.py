"""How many drafts may wait for a commit. Each lane has a line of its own: a flood of one never keeps out another."""

from collections.abc import Mapping
from dataclasses import dataclass

from franked.rules.lane import Lane


@dataclass(frozen=True, slots=True)
class Waiting:
    """`size`: bytes, as they came in at the door."""

    drafts: int = 0
    size: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        return Waiting(self.drafts + other.drafts, self.size + other.size)

    def __sub__(self, other: "Waiting") -> "Waiting":
        return Waiting(self.drafts - other.drafts, self.size - other.size)


# A disk that needs 50 ms for each flush stores these thousands in a second: whoever is turned away tries again then.
MOST: Mapping[Lane, Waiting] = {
    Lane.URGENT: Waiting(1_000, 16_000_000),  # codes: small, and nobody sends them in batches
    Lane.NORMAL: Waiting(4_000, 64_000_000),
    Lane.BULK: Waiting(4_000, 64_000_000),
}


def has_room(lane: Lane, waiting: Waiting) -> bool:
    """For one more, however large: what is larger than the line could never come in otherwise."""
    most = MOST[lane]
    return waiting.drafts < most.drafts and waiting.size < most.size
