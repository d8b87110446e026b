"""How far SES's list and ours have been compared, as JSON."""

from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import Moment, Next, Recipient
from franked.rules.at_ses import AtSes, Conflict

STATES = ("off", "comparing", "calling", "deferred", "done")


class ToldFigures(Struct, frozen=True):
    """Of the round that is under way, or was the last."""

    listed: Annotated[int, Meta(description="entries of SES's list", examples=[1042])]
    taken: Annotated[int, Meta(description="of those, new to ours", examples=[7])]
    looked_at: Annotated[int, Meta(description="entries of ours that belong on SES's list", examples=[1040])]
    put: Annotated[int, Meta(description="onto SES's list", examples=[5])]
    removed: Annotated[int, Meta(description="from SES's list", examples=[1])]
    refused: Annotated[int, Meta(description="SES takes no such entry", examples=[0])]


class ToldReconcile(Struct, frozen=True):
    """Where the comparing of both lists stands. `to_put` and `to_remove` are done at one call a second."""

    at_ses: Annotated[
        str,
        Meta(
            description="what the owner allows, by `[suppression] at_ses`",
            examples=["switch on"],
            extra_json_schema={"enum": list(AtSes)},
        ),
    ]
    state: Annotated[
        str,
        Meta(
            description="deferred: what is to be put waits, for in the sandbox SES takes nothing onto its list",
            examples=["calling"],
            extra_json_schema={"enum": list(STATES)},
        ),
    ]
    figures: ToldFigures
    to_put: Annotated[int, Meta(examples=[3])]
    to_remove: Annotated[int, Meta(examples=[0])]
    conflicts: Annotated[int, Meta(description="see /v1/suppressions/conflicts", examples=[1])]
    began_at: Annotated[Moment | None, Meta(description="the last whole round; null: there was none yet")]
    ended_at: Annotated[Moment | None, Meta(description="when both lists had last been compared whole")]
    is_on: Annotated[bool | None, Meta(description="SES keeps and honours its list; null: not known yet")]
    open_sets: Annotated[list[str], Meta(description="configuration sets whose mail it does not stop", examples=[[]])]
    trouble: Annotated[str | None, Meta(description="why SES can't be asked; null: it can")]


class ToldConflict(Struct, frozen=True):
    """What both lists do not agree on, and what was done."""

    address: Recipient
    conflict: Annotated[str, Meta(examples=["relisted"], extra_json_schema={"enum": list(Conflict)})]
    at: Annotated[Moment, Meta(description="when it was seen last")]
    said: Annotated[str, Meta(examples=["here BOUNCE, at SES COMPLAINT: the complaint counts"])]


class ToldConflicts(Struct, frozen=True):
    """By address. `next` is the `after` of the next page, null on the last."""

    conflicts: list[ToldConflict]
    next: Next
