"""Who goes first when SES is the bottleneck."""

from enum import StrEnum


class Lane(StrEnum):
    """In the order in which they are served."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"
