"""API keys as JSON, both ways. The OpenAPI document is made from these."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from franked.doors.http.shapes import Name


class NewKey(Struct, forbid_unknown_fields=True, frozen=True):
    """Empty lists mean: every stream; each stream's own sender. Without a `limit` there is none."""

    name: Name
    streams: list[Name] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    limit: (
        Annotated[str, Meta(max_length=40, description="of all its mail together", examples=["1000/hour"])] | None
    ) = None


class NewSecret(Struct, forbid_unknown_fields=True, frozen=True):
    """How long the old secret opens beside the new one: at most 30d; 0s ends it at once."""

    overlap: Annotated[str, Meta(max_length=40, examples=["24h"])] = "24h"


class ToldKey(Struct, frozen=True):
    id: str
    name: str
    streams: list[str]
    senders: list[str]
    limit: str | None
    created_at: datetime
    old_until: Annotated[datetime | None, Meta(description="until then the secret before the newest opens too")]
    revoked_at: datetime | None


class MadeKey(Struct, frozen=True):
    """`key` is shown this once: Franked keeps only its hash."""

    id: str
    name: str
    key: str


class RotatedKey(Struct, frozen=True):
    """`key` is shown this once: Franked keeps only its hash."""

    id: str
    name: str
    key: str
    old_until: Annotated[datetime | None, Meta(description="until then the old secret opens too; null: no more")]
    ended_early: Annotated[
        datetime | None,
        Meta(description="a still older secret would have opened until then: from now on it opens nothing"),
    ]
