"""A newsletter's issue, on its way to everybody who has agreed to its topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from franked.rules.content import Written
from franked.rules.lane import Lane
from franked.rules.stream import Kind, Stream


class Issue(Struct, frozen=True):
    """What it says: as a single mail of its stream says it."""

    variables: Mapping[str, object]
    content: Written | None = None

    def __repr__(self) -> str:
        return "Issue(…)"


@dataclass(frozen=True, slots=True)
class Newsletter:
    """`id` is the caller's own. `key_id`, `by`: the key that brought it, and its name."""

    id: str
    key_id: str
    by: str
    stream: str
    topic: str
    at: datetime
    issue: Issue | None = field(repr=False)  # None once it is done; or sealed with another key
    after: str = ""  # the address key up to which it is written
    people: int = 0  # who had agreed when it began
    queued: int = 0  # of the mails written: those that go, or have gone
    dropped: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a newsletter was written: to whom comes behind `before`, up to `after`."""

    id: str
    before: str
    after: str
    queued: int
    dropped: int
    done_at: datetime | None = None


def key_of(newsletter_id: str, address_key: str) -> str:
    """A person's idempotency key: however often a stretch is written, each has one mail of it."""
    return f"newsletter {sha256(f'{newsletter_id}|{address_key}'.encode()).hexdigest()}"


def unfit(stream: Stream) -> str | None:
    """Why a stream can't carry a newsletter; None when it can."""
    if stream.kind is not Kind.MARKETING or stream.topic is None:
        return f"the stream {stream.name!r} is not marketing: a newsletter goes to those who have agreed to its topic"
    if stream.lane is not Lane.BULK:
        return f"the stream {stream.name!r} is not in the bulk lane: a newsletter would stand in the way of other mail"
    if not stream.standing:
        return f"the stream {stream.name!r} needs an act for each mail: a newsletter has none but the consent"
    return None
