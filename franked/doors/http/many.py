"""What goes through the door in numbers, as JSON both ways: batches and lists."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from franked.doors.http.shapes import Hint, NewMessage

MOST = 1000  # messages of one batch


class BatchMessage(NewMessage, forbid_unknown_fields=True, frozen=True):
    """One mail to one recipient, with its own idempotency key."""

    idempotency_key: Annotated[
        str | None,
        Meta(description="1 to 256 printable characters; kept at least 7 days", examples=["order-1042-receipt"]),
    ] = None


class NewBatch(Struct, forbid_unknown_fields=True, frozen=True):
    """Many mails, each judged and answered by itself."""

    messages: Annotated[list[BatchMessage], Meta(min_length=1, max_length=MOST)]


class ToldFault(Struct, frozen=True):
    """`pointer` leads into the whole body: `/messages/3/to`."""

    code: str
    pointer: str
    detail: str


class ToldProblem(Struct, frozen=True):
    """What `POST /v1/messages` would have answered with, as in RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ToldFault]


class ToldAnswer(Struct, frozen=True, omit_defaults=True):
    """What is stored for good; or else only `problem`, and nothing is stored."""

    id: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    reason: str | UnsetType | None = UNSET
    hint: str | UnsetType | None = UNSET
    links: dict[str, str] | UnsetType = UNSET
    problem: ToldProblem | UnsetType = UNSET


class ToldBatch(Struct, frozen=True):
    """One answer per message, in order."""

    answers: list[ToldAnswer]


class ToldItem(Struct, frozen=True):
    """A message in a list; its story has the rest."""

    id: str
    stream: str
    to: str
    state: str
    reason: str | None
    hint: Hint
    accepted_at: datetime
    links: dict[str, str]


class ToldItems(Struct, frozen=True):
    """Newest first. `next` is the `after` of the next page, null on the last; a page before the last may be short."""

    messages: list[ToldItem]
    next: str | None


class ToldCancelled(Struct, frozen=True):
    """The message will not be sent."""

    id: str
    state: str
    reason: str
    links: dict[str, str]
