"""What becomes of a mail, by its address: the mailbox simulator's addresses, and people, who get it or don't."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from franked.backends.local.account import is_simulator

EVERY = "*"  # instead of a domain: all that have no share of their own


class Fate(StrEnum):
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FULL = "mailbox full"
    OUT_OF_OFFICE = "out of office"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"  # by SES's own list


_SIMULATED = {
    "success": Fate.DELIVERED,
    "bounce": Fate.BOUNCED,
    "ooto": Fate.OUT_OF_OFFICE,
    "complaint": Fate.COMPLAINED,
    "suppressionlist": Fate.SUPPRESSED,
}


@dataclass(frozen=True, slots=True)
class Share:
    """Of the people at a domain: which share is gone, is full for now, or calls what it gets spam."""

    bounce: float = 0.0
    full: float = 0.0
    complaint: float = 0.0


@dataclass(slots=True)
class People:
    """Whose fate is drawn once and for all: the same `seed` and address, the same fate."""

    seed: int = 0
    shares: dict[str, Share] = field(default_factory=dict)  # by domain, or EVERY

    def fate(self, recipient: str) -> Fate:
        """Labels of the mailbox simulator don't matter: `bounce+anything@` bounces."""
        key = recipient.casefold()
        if is_simulator(key):
            return _SIMULATED.get(key.partition("@")[0].partition("+")[0], Fate.DELIVERED)
        share = self.shares.get(key.rpartition("@")[2], self.shares.get(EVERY))
        if share is None:
            return Fate.DELIVERED
        drawn = Random(f"{self.seed} {key}").random()  # noqa: S311 (chance that can be repeated, no secret)
        for part, fate in ((share.bounce, Fate.BOUNCED), (share.full, Fate.FULL), (share.complaint, Fate.COMPLAINED)):
            if drawn < part:
                return fate
            drawn -= part
        return Fate.DELIVERED


FateOf = Callable[[str], Fate]
ALL_GET_IT = People().fate


def of_fate(recipients: Sequence[str], fate_of: FateOf, *fates: Fate) -> list[str]:
    return [recipient for recipient in recipients if fate_of(recipient) in fates]
