"""The production-access request: where it stands, what may be done next, and what a refusal asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LOCKED_FOR = timedelta(days=14)  # after a refusal
REVIEWED_FOR = timedelta(days=90)  # so long a look at AWS's rules counts


class What(StrEnum):
    """A line of the request's log."""

    ASKED = "asked"  # the request was sent
    PENDING = "pending"  # what AWS said of it, from here on
    GRANTED = "granted"
    DENIED = "denied"
    FAILED = "failed"  # AWS never had it
    REASON = "reason"  # of a refusal, in AWS's words, as a person wrote it down
    MENDED = "mended"  # what a person did about it
    QUESTION = "question"  # AWS asked
    ANSWERED = "answered"
    REVIEWED = "reviewed"  # a person has read AWS's rules


@dataclass(frozen=True, slots=True)
class Line:
    """`by`: a person's name, or `AWS`."""

    at: datetime
    what: What
    by: str
    text: str = ""
    case_id: str = ""


class Review(StrEnum):
    """GetAccount's ReviewDetails.Status."""

    PENDING = "PENDING"
    GRANTED = "GRANTED"
    DENIED = "DENIED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class AtAws:
    """What GetAccount says. `review` None: never asked. A status that nobody knows is as PENDING: nothing is sent."""

    production: bool
    review: str | None = None
    case_id: str = ""


class Stage(StrEnum):
    READY = "ready"  # to be asked, as far as AWS goes
    PENDING = "pending"
    DENIED = "denied"  # and it must be mended before it is asked again
    GRANTED = "granted"


def stage(at_aws: AtAws) -> Stage:
    """What AWS says decides: production access is the truth, the review is history (ses/01)."""
    if at_aws.production:
        return Stage.GRANTED
    match at_aws.review:
        case None | Review.FAILED:
            return Stage.READY
        case Review.DENIED:
            return Stage.DENIED
        case _:
            return Stage.PENDING


@dataclass(frozen=True, slots=True)
class Refusal:
    """Of all the refusals the newest; `number`: how many there were. `reason` is empty until a person wrote it down."""

    at: datetime
    number: int
    reason: str = ""
    mended: tuple[str, ...] = ()

    @property
    def locked_until(self) -> datetime:
        return self.at + LOCKED_FOR


def refusal(log: Iterable[Line]) -> Refusal | None:
    """`log` in the order written."""
    found: Refusal | None = None
    for line in log:
        if line.what is What.DENIED:
            found = Refusal(line.at, (found.number if found else 0) + 1)
        elif found and line.what is What.REASON:
            found = Refusal(found.at, found.number, line.text, found.mended)
        elif found and line.what is What.MENDED:
            found = Refusal(found.at, found.number, found.reason, (*found.mended, line.text))
    return found


def reviewed_at(log: Iterable[Line]) -> datetime | None:
    return max((line.at for line in log if line.what is What.REVIEWED), default=None)


def asked_at(log: Iterable[Line]) -> datetime | None:
    return max((line.at for line in log if line.what is What.ASKED), default=None)


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the four of the way back. `open`: what is still to be done in it."""

    name: str
    open: tuple[str, ...]

    @property
    def is_green(self) -> bool:
        return not self.open


def objections(at_aws: AtAws, refused: Refusal | None, phases: Sequence[Phase], now: datetime) -> list[str]:
    """Why the request may not go now; empty: it may. `phases`: the first three of the way back."""
    match stage(at_aws):
        case Stage.GRANTED:
            return ["the account has production access: there is nothing to ask for"]
        case Stage.PENDING:
            case_id = f" (case {at_aws.case_id})" if at_aws.case_id else ""
            return [f"AWS is reviewing a request{case_id}: it can't be changed until it has answered"]
        case Stage.READY | Stage.DENIED:
            return [*_locks(refused, now), *(f"{one.name}: {what}" for one in phases for what in one.open)]


def _locks(refused: Refusal | None, now: datetime) -> Iterable[str]:
    if refused is None:
        return
    if now < refused.locked_until:
        days = -(-(refused.locked_until - now) // timedelta(days=1))
        yield f"refused on {refused.at:%Y-%m-%d}: locked until {refused.locked_until:%Y-%m-%d}, {days} days from now"
    if not refused.reason:
        yield "nobody has written down what AWS said: franked request note --reason '…'"
    if not refused.mended:
        yield "nobody has written down what was mended since: franked request note --mended '…'"
