"""API keys as JSON, both ways. The OpenAPI document is made from these."""

from typing import Annotated

from msgspec import Meta, Struct, field

from franked.doors.http.shapes import KeyId, Moment, Name

Shown = Annotated[
    str,
    Meta(
        examples=["fk_4k2m8x1p_" + "x" * 32],
        extra_json_schema={"pattern": "^fk_[a-z0-9]{8}_[A-Za-z0-9]{32}$"},
    ),
]
TheName = Annotated[str, Meta(examples=["shop"])]


class NewKey(Struct, forbid_unknown_fields=True, frozen=True):
    """Empty lists mean: every stream; each stream's own sender. Without a `limit` there is none."""

    name: Annotated[Name, Meta(description="who did what is told by it", examples=["shop"])]
    streams: Annotated[
        list[Name], Meta(description="those of franked.toml that it may use", examples=[["receipt"]])
    ] = field(default_factory=list)
    senders: Annotated[
        list[str], Meta(description="addresses that a mail may be `from`", examples=[["orders@example.com"]])
    ] = field(default_factory=list)
    limit: Annotated[
        Annotated[str, Meta(max_length=40)] | None,
        Meta(description="of all its mail together: so many per second, minute, hour or day", examples=["1000/hour"]),
    ] = None
    administrator: Annotated[
        bool, Meta(description="whether it opens the administrator's routes too: all people, all lists, all keys")
    ] = False


class NewSecret(Struct, forbid_unknown_fields=True, frozen=True):
    """How long the old secret opens beside the new one: at most 30d; 0s ends it at once."""

    overlap: Annotated[str, Meta(max_length=40, examples=["24h"])] = "24h"


class ToldKey(Struct, frozen=True):
    id: KeyId
    name: TheName
    streams: Annotated[list[str], Meta(examples=[["receipt"]])]
    senders: Annotated[list[str], Meta(examples=[[]])]
    limit: Annotated[str | None, Meta(examples=["1000/hour"])]
    administrator: bool
    created_at: Moment
    old_until: Annotated[Moment | None, Meta(description="until then the secret before the newest opens too")]
    revoked_at: Annotated[Moment | None, Meta(description="null: it opens")]


class MadeKey(Struct, frozen=True):
    """`key` is shown this once: Franked keeps only its hash."""

    id: KeyId
    name: TheName
    key: Shown


class RotatedKey(Struct, frozen=True):
    """`key` is shown this once: Franked keeps only its hash."""

    id: KeyId
    name: TheName
    key: Shown
    old_until: Annotated[
        Moment | None,
        Meta(description="until then the old secret opens too; null: no more", examples=["2026-03-05T10:15:07Z"]),
    ]
    ended_early: Annotated[
        Moment | None,
        Meta(description="a still older secret would have opened until then: from now on it opens nothing"),
    ]
