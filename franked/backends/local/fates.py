"""What becomes of a mail, by its address: the mailbox simulator's addresses, and everybody else, who gets it."""

from collections.abc import Sequence
from enum import StrEnum

from franked.backends.local.account import is_simulator


class Fate(StrEnum):
    DELIVERED = "delivered"
    BOUNCED = "bounced"
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


def fate(recipient: str) -> Fate:
    """Labels don't matter: `bounce+anything@` bounces."""
    if not is_simulator(recipient):
        return Fate.DELIVERED
    return _SIMULATED.get(recipient.casefold().partition("@")[0].partition("+")[0], Fate.DELIVERED)


def of_fate(recipients: Sequence[str], *fates: Fate) -> list[str]:
    return [recipient for recipient in recipients if fate(recipient) in fates]
