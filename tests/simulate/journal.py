"""What a record tells of itself: triggers keep a journal of each change in its exact order, read after each commit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from franked.backends.sql.store import SqlStore

S = TypeVar("S", bound=SqlStore)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal; what `of` holds differs by `what`, see WATCHED."""

    what: str
    id: Any
    of: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the record counts as it goes."""

    counters: Mapping[tuple[str, str], int]  # (stream, what)
    minutes: Mapping[int, int]  # minute → recipients, against the quota


Changed = Callable[[Sequence[Change]], None]


class Record(Protocol):
    """It outlives every simulated process. `changed` is called after each commit, before anybody is answered."""

    changed: Changed

    def open(self, ring: Callable[[], None], commit: Callable[[], float], kind: type[S]) -> S:
        """For one process. `commit`: how long the next commit takes."""
        ...

    def totals(self) -> Totals: ...


Records = Callable[[Callable[[], datetime]], Record]  # a new one, by this clock


def nobody(changes: Sequence[Change]) -> None:
    """Looks at them."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A line of the journal is written after `on`; `values` are what stands in it, `new.` and `old.` are the rows."""

    what: str
    on: str
    values: str
    only_when: str | None = None


WATCHED = (
    Watched(
        "accepted", "INSERT ON messages", "new.id, new.state, new.stream, new.address_key, new.reason, new.lane, NULL"
    ),
    Watched(
        "moved",
        "UPDATE ON messages",
        "new.id, old.state, new.state, new.attempt, new.lease_until, new.contents IS NULL, new.reason",
        "old.state <> new.state OR old.lease_until IS DISTINCT FROM new.lease_until",
    ),
    Watched(
        "attempt", "INSERT ON attempts", "new.message_id, new.number, new.at, new.call_by, new.lease_until, NULL, NULL"
    ),
    Watched(
        "answered", "UPDATE ON attempts", "new.message_id, new.number, new.outcome, new.detail, new.ses_id, NULL, NULL"
    ),
    Watched("ledger", "INSERT ON ledger", 'new.message_id, new.what, new.why, new."by", NULL, NULL, NULL'),
    Watched("suppressed", "INSERT ON suppressions", "new.address_key, new.scope, new.until, NULL, NULL, NULL, NULL"),
    Watched("suppressed", "UPDATE ON suppressions", "new.address_key, new.scope, new.until, NULL, NULL, NULL, NULL"),
    Watched("consent", "INSERT ON consents", "new.address_key, new.topic, new.standing, NULL, NULL, NULL, NULL"),
    Watched("consent", "UPDATE ON consents", "new.address_key, new.topic, new.standing, NULL, NULL, NULL, NULL"),
    Watched(
        "event",
        "INSERT ON events",
        "new.key, new.message_id, new.kind, new.ses_id, new.recipient, new.bounce_type, new.subtype",
    ),
    Watched("owned", "UPDATE OF message_id ON events", "new.key, new.message_id, NULL, NULL, NULL, NULL, NULL"),
    Watched("named", "INSERT ON idempotency", "new.key, new.message_id, NULL, NULL, NULL, NULL, NULL"),
    Watched("account", "INSERT ON account", "new.rate, new.quota, new.production, new.verified, NULL, NULL, NULL"),
    Watched("account", "UPDATE ON account", "new.rate, new.quota, new.production, new.verified, NULL, NULL, NULL"),
)
