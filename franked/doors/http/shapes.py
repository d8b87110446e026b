"""What goes through the door as JSON, both ways. The OpenAPI document is made from these."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from franked.rules.content import LONGEST_MEDIA_TYPE, LONGEST_NAME, LONGEST_PART, LONGEST_SUBJECT, MOST_ATTACHMENTS
from franked.rules.lane import Lane
from franked.rules.message import State

Aware = Annotated[
    datetime, Meta(tz=True, description="RFC 3339, with `Z` or an offset", examples=["2026-03-04T10:15:00Z"])
]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Words = Annotated[str, Meta(min_length=1, max_length=200)]
Hint = Annotated[str | None, Meta(description="what the reason means, what releases the message, and how")]

LONGEST_KEY = 256  # characters of an idempotency key
EXAMPLE_ID = "m_01kjv281d0q2m5r8x4y7zb3cde"
EXAMPLE_TRIGGER = {"act": "purchase", "by": "account-1042", "at": "2026-03-04T10:15:00Z", "ref": "order-1042"}
EXAMPLE_REQUEST = "r_01kjv281d0q2m5r8x4y7zb3cdf"

# What an answer holds: told, never read. The OpenAPI document composes its examples of these.
MessageId = Annotated[str, Meta(examples=[EXAMPLE_ID], extra_json_schema={"pattern": "^m_[0-9a-hjkmnp-tv-z]{26}$"})]
KeyId = Annotated[str, Meta(examples=["4k2m8x1p"], extra_json_schema={"pattern": "^[a-z0-9]{8}$"})]
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-03-04T10:15:07Z"])]
StreamName = Annotated[str, Meta(examples=["receipt"])]
Recipient = Annotated[str, Meta(examples=["ana@example.com"])]
InState = Annotated[str, Meta(examples=["queued"], extra_json_schema={"enum": list(State)})]
Reason = Annotated[str | None, Meta(description="why it is held, dropped or refused; null: it takes its way")]
Links = Annotated[dict[str, str], Meta(examples=[{"story": f"/v1/messages/{EXAMPLE_ID}"}])]
Next = Annotated[str | None, Meta(description="the `after` of the next page; null: this is the last")]


class NewTrigger(Struct, forbid_unknown_fields=True, frozen=True):
    """The act of a person that asked for this mail."""

    act: Annotated[Words, Meta(description="what was done", examples=["sign-up"])]
    by: Annotated[Words, Meta(description="whose act, in your own terms: the account", examples=["account-1042"])]
    at: Aware
    ref: Annotated[
        Annotated[str, Meta(max_length=200)] | None, Meta(description="what it was about", examples=["order-1042"])
    ] = None


class NewContent(Struct, forbid_unknown_fields=True, frozen=True):
    """The mail in your own words, on a stream with `content = "inline"`: a subject, and html, text or both."""

    subject: Annotated[
        str,
        Meta(
            description="one line",
            examples=["Your order has left us"],
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_SUBJECT},
        ),
    ]
    html: Annotated[str, Meta(examples=["<p>It is on its way.</p>"], extra_json_schema={"maxLength": LONGEST_PART})] = (
        ""
    )
    text: Annotated[
        str, Meta(description="made from the html when there is none", extra_json_schema={"maxLength": LONGEST_PART})
    ] = ""


class NewAttachment(Struct, forbid_unknown_fields=True, frozen=True):
    """A file that goes with the mail: at most 20 a mail, 7,000,000 bytes in all, no type that SES refuses."""

    name: Annotated[
        str,
        Meta(
            description="as its reader sees it, with its ending",
            examples=["invoice-1042.pdf"],
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_NAME},
        ),
    ]
    content: Annotated[bytes, Meta(description="base64", examples=["JVBERi0xLjcK"], extra_json_schema={"minLength": 1})]
    media_type: Annotated[
        str | None,
        Meta(
            description="by the name's ending, where not said",
            examples=["application/pdf"],
            extra_json_schema={"maxLength": LONGEST_MEDIA_TYPE},
        ),
    ] = None


class NewMessage(Struct, forbid_unknown_fields=True, frozen=True):
    """One mail to one recipient."""

    stream: Annotated[Name, Meta(description="a stream of franked.toml", examples=["sign-up-code"])]
    to: Annotated[str, Meta(max_length=1000, description="one bare address", examples=["ana@example.com"])]
    trigger: Annotated[
        NewTrigger | None,
        Meta(
            description="needed on every stream that is not of a standing setting",
            examples=[{"act": "sign-up", "by": "account-1042", "at": "2026-03-04T10:15:00Z"}],
        ),
    ] = None
    variables: Annotated[
        dict[str, Any], Meta(description="what the template declares", examples=[{"code": "424242"}])
    ] = field(default_factory=dict)
    locale: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] | None,
        Meta(description="the template's own fallback applies", examples=["de-CH"]),
    ] = None
    from_: Annotated[
        Annotated[str, Meta(max_length=400)] | None,
        Meta(description="`Name <address>` or an address, which the key was given; null: the stream's own"),
    ] = field(default=None, name="from")
    send_at: Annotated[
        Aware | None,
        Meta(description="not before then, at most 366 days ahead; `useful_for` counts from there"),
    ] = None
    content: Annotated[NewContent | None, Meta(description='on streams with content = "inline", and on no other')] = (
        None
    )
    attachments: Annotated[
        list[NewAttachment],
        Meta(
            description="at most 7,000,000 bytes together, before base64",
            extra_json_schema={"maxItems": MOST_ATTACHMENTS},
        ),
    ] = field(default_factory=list)


class Accepted(Struct, frozen=True):
    """The message is stored for good. `state` says whether it will go: queued, held or dropped, with the reason."""

    id: MessageId
    state: InState
    reason: Reason
    hint: Hint
    links: Links


class ToldTrigger(Struct, frozen=True):
    act: Annotated[str, Meta(examples=["purchase"])]
    by: Annotated[str, Meta(examples=["account-1042"])]
    at: Moment
    ref: str | None


class ToldAttempt(Struct, frozen=True):
    """One call to SES. `outcome` is null while the call is under way, or when nobody knows yet."""

    number: Annotated[int, Meta(examples=[1])]
    at: Moment
    outcome: Annotated[str | None, Meta(examples=["sent"])]
    detail: Annotated[str, Meta(description="what SES said, where it said no", examples=[""])]
    ses_id: Annotated[str | None, Meta(examples=["0107019c0a1b2c3d-4e5f6071-000000"])]
    finished_at: Annotated[Moment | None, Meta(examples=["2026-03-04T10:15:08Z"])]


class ToldEntry(Struct, frozen=True):
    at: Moment
    what: Annotated[str, Meta(examples=["sent"])]
    why: Annotated[str, Meta(examples=[""])]
    by: Annotated[str, Meta(description="a key's name, an account's, or a part of Franked", examples=["worker"])]


class ToldEvent(Struct, frozen=True):
    at: Moment
    kind: Annotated[str, Meta(examples=["delivery"])]
    bounce_type: str | None
    subtype: str | None
    detail: Annotated[str, Meta(description="what the other server, or SES, said", examples=["250 ok"])]


class ToldStory(Struct, frozen=True):
    """Everything the record knows about one message."""

    id: MessageId
    stream: StreamName
    lane: Annotated[str, Meta(examples=["normal"], extra_json_schema={"enum": list(Lane)})]
    to: Recipient
    sender: Annotated[str, Meta(examples=["Example Shop <orders@example.com>"])] = field(name="from")
    template: Annotated[str | None, Meta(description="null: in its caller's own words", examples=["receipt"])]
    template_version: Annotated[str | None, Meta(description="the hash of its files", examples=["3f0c2a9d51be"])]
    locale: Annotated[str, Meta(examples=["en"])]
    state: Annotated[InState, Meta(examples=["delivered"])]
    reason: Reason
    hint: Hint
    trigger: Annotated[
        ToldTrigger | None,
        Meta(examples=[EXAMPLE_TRIGGER]),
    ]
    variables: Annotated[
        dict[str, Any] | None, Meta(description="null once they were dropped, and always on a secret stream")
    ]
    accepted_at: Moment
    due_at: Annotated[Moment, Meta(description="not before then: `send_at`, or the next try")]
    useful_until: Annotated[Moment, Meta(examples=["2026-03-07T10:15:07Z"])]
    ses_id: Annotated[str | None, Meta(examples=["0107019c0a1b2c3d-4e5f6071-000000"])]
    request_id: Annotated[str, Meta(examples=[EXAMPLE_REQUEST])]
    attempts: list[ToldAttempt]
    ledger: list[ToldEntry]
    events: list[ToldEvent]
    links: Links


class Why(Struct, forbid_unknown_fields=True, frozen=True):
    """A person's reason, for the ledger."""

    why: Annotated[Words, Meta(examples=["the mail server of the recipient was down"])]


