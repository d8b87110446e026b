"""What is asked at the counter: which messages there are, to have one back or sent again, the list of suppressions.

All times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from franked.rules.address import Address
from franked.rules.message import State
from franked.rules.suppression import EVERYWHERE, Why


@dataclass(frozen=True, slots=True)
class Enquiry:
    """Which messages are asked for, newest first. None: whichever."""

    below: str = ""  # `next` of the page before
    most: int = 50
    most_looked_at: int = 20_000  # what fits seldom, or never, keeps no reader for long
    key_id: str | None = None  # only what this key brought
    address_key: str | None = None
    stream: str | None = None
    state: State | None = None
    reason: str | None = None
    since: datetime | None = None  # accepted then or later
    until: datetime | None = None  # accepted before


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a page."""

    id: str
    stream: str
    to: Address
    state: State
    reason: str | None
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the next page's `below`, None on the last. One before the last may be short, even empty."""

    items: tuple[Item, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """A message is taken back before a worker took it."""

    id: str
    by: str  # a key's id, or a name


class Stop(StrEnum):
    """Where a message stands until a person moves it on."""

    DEAD = "dead"  # its tries are used up
    UNKNOWN_OUTCOME = "unknown_outcome"  # held: nobody knows whether SES took it


@dataclass(frozen=True, slots=True)
class Stopped:
    """Which stopped messages are asked for, oldest first."""

    stop: Stop
    after: str = ""  # the last id of the page before
    most: int = 100
    key_id: str | None = None  # only what this key brought; None: whoever brought it


@dataclass(frozen=True, slots=True)
class PutBack:
    """A person puts a message that stands at `stop` back into the queue."""

    id: str
    stop: Stop
    by: str  # a key's id, or a name
    why: str = ""  # "": the reason that it stopped for stands in the ledger


@dataclass(frozen=True, slots=True)
class Grounds:
    """On whose word an address goes onto the list. An import's origin is the suppression's source."""

    by: str  # "event", a key's id, or a name
    why: str = ""  # a person's reason
    imported: bool = False


BY_EVENT = Grounds("event")


@dataclass(frozen=True, slots=True)
class Lift:
    """A person takes an address off the list."""

    address_key: str
    by: str
    why: str
    scope: str = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Which suppressions in force are asked for, by address."""

    after: tuple[str, str] = "", ""  # address key and scope of the last of the page before
    most: int = 100
    why: Why | None = None
    address_key: str | None = None


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    """One line of the list's history: what happened to an address, when, on whose word. It is never changed."""

    line: int
    at: datetime
    what: str  # added, imported, replaced (a stronger or longer one came), lifted
    address_key: str
    type: Why  # of what came onto the list, or went
    scope: str
    until: datetime | None
    why: str  # a person's reason
    by: str
    source: str
