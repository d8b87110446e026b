"""What goes through the door in numbers, as JSON both ways: batches and lists."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from franked.doors.http.shapes import (
    EXAMPLE_ID,
    LONGEST_KEY,
    Hint,
    InState,
    Links,
    MessageId,
    Moment,
    NewMessage,
    Next,
    Problem,
    Reason,
    Recipient,
    StreamName,
)

MOST = 1000  # messages of one batch

_TWO_ANSWERS = [
    {
        "id": EXAMPLE_ID,
        "state": "queued",
        "reason": None,
        "hint": None,
        "links": {"story": f"/v1/messages/{EXAMPLE_ID}"},
    },
    {
        "problem": {
            "type": "/problems/invalid_address",
            "title": "`to` is no address",
            "status": 422,
            "detail": "An email address must have an @-sign. Send one bare address, such as ana@example.com.",
            "code": "invalid_address",
            "errors": [
                {
                    "code": "invalid_address",
                    "pointer": "/messages/1/to",
                    "detail": "An email address must have an @-sign.",
                }
            ],
        }
    },
]


class BatchMessage(NewMessage, forbid_unknown_fields=True, frozen=True):
    """One mail to one recipient, with its own idempotency key."""

    idempotency_key: Annotated[
        str | None,
        Meta(
            description="1 to 256 printable characters; kept at least 7 days",
            examples=["order-1042-receipt"],
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_KEY},
        ),
    ] = None


class NewBatch(Struct, forbid_unknown_fields=True, frozen=True):
    """Many mails, each judged and answered by itself."""

    messages: Annotated[list[BatchMessage], Meta(min_length=1, max_length=MOST)]


class ToldAnswer(Struct, frozen=True, omit_defaults=True):
    """What is stored for good; or else only `problem`, and nothing is stored."""

    id: MessageId | UnsetType = UNSET
    state: InState | UnsetType = UNSET
    reason: str | UnsetType | None = UNSET
    hint: str | UnsetType | None = UNSET
    links: Links | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class ToldBatch(Struct, frozen=True):
    """One answer per message, in order."""

    answers: Annotated[list[ToldAnswer], Meta(examples=[_TWO_ANSWERS])]


class ToldItem(Struct, frozen=True):
    """A message in a list; its story has the rest."""

    id: MessageId
    stream: StreamName
    to: Recipient
    state: InState
    reason: Reason
    hint: Hint
    accepted_at: Moment
    links: Links


class ToldItems(Struct, frozen=True):
    """Newest first. `next` is the `after` of the next page, null on the last; a page before the last may be short."""

    messages: list[ToldItem]
    next: Next


class ToldCancelled(Struct, frozen=True):
    """The message will not be sent."""

    id: MessageId
    state: Annotated[InState, Meta(examples=["dropped"])]
    reason: Annotated[str, Meta(examples=["cancelled"])]
    links: Links
