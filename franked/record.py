"""What goes into the record and comes out of it. All times are aware UTC."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

from franked.rules.address import Address
from franked.rules.code import NewCode
from franked.rules.event import Event
from franked.rules.lane import Lane
from franked.rules.message import Due, Message, State, Taken
from franked.rules.outcome import Outcome
from franked.rules.pace import Access, Bucket, LaneWait, Room
from franked.rules.stream import IfUnknown, Limit
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller, Facts, TurnedAway, Verdict


@dataclass(frozen=True, slots=True)
class Spend:
    """One unit of a limit. `name` says whose: `stream|mailbox`, `key|id`."""

    name: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message to be judged and stored in one transaction.

    `judge` is called with the facts of that transaction: first with `within_limit=True`; when the answer is no drop,
    the `spends` are taken, and if one is used up `judge` is asked again with `within_limit=False`.
    """

    message: Message
    judge: Callable[[Facts], Verdict | TurnedAway]
    spends: tuple[Spend, ...] = ()
    idempotency_key: str | None = None  # scoped to `message.key_id`
    canonical: bytes = b""  # the draft in one spelling: the store compares its keyed hash
    size: int = 0  # bytes, as it came in: what waits for a commit is bounded


class Added(Struct, frozen=True):
    """The message is durable. `repeated`: an idempotency key met again, id and state are of the first."""

    id: str
    state: State
    reason: str | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class IdempotencyConflict:
    """The idempotency key was used for another draft, message `id`. Nothing was stored."""

    id: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Too many drafts wait for a commit. This one was not stored; in a moment there is room again."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A code and the mail that brings it. `spends`: limits of codes, beside those of the mail; a code that is nobody's
    spends them all the same, and its mail is not stored."""

    code: NewCode
    candidate: Candidate
    spends: tuple[Spend, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """Not `is_new`: the same was asked for a moment ago, and this is that code."""

    id: str
    ends_at: datetime
    resend_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class TooMany:
    """A limit is used up until `until`. Nothing was stored."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a worker may hold what it takes."""

    call_within: timedelta  # `call_by` = now + this
    deadline: timedelta  # of one HTTP call, all phases

    @property
    def length(self) -> timedelta:
        return self.call_within + self.deadline + timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a worker asks of `take`."""

    most: int  # free places in flight
    lease: Lease
    room: Callable[[Bucket, Access, float, Mapping[Lane, LaneWait], datetime], Room]  # rules.pace.room
    judge: Callable[[Due, Facts], Verdict]
    lanes: tuple[Lane, ...] = tuple(Lane)  # in the order served
    for_urgent: int = 0  # of `most`: what no other lane takes


@dataclass(frozen=True, slots=True)
class Haul:
    """What `take` gave, and when to ask again: `next_due` is the next time at which something may be due or a token
    free (None: nothing waits; the bell rings when something comes). `is_paced`: mail is due for which there was no
    token, so that a bell which rings at once brings nothing. `is_full`: more may be due than there were places.
    `speed`: messages a second that the pace allows."""

    taken: tuple[Taken, ...]
    next_due: datetime | None
    is_paced: bool = False
    is_full: bool = False
    speed: float = 0.0


class Finished(Struct, frozen=True):
    """The outcome of one attempt. `due_at`: for TryLater, when to try again, should a try be left (rules.backoff)."""

    taken: Taken
    outcome: Outcome
    at: datetime
    due_at: datetime | None = None


class Moved(Struct, frozen=True):
    """Where an element's message stands now; `moved` says whether this call moved it."""

    id: str
    state: State
    moved: bool
    request_id: str = ""  # of the request that brought the message


@dataclass(frozen=True, slots=True)
class Sweep:
    """What the sweep decides by. Each callable is pure."""

    now: datetime
    unknown_wait: Callable[[Lane], timedelta]
    if_unknown: Callable[[str], IfUnknown]  # by stream name; for a stream no longer declared: hold
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many messages the sweep moved, by what it did."""

    requeued: int = 0
    unknown: int = 0
    resent: int = 0
    held: int = 0
    dropped: int = 0
    expired: int = 0
    released: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """`fresh` is False for an event that was settled before; `message_id` None: we know of no such mail (yet)."""

    event_key: str
    fresh: bool
    message_id: str | None
    state: State | None
    request_id: str | None = None  # of the request that brought the message


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to SES, in the ledger before the call."""

    number: int
    at: datetime
    call_by: datetime
    outcome: str | None = None  # sent, refused, try_later, unknown
    detail: str = ""
    ses_id: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: what was decided about a message, when, by whom."""

    at: datetime
    what: str  # accepted, held, dropped, released, replayed, resend, refused, dead, unknown, or what an event proved
    why: str = ""
    by: str = ""  # a key's id, "take", "worker", "sweep", "release", "event"


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the record knows about one message. `variables` is None once they were dropped."""

    id: str
    stream: str
    lane: Lane
    to: Address
    sender: str
    template: str
    template_version: str
    locale: str
    variables: Mapping[str, object] | None = field(repr=False)
    trigger: Trigger | None
    accepted_at: datetime
    useful_until: datetime
    due_at: datetime
    key_id: str
    request_id: str
    state: State
    reason: str | None
    ses_id: str | None
    attempts: tuple[Attempt, ...]
    ledger: tuple[Entry, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class OldSecret:
    """What opened before the key was rotated, and does so until `until`."""

    digest: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key's record. The secret itself is nowhere: `digest` is the SHA-256 of its 32 secret characters."""

    caller: Caller
    digest: bytes = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None
    admin: bool = False  # opens the administrator's routes: all people, all lists, all keys
    old: OldSecret | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """A key's new secret. The one that it takes the place of opens until `old_until`; None: no more."""

    key_id: str
    digest: bytes = field(repr=False)
    old_until: datetime | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """`told_at`: when people heard of it last, for the `tellings`th time."""

    key: str
    text: str
    opened_at: datetime
    closed_at: datetime | None = None
    told_at: datetime | None = None
    tellings: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """People were told of an alarm as it stood then. `again_at`: when they are reminded, if it is still open."""

    alarm: Alarm
    at: datetime
    again_at: datetime


@dataclass(frozen=True, slots=True)
class PaceStanding:
    """The pace shelf as it stands, for pages and tests."""

    access: Access | None  # None until the account was read once
    bucket: Bucket
    used_24h: float
    waits: Mapping[Lane, LaneWait]
