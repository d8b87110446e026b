"""A person's data handed out and taken away, as JSON."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from franked.doors.http.shapes import Moment, Recipient, Words

_EXAMPLE = {"messages": [{"id": "m_01kjv281d0q2m5r8x4y7zb3cde", "stream": "receipt", "recipient": "ana@example.com"}]}


class ToldEverything(Struct, frozen=True):
    """All that Franked knows of an address, shelf by shelf; docs/privacy.md says what each column is for."""

    address: Recipient
    at: Moment
    records: Annotated[dict[str, list[dict[str, Any]]], Meta(examples=[_EXAMPLE])]


class ToldErased(Struct, frozen=True):
    """Nothing but `stands_as`, a keyed hash, is left of the address. `dropped`: of its messages, what still waited."""

    stands_as: Annotated[str, Meta(examples=["erased:5b0c2a9d51be4c7788a1d2e3f4a5b6c7"])]
    messages: Annotated[int, Meta(examples=[3])]
    dropped: Annotated[int, Meta(examples=[1])]
    events: Annotated[int, Meta(examples=[4])]


class ToldDeletion(Struct, frozen=True):
    """The account gets no more mail, but of the streams in `keep`. `dropped`: how much waiting mail."""

    account: Annotated[str, Meta(examples=["account-1042"])]
    keep: Annotated[list[str], Meta(examples=[["account-deleted"]])]
    dropped: Annotated[int, Meta(examples=[1])]


class NewReopening(Struct, forbid_unknown_fields=True, frozen=True):
    """A person's reason, for the log."""

    why: Annotated[Words, Meta(examples=["the wrong account was named"])]


class ToldReopening(Struct, frozen=True):
    account: Annotated[str, Meta(examples=["account-1042"])]
