"""What is asked of AWS, by whom, and how much mail it is for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from franked.rules.address import Address

_VOLUME = re.compile(r"([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Volume:
    """Mails a day, from a quiet one to a busy one."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"

    def times(self, days: int) -> "Volume":
        return Volume(self.least * days, self.most * days)


def parse_volume(text: str) -> Volume | None:
    """`10-50`, or `200`; None for anything else."""
    found = _VOLUME.fullmatch(text.strip())
    if found is None:
        return None
    least, most = int(found[1]), int(found[2] or found[1])
    return Volume(least, most) if 0 <= least <= most and most > 0 else None


def total(volumes: Iterable[Volume]) -> Volume | None:
    """Of all of a day. None: nobody has said any."""
    said = list(volumes)
    return Volume(sum(one.least for one in said), sum(one.most for one in said)) if said else None


@dataclass(frozen=True, slots=True)
class Asked:
    """The request as the settings say it. `per_day`, `per_second`: the limits asked for, in recipients. `reason`: why
    that many. `later`: mails a day expected in six months. `case_id`: of AWS's support case, where it asked something.
    """

    signer: str = ""
    role: str = ""
    email: Address | None = None
    company: str = ""
    business: str = ""
    recipients: str = ""
    per_day: int | None = None
    per_second: float | None = None
    peak_per_day: int | None = None
    peak_per_hour: int | None = None
    later: int | None = None
    reason: str = ""
    dedicated_ip: bool = False
    case_id: str = ""
