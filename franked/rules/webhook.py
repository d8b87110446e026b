"""What an application is told of, by which endpoint; how often that is tried, and when an endpoint is left alone."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from franked.rules.consent import CONFIRMATION, Step
from franked.rules.message import State
from franked.rules.reach import Network

# In the order of the docs. Each begins with its group, which stands for all of it.
MESSAGES = tuple(
    f"message.{state}"
    for state in (
        *(State.SENT, State.DELIVERED, State.DELAYED, State.SOFT_BOUNCED, State.BOUNCED, State.COMPLAINED),
        *(State.REJECTED, State.REFUSED, State.DROPPED, State.HELD, State.DEAD),
    )
)
SUPPRESSION_ADDED, SUPPRESSION_LIFTED = "suppression.added", "suppression.lifted"
CONSENTS = tuple(f"consent.{step}" for step in (Step.CONFIRMED, Step.LEFT, Step.TURNED_ON))
EVENTS = (*MESSAGES, SUPPRESSION_ADDED, SUPPRESSION_LIFTED, *CONSENTS)
GROUPS = ("message", "suppression", "consent")
_OWN = "franked-"  # streams of Franked's own: canary, alarms, report

MARK = "whsec_"
SECRET_BYTES = range(24, 65)
MOST_SECRETS = 2  # the new one, and the one that it takes the place of

# After each failed call: 27 hours in all, so that one notice alone is enough to see an endpoint fail for a day.
_AFTER = (
    *(timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)),
    *(timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(hours=8), timedelta(hours=8)),
)
LEFT_ALONE_AFTER = timedelta(days=1)  # of failures with no success between
KEPT = timedelta(days=7)  # told, given up or waiting: so far back a replay reaches
LEASE = timedelta(seconds=60)  # longer than one call: a notice that was taken by who is no more goes again then
AT_ONCE = 16
REST = timedelta(seconds=5)  # between the calls of one that fails, however much waits for it


@dataclass(frozen=True, slots=True)
class Endpoint:
    """As the settings declare it. Empty `streams`: mail of every stream."""

    name: str
    url: str
    events: tuple[str, ...] = EVENTS
    streams: tuple[str, ...] = ()
    allow: tuple[Network, ...] = ()
    secret: tuple[bytes, ...] | None = field(default=None, repr=False)  # newest first

    def wants(self, event: str, stream: str | None) -> bool:
        if stream is not None and stream.startswith(_OWN) and stream != CONFIRMATION:
            return False
        is_wanted = event in EVENTS and (event in self.events or event.partition(".")[0] in self.events)
        return is_wanted and (stream is None or not self.streams or stream in self.streams)


Wanted = Callable[[str, str | None], Sequence[str]]  # event, the message's stream → names of endpoints


def wanted_by(endpoints: Iterable[Endpoint]) -> Wanted | None:
    """None: nobody is to be told of anything, so that nobody needs to ask."""
    known = tuple(endpoints)

    @cache
    def names(event: str, stream: str | None) -> Sequence[str]:
        return tuple(one.name for one in known if one.wants(event, stream))

    return names if known else None


def parse_secret(text: str) -> bytes | None:
    """`whsec_` and 24 to 64 bytes in base64. None: it is none."""
    if not text.startswith(MARK):
        return None
    try:
        key = base64.b64decode(text.removeprefix(MARK), validate=True)
    except (ValueError, binascii.Error):
        return None
    return key if len(key) in SECRET_BYTES else None


class OfMail(Struct, frozen=True):
    """What may be told of a message: never what it says. `to` None: its address was erased."""

    stream: str
    to: str | None
    accepted_at: datetime
    by: str | None  # of its trigger
    ref: str | None


class Notice(Struct, frozen=True):
    """One thing that one endpoint is to be told. The id stays the same at each call."""

    id: str
    endpoint: str
    event: str
    subject: str  # a message's id, or an address
    at: datetime
    tries: int  # calls before this one
    word: str | None = None  # the reason of a message, a suppression's why, a consent's topic
    until: datetime | None = None  # of a suppression
    mail: OfMail | None = None


class Answer(StrEnum):
    TOLD = "told"
    FAILED = "failed"
    GONE = "gone"  # it wants no more, ever


_GONE = 410


def answer_of(status: int | None) -> Answer:
    """None: no answer came."""
    if status is not None and 200 <= status < 300:
        return Answer.TOLD
    return Answer.GONE if status == _GONE else Answer.FAILED


class Called(Struct, frozen=True):
    """What became of a call. `due_at`: when the next one is due; None: there is none. `why`: for people."""

    notice: Notice
    answer: Answer
    at: datetime
    due_at: datetime | None = None
    why: str = ""


def due_after(tries: int, rand: float) -> timedelta | None:
    """How long after the last of so many failed calls, jittered by a tenth; None: it is given up."""
    return _AFTER[tries - 1] * (0.9 + 0.2 * rand) if tries <= len(_AFTER) else None


class Health(Struct, frozen=True):
    """How an endpoint does."""

    name: str
    told: int = 0
    given_up: int = 0
    waiting: int = 0
    told_at: datetime | None = None
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    why: str = ""  # the last failure's
    disabled_at: datetime | None = None


def room(health: Health) -> int:
    """How many calls at once: one that fails costs one connection, not all of them."""
    if health.disabled_at is not None:
        return 0
    return 1 if health.failing_since else AT_ONCE


def rests_until(health: Health) -> datetime | None:
    """None: it does not rest."""
    return health.failed_at + REST if health.failing_since and health.failed_at else None


def after(health: Health, called: Called) -> Health:
    """What is disabled stays so until a person says otherwise."""
    match called.answer:
        case Answer.TOLD:
            return replace(health, told=health.told + 1, told_at=called.at, failing_since=None)
        case Answer.GONE:
            return replace(health, failed_at=called.at, why=called.why, disabled_at=health.disabled_at or called.at)
        case Answer.FAILED:
            return _failed(health, called)


def _failed(health: Health, called: Called) -> Health:
    """A failure long after the one before begins anew: nothing was tried between."""
    since, at = health.failing_since, called.at
    if since is None or health.failed_at is None or at - health.failed_at >= LEFT_ALONE_AFTER:
        since = at
    disabled = health.disabled_at or (at if at - since >= LEFT_ALONE_AFTER else None)
    given_up = health.given_up + (called.due_at is None)
    return replace(health, given_up=given_up, failing_since=since, failed_at=at, why=called.why, disabled_at=disabled)


def enabled(health: Health) -> Health:
    return replace(health, failing_since=None, disabled_at=None)


class Turn(StrEnum):
    """What is worth a line: an endpoint goes on failing without one."""

    FAILING = "failing"
    WELL = "well"
    DISABLED = "disabled"


def turn(before: Health, now: Health) -> Turn | None:
    if before.disabled_at is None and now.disabled_at is not None:
        return Turn.DISABLED
    if (before.failing_since is None) is (now.failing_since is None):
        return None
    return Turn.WELL if now.failing_since is None else Turn.FAILING


def alarm_of(name: str) -> str:
    """The key of the alarm that is open while the endpoint is disabled."""
    return f"webhook_disabled:{name}"
