"""What Franked knows of an address, as JSON, both ways."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import Hint, ToldTrigger
from franked.doors.http.suppression_shapes import Addresses, Sentence, ToldSuppression


class ToldOrigin(Struct, frozen=True):
    """Where the address came from first; it stays so for good."""

    first_seen: datetime
    trigger: Annotated[ToldTrigger | None, Meta(description="null: the first message's stream needs none")]
    source: Annotated[str | None, Meta(description="of an import: where its addresses come from")]
    stream: Annotated[str | None, Meta(description="of the first message; null: an import")]
    message: Annotated[str | None, Meta(description="the first message's id; null: an import")]
    key: Annotated[str, Meta(description="the name of the API key that brought it")]


class ToldOutlook(Struct, frozen=True):
    """What would become of a mail of this stream, were it taken now."""

    stream: str
    state: Annotated[str, Meta(description="queued: it would go; held or dropped: not now, or not at all")]
    reason: str | None
    hint: Hint


class ToldPerson(Struct, frozen=True):
    """What is known of one address."""

    address: str
    origin: Annotated[ToldOrigin | None, Meta(description="null: Franked has never heard of it")]
    suppression: Annotated[ToldSuppression | None, Meta(description="null: it is not on the list")]
    mail: list[ToldOutlook]
    links: dict[str, str]


class NewPeople(Struct, forbid_unknown_fields=True, frozen=True):
    """Addresses of people who asked for mail elsewhere. No source, no import."""

    source: Annotated[
        Sentence,
        Meta(description="where they come from", examples=["sign-ups of the old shop, export of 3 March"]),
    ]
    addresses: Addresses


class Brought(StrEnum):
    ADDED = "added"
    KNOWN = "known"  # it had an origin, and keeps it
    INVALID = "invalid"


class ToldBrought(Struct, frozen=True):
    """`why`: of an invalid one."""

    address: str
    result: Brought
    why: str | None


class ToldPeople(Struct, frozen=True):
    """What the import did: in figures, and for each address in the order given."""

    added: int
    known: int
    invalid: int
    results: list[ToldBrought]