class ToldStopped(Struct, frozen=True):
    """A message that only a person moves on."""

    id: MessageId
    stream: StreamName
    to: Recipient
    state: Annotated[InState, Meta(examples=["dead"])]
    reason: Annotated[Reason, Meta(examples=["unavailable"])]
    why: Annotated[
        str,
        Meta(
            description="in words: what became of the last attempt",
            examples=["SES could not be reached (attempts: 3, the last: no answer)"],
        ),
    ]
    hint: Hint
    attempts: Annotated[int, Meta(examples=[3])]
    since: Moment
    useful_until: Annotated[Moment, Meta(examples=["2026-03-07T10:15:07Z"])]
    expired: Annotated[bool, Meta(description="put back, it would be dropped and not sent")]
    links: Links


class ToldPage(Struct, frozen=True):
    """Oldest first. `next` is the `after` of the next page, null on the last."""

    messages: list[ToldStopped]
    next: Next


class ToldPutBack(Struct, frozen=True):
    """The message is in the queue again. `expired`: it will be dropped and not sent, its time is over."""

    id: MessageId
    state: InState
    expired: bool
    useful_until: Annotated[Moment, Meta(examples=["2026-03-07T10:15:07Z"])]
    links: Links


class Health(Struct, frozen=True):
    """`ready` as long as mail can be accepted; the warnings say what else is wrong."""

    status: Annotated[str, Meta(examples=["ready"])]
    warnings: Annotated[
        list[str], Meta(examples=[["sandbox: only verified addresses and SES's mailbox simulator can be mailed"]])
    ]


class ToldFault(Struct, frozen=True):
    """`pointer` leads into the body: `/to`, in a batch `/messages/3/to`."""

    code: Annotated[str, Meta(examples=["invalid_address"])]
    pointer: Annotated[str, Meta(examples=["/to"])]
    detail: Annotated[str, Meta(examples=["an address has an @-sign"])]


class Problem(Struct, frozen=True):
    """RFC 9457. `code` is for programs, `title` and `detail` are for people, `type` leads to what it means."""

    type: Annotated[str, Meta(examples=["/problems/invalid_address"])]
    title: Annotated[str, Meta(examples=["`to` is no address"])]
    status: Annotated[int, Meta(examples=[422], extra_json_schema={"minimum": 400, "maximum": 599})]
    detail: Annotated[str, Meta(examples=["Send one bare address, such as ana@example.com."])]
    code: Annotated[str, Meta(examples=["invalid_address"])]
    errors: Annotated[list[ToldFault], Meta(description="what is wrong with the body, field by field")] | UnsetType = (
        UNSET
    )
