"""What else the account has: MAIL FROM domains, event destinations, topics, queues, dashboards, what it asked AWS for.

On disk, whole, beside its limits and identities: `estate.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

Wire = dict[str, Any]

QUOTA_NAMES = {"L-804C8AE8": "Sending quota", "L-CDEF9B6B": "Sending rate"}


class OwnMailFrom(Struct):
    domain: str
    behaviour: str = "USE_DEFAULT_VALUE"
    status: str = "PENDING"


class OwnDkim(Struct):
    """`generation`: how often its tokens were made."""

    status: str = "PENDING"
    is_on: bool = True
    generation: int = 0


class OwnSet(Struct):
    """A configuration set that was made over the API, or changed there; others publish all to the account's topic."""

    counts_reputation: bool = False
    destinations: dict[str, Wire] = {}


class Review(Struct):
    """Of the account's details. `reason`: what AWS's people wrote, which the API does not tell."""

    status: str
    case: str
    asked_at: datetime
    reason: str = ""


class Increase(Struct):
    id: str
    code: str
    desired: float
    at: datetime
    status: str = "PENDING"


class Book(Struct):
    dkim: dict[str, OwnDkim] = {}
    mail_from: dict[str, OwnMailFrom] = {}
    of_identity: dict[str, str] = {}  # its configuration set
    sets: dict[str, OwnSet] = {}
    topics: dict[str, dict[str, str]] = {}  # ARN → attributes
    subscriptions: list[tuple[str, str, str]] = []  # topic, protocol, endpoint: all but http
    queues: dict[str, dict[str, str]] = {}  # name → attributes
    dashboards: dict[str, str] = {}
    details: Wire | None = None
    review: Review | None = None
    increases: list[Increase] = field(default_factory=list)


@dataclass(slots=True)
class Estate:
    book: Book
    _path: Path

    @classmethod
    def of(cls, directory: Path) -> "Estate":
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "estate.json"
        return cls(msgspec.json.decode(path.read_bytes(), type=Book) if path.exists() else Book(), path)

    def keep(self) -> None:
        """After each change."""
        new = self._path.with_suffix(".new")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(self.book)))
        new.replace(self._path)

    def forget_identity(self, name: str) -> None:
        for kept in (self.book.dkim, self.book.mail_from, self.book.of_identity):
            kept.pop(name, None)
        self.keep()

    def shown(self) -> Mapping[str, Any]:
        """What a person who plays AWS looks at."""
        book = self.book
        return {"details": book.details, "review": book.review, "increases": book.increases}
