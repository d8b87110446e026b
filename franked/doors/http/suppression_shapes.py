"""The list of suppressions as JSON, both ways."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from franked.doors.http.shapes import Aware, Moment, Next, Recipient
from franked.rules.suppression import Why

MOST_IMPORTED = 10_000

Addresses = Annotated[
    list[str], Meta(min_length=1, max_length=MOST_IMPORTED, examples=[["ana@example.com", "ben@example.net"]])
]
Sentence = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


class ToldSuppression(Struct, frozen=True):
    """An address that must not be mailed."""

    address: Recipient
    why: Annotated[
        str,
        Meta(
            description="soft_bounces, validation, manual, hard_bounce, complaint or erased: weakest first",
            examples=["manual"],
            extra_json_schema={"enum": list(Why)},
        ),
    ]
    scope: Annotated[str, Meta(description="`*`: everywhere", examples=["*"])]
    at: Moment
    until: Annotated[Moment | None, Meta(description="null: for good")]
    source: Annotated[
        str,
        Meta(description="the event, the person or the import that said so", examples=["shop: asked us by phone"]),
    ]


class ToldSuppressions(Struct, frozen=True):
    """Those in force, by address. `next` is the `after` of the next page, null on the last."""

    suppressions: list[ToldSuppression]
    next: Next


class NewSuppression(Struct, forbid_unknown_fields=True, frozen=True):
    """An address that a person does not want mailed."""

    address: Annotated[str, Meta(max_length=1000, examples=["ana@example.com"])]
    reason: Annotated[Sentence, Meta(description="a person's, for the record", examples=["asked us by phone"])]
    until: Annotated[Aware | None, Meta(description="null: for good")] = None


class Result(StrEnum):
    ADDED = "added"
    ALREADY = "already"  # on the list, for a reason as strong and as long
    INVALID = "invalid"


class ToldAdded(Struct, frozen=True):
    """`already`: the address was on the list, as `suppression` says, for a reason as strong and as long."""

    result: Result
    suppression: ToldSuppression


class ToldLifted(Struct, frozen=True):
    """The address may be mailed again. `lifted` is what stood against it."""

    lifted: ToldSuppression
    note: Annotated[str | None, Meta(description="what else may still stand in the way")]


class NewImport(Struct, forbid_unknown_fields=True, frozen=True):
    """Addresses that must not be mailed, from elsewhere. No source, no import."""

    source: Annotated[
        Sentence,
        Meta(description="where they come from", examples=["unsubscribed in the old system, export of 3 March"]),
    ]
    addresses: Addresses


class ToldImported(Struct, frozen=True):
    """`why`: of an invalid one."""

    address: Recipient
    result: Result
    why: str | None


class ToldImport(Struct, frozen=True):
    """What the import did: in figures, and for each address in the order given."""

    added: Annotated[int, Meta(examples=[1])]
    already: Annotated[int, Meta(examples=[0])]
    invalid: Annotated[int, Meta(examples=[0])]
    results: list[ToldImported]
