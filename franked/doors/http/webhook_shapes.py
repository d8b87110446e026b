"""Webhooks as JSON, both ways."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import Aware, Moment

Name = Annotated[str, Meta(examples=["shop"])]


class ToldWebhook(Struct, frozen=True):
    """An endpoint, as it is declared, and how it does."""

    name: Name
    url: Annotated[str, Meta(examples=["https://shop.example.com/hooks/franked"])]
    events: Annotated[list[str], Meta(examples=[["message.bounced", "suppression"]])]
    streams: Annotated[list[str], Meta(description="empty: mail of every stream", examples=[["receipt"]])]
    secrets: Annotated[int, Meta(description="2 while one takes the other's place", examples=[1])]
    told: Annotated[int, Meta(description="how often it took something", examples=[1204])]
    waiting: Annotated[int, Meta(examples=[0])]
    given_up: Annotated[int, Meta(description="what it never took, over all time", examples=[0])]
    told_at: Annotated[Moment | None, Meta(description="the last time")]
    failing_since: Annotated[Moment | None, Meta(description="null: its last call went well")]
    why: Annotated[str | None, Meta(description="of the last failure, while it fails", examples=["it answered 500"])]
    disabled_at: Annotated[Moment | None, Meta(description="null: it is called")]


class ToldTest(Struct, frozen=True):
    """What came of a call that was made just now."""

    told: Annotated[bool, Meta(description="it answered with 2xx", examples=[True])]
    status: Annotated[int | None, Meta(description="null: no answer came", examples=[204])]
    why: Annotated[str | None, Meta(description="what went wrong", examples=["it did not answer in time"])]


class NewReplay(Struct, forbid_unknown_fields=True, frozen=True):
    """What it was told, or should have been, since then."""

    since: Aware


class ToldReplay(Struct, frozen=True):
    replayed: Annotated[int, Meta(description="how many go again", examples=[37])]


class ToldEnabled(Struct, frozen=True):
    """`enabled` false: it was not disabled."""

    enabled: Annotated[bool, Meta(examples=[True])]
    waiting: Annotated[int, Meta(description="what it is told now", examples=[12])]
