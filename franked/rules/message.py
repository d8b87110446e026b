"""A message, the states it can be in, and the arrows between them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from franked.rules.address import Address
from franked.rules.content import Attachment, CalendarPart, Written
from franked.rules.lane import Lane
from franked.rules.trigger import Trigger

RANDOM_BYTES = 10  # of an id
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]
_SHIFTS = range(120, -1, -10)


class State(StrEnum):
    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELAYED = "delayed"
    SOFT_BOUNCED = "soft_bounced"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REFUSED = "refused"
    DROPPED = "dropped"
    DEAD = "dead"

    @property
    def taken_by_ses(self) -> bool:
        return self in SEVERITY


# What SES told us, upwards in severity: an event only ever moves a message up this list.
SEVERITY: Mapping[State, int] = {
    State.SENT: 0,
    State.DELAYED: 1,
    State.SOFT_BOUNCED: 2,
    State.DELIVERED: 3,
    State.REJECTED: 4,
    State.BOUNCED: 5,
    State.COMPLAINED: 6,
}

_BY_US: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.QUEUED, State.DROPPED}),
    State.QUEUED: frozenset({State.SENDING, State.HELD, State.DROPPED}),
    State.SENDING: frozenset({State.SENT, State.QUEUED, State.UNKNOWN, State.REFUSED, State.DEAD}),
    State.UNKNOWN: frozenset({State.SENT, State.QUEUED, State.HELD, State.DROPPED}),
    State.DEAD: frozenset({State.QUEUED, State.DROPPED}),
}

_PROVEN_BY_EVENT = frozenset(
    {State.QUEUED, State.SENDING, State.UNKNOWN, State.HELD, State.DROPPED, State.DEAD, State.REFUSED}
)

# States in which nothing more is done by us: the variables are no longer needed.
ENDED = frozenset({*SEVERITY, State.REFUSED, State.DROPPED})


def may_move(before: State, after: State) -> bool:
    """Our own arrows, and those of proof: an event or a late `Sent` shows that SES took the mail."""
    if after in _BY_US.get(before, frozenset()):
        return True
    if after not in SEVERITY:
        return False
    return before in _PROVEN_BY_EVENT or SEVERITY[after] > SEVERITY[before]


class Message(Struct, frozen=True):
    """One accepted mail to one recipient, as it was accepted: nothing here changes later."""

    id: str
    stream: str
    lane: Lane
    to: Address
    sender: str  # the From header
    template: str  # "": in the caller's own words
    template_version: str
    locale: str  # as asked for; the template's own fallback applies
    variables: Mapping[str, object]
    trigger: Trigger | None
    accepted_at: datetime
    due_at: datetime
    useful_until: datetime
    key_id: str  # the API key (or built-in door) that brought it
    request_id: str
    content: Written | None = None
    attachments: tuple[Attachment, ...] = ()
    calendar: CalendarPart | None = None
    reply_to: str | None = None  # a header; None: the stream's
    answers: str | None = None  # the Message-ID of the mail that it answers

    def __repr__(self) -> str:
        """What it says stays out of logs and tracebacks."""
        return f"Message({self.id!r}, stream={self.stream!r}, to={self.to.masked!r})"


class Due(Struct, frozen=True):
    """A message that waits, as far as it is judged again before it goes."""

    id: str
    stream: str
    to: Address
    useful_until: datetime


class Taken(Struct, frozen=True):
    """A message in a worker's hands: it may call SES for this attempt, until `call_by`."""

    message: Message
    attempt: int  # 1, 2, 3 …; also the fencing token: only the newest attempt moves the message's state
    tries: int  # how many earlier attempts cost a try
    call_by: datetime
    lease_until: datetime

    @property
    def attempt_id(self) -> str:
        return f"{self.message.id}-{self.attempt}"


def ulid(milliseconds: int, randomness: int) -> str:
    """26 lower-case characters that sort by time: 48 bits of time, 80 bits of randomness."""
    number = (milliseconds & (1 << 48) - 1) << 80 | (randomness & (1 << 80) - 1)
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def message_id(milliseconds: int, randomness: int) -> str:
    return f"m_{ulid(milliseconds, randomness)}"
