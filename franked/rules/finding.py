"""What a check found: whether one thing is as it must be before AWS is asked, on what evidence, and how to mend it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """In the order in which people are shown them. Unknown is never ok."""

    MISSING = "missing"
    WRONG = "wrong"
    UNKNOWN = "unknown"  # nobody answered, or in time
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen: a record, a value, a message's id."""

    what: str  # such as `TXT _dmarc.shop.example.com`
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """`key`: of the check, such as `dkim`; `of`: what was checked, where there are several (a domain, a stream).
    `found` is a sentence. `why`: why it matters. `fix`: lines to copy, a DNS record or a command, in order."""

    key: str
    status: Status
    found: str
    of: str = ""
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    fix: tuple[str, ...] = ()
    is_required: bool = True  # else it is good to have, and no promise stands on it

    @property
    def id(self) -> str:
        return f"{self.key}:{self.of}" if self.of else self.key

    @property
    def is_ok(self) -> bool:
        return self.status is Status.OK


_ORDER = {status: place for place, status in enumerate(Status)}


def in_order(findings: Iterable[Finding]) -> Sequence[Finding]:
    """What is missing first; what is only good to have after what is required."""
    return sorted(findings, key=lambda one: (one.is_ok, not one.is_required, _ORDER[one.status], one.id))
