"""What Franked knows of an address, as JSON, both ways."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import (
    EXAMPLE_ID,
    EXAMPLE_TRIGGER,
    Hint,
    InState,
    Moment,
    Reason,
    Recipient,
    StreamName,
    ToldTrigger,
)
from franked.doors.http.suppression_shapes import Addresses, Sentence, ToldSuppression

_EXAMPLE_ORIGIN = {
    "first_seen": "2026-03-04T10:15:07Z",
    "trigger": EXAMPLE_TRIGGER,
    "source": None,
    "stream": "receipt",
    "message": EXAMPLE_ID,
    "key": "shop",
}


class ToldOrigin(Struct, frozen=True):
    """Where the address came from first; it stays so for good."""

    first_seen: Moment
    trigger: Annotated[
        ToldTrigger | None,
        Meta(description="null: the first message's stream needs none", examples=[EXAMPLE_TRIGGER]),
    ]
    source: Annotated[str | None, Meta(description="of an import: where its addresses come from")]
    stream: Annotated[str | None, Meta(description="of the first message; null: an import", examples=["receipt"])]
    message: Annotated[str | None, Meta(description="the first message's id; null: an import", examples=[EXAMPLE_ID])]
    key: Annotated[str, Meta(description="the name of the API key that brought it", examples=["shop"])]


class ToldOutlook(Struct, frozen=True):
    """What would become of a mail of this stream, were it taken now."""

    stream: StreamName
    state: Annotated[InState, Meta(description="queued: it would go; held or dropped: not now, or not at all")]
    reason: Reason
    hint: Hint


class ToldPerson(Struct, frozen=True):
    """What is known of one address."""

    address: Recipient
    origin: Annotated[
        ToldOrigin | None, Meta(description="null: Franked has never heard of it", examples=[_EXAMPLE_ORIGIN])
    ]
    suppression: Annotated[ToldSuppression | None, Meta(description="null: it is not on the list")]
    mail: list[ToldOutlook]
    links: Annotated[dict[str, str], Meta(examples=[{"messages": "/v1/messages?to=ana@example.com"}])]


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
    ERASED = "erased"  # the person asked to be forgotten: nothing is kept
    INVALID = "invalid"


class ToldBrought(Struct, frozen=True):
    """`why`: of an invalid one."""

    address: Recipient
    result: Brought
    why: str | None


class ToldPeople(Struct, frozen=True):
    """What the import did: in figures, and for each address in the order given."""

    added: Annotated[int, Meta(examples=[1])]
    known: Annotated[int, Meta(examples=[0])]
    erased: Annotated[int, Meta(examples=[0])]
    invalid: Annotated[int, Meta(examples=[0])]
    results: list[ToldBrought]
