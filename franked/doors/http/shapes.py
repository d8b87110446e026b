"""What goes through the door as JSON, both ways. The OpenAPI document is made from these."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field

Aware = Annotated[
    datetime, Meta(tz=True, description="RFC 3339, with `Z` or an offset", examples=["2026-03-04T10:15:00Z"])
]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Words = Annotated[str, Meta(min_length=1, max_length=200)]
Hint = Annotated[str | None, Meta(description="what the reason means, what releases the message, and how")]


class NewTrigger(Struct, forbid_unknown_fields=True, frozen=True):
    """The act of a person that asked for this mail."""

    act: Annotated[Words, Meta(description="what was done", examples=["sign-up"])]
    by: Annotated[Words, Meta(description="whose act, in your own terms: the account", examples=["account-1042"])]
    at: Aware
    ref: Annotated[str, Meta(max_length=200)] | None = None


class NewContent(Struct, forbid_unknown_fields=True, frozen=True):
    """The mail in your own words, on a stream with `content = "inline"`: a subject, and html, text or both."""

    subject: Annotated[str, Meta(description="one line, at most 500 characters", examples=["Your order has left us"])]
    html: Annotated[str, Meta(description="at most 500,000 characters")] = ""
    text: Annotated[str, Meta(description="at most 500,000 characters; made from the html when there is none")] = ""


class NewAttachment(Struct, forbid_unknown_fields=True, frozen=True):
    """A file that goes with the mail: at most 20 a mail, 7,000,000 bytes in all, no type that SES refuses."""

    name: Annotated[str, Meta(description="as its reader sees it, with its ending", examples=["invoice-1042.pdf"])]
    content: Annotated[bytes, Meta(description="base64")]
    media_type: Annotated[
        str | None, Meta(description="by the name's ending, where not said", examples=["application/pdf"])
    ] = None


class NewMessage(Struct, forbid_unknown_fields=True, frozen=True):
    """One mail to one recipient."""

    stream: Annotated[Name, Meta(description="a stream of franked.toml", examples=["sign-up-code"])]
    to: Annotated[str, Meta(max_length=1000, description="one bare address", examples=["ana@example.com"])]
    trigger: NewTrigger | None = None
    variables: Annotated[dict[str, Any], Meta(description="what the template declares")] = field(default_factory=dict)
    locale: Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", examples=["de-CH"])] | None = None
    from_: Annotated[str, Meta(max_length=400)] | None = field(default=None, name="from")
    send_at: Annotated[Aware | None, Meta(description="not before then; `useful_for` counts from there")] = None
    content: NewContent | None = None
    attachments: list[NewAttachment] = field(default_factory=list)


class Accepted(Struct, frozen=True):
    """The message is stored for good. `state` says whether it will go: queued, held or dropped, with the reason."""

    id: str
    state: str
    reason: str | None
    hint: Hint
    links: dict[str, str]


class ToldTrigger(Struct, frozen=True):
    act: str
    by: str
    at: datetime
    ref: str | None


class ToldAttempt(Struct, frozen=True):
    """One call to SES. `outcome` is null while the call is under way, or when nobody knows yet."""

    number: int
    at: datetime
    outcome: str | None
    detail: str
    ses_id: str | None
    finished_at: datetime | None


class ToldEntry(Struct, frozen=True):
    at: datetime
    what: str
    why: str
    by: str


class ToldEvent(Struct, frozen=True):
    at: datetime
    kind: str
    bounce_type: str | None
    subtype: str | None
    detail: str


class ToldStory(Struct, frozen=True):
    """Everything the record knows about one message."""

    id: str
    stream: str
    lane: str
    to: str
    sender: str = field(name="from")
    template: Annotated[str | None, Meta(description="null: in its caller's own words")]
    template_version: str | None
    locale: str
    state: str
    reason: str | None
    hint: Hint
    trigger: ToldTrigger | None
    variables: Annotated[
        dict[str, Any] | None, Meta(description="null once they were dropped, and always on a secret stream")
    ]
    accepted_at: datetime
    due_at: Annotated[datetime, Meta(description="not before then: `send_at`, or the next try")]
    useful_until: datetime
    ses_id: str | None
    request_id: str
    attempts: list[ToldAttempt]
    ledger: list[ToldEntry]
    events: list[ToldEvent]
    links: dict[str, str]


class Why(Struct, forbid_unknown_fields=True, frozen=True):
    """A person's reason, for the ledger."""

    why: Words


class ToldStopped(Struct, frozen=True):
    """A message that only a person moves on."""

    id: str
    stream: str
    to: str
    state: str
    reason: str | None
    why: Annotated[str, Meta(description="in words: what became of the last attempt")]
    hint: Hint
    attempts: int
    since: datetime
    useful_until: datetime
    expired: Annotated[bool, Meta(description="put back, it would be dropped and not sent")]
    links: dict[str, str]


class ToldPage(Struct, frozen=True):
    """Oldest first. `next` is the `after` of the next page, null on the last."""

    messages: list[ToldStopped]
    next: str | None


class ToldPutBack(Struct, frozen=True):
    """The message is in the queue again. `expired`: it will be dropped and not sent, its time is over."""

    id: str
    state: str
    expired: bool
    useful_until: datetime
    links: dict[str, str]


class Health(Struct, frozen=True):
    """`ready` as long as mail can be accepted; the warnings say what else is wrong."""

    status: str
    warnings: list[str]
