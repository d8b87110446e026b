"""Who agreed to what topic, and who left it."""

from enum import StrEnum


class Standing(StrEnum):
    """What the record says about one address and one topic."""

    NOTHING = "nothing"  # never asked, never left
    CONFIRMED = "confirmed"
    LEFT = "left"
