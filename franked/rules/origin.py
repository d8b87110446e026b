"""Where we have an address from: what brought it first stays its origin for good."""

from dataclasses import dataclass
from datetime import datetime

from franked.rules.address import Address
from franked.rules.trigger import Trigger

IMPORT = "import"  # the act of whoever brought in a list


@dataclass(frozen=True, slots=True)
class Origin:
    """The first message to an address, with the act that asked for it; or the import that it came with."""

    address: Address
    first_seen: datetime
    key_id: str  # of the API key that brought the message or the import
    trigger: Trigger | None  # None: the message's stream needs none
    stream: str | None = None  # None: an import
    message_id: str | None = None  # None: an import
    source: str | None = None  # an import's: where its addresses come from


@dataclass(frozen=True, slots=True)
class Way:
    """How addresses came: by an act; by a stream whose mail needs none; with a list, from a source."""

    act: str
    stream: str = ""  # where there was no act
    source: str = ""  # an import's


def of_import(address: Address, source: str, key_id: str, by: str, now: datetime) -> Origin:
    """`by`: the key's name, which says more in a year than the id of a key that is gone."""
    return Origin(address, now, key_id, Trigger(IMPORT, by, now), source=source)
