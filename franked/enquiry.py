"""What is asked at the counter: which messages there are, and to have one back. All times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from franked.rules.address import Address
from franked.rules.message import State


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
