"""The production-access request: where it stands, what may be done next, and what a refusal asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from franked.rules.at_aws import Review, SesAccount

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
    SIMULATED = "simulated"  # from here on the account is a simulated one
    REAL = "real"  # from here on it is AWS's


@dataclass(frozen=True, slots=True)
class Line:
    """`by`: a person's name, or `AWS`."""

    at: datetime
    what: What
    by: str
    text: str = ""
    case_id: str = ""


class Stage(StrEnum):
    READY = "ready"  # to be asked, as far as AWS goes
    PENDING = "pending"
    DENIED = "denied"  # and it must be mended before it is asked again
    GRANTED = "granted"


def stage(account: SesAccount) -> Stage:
    """What AWS says decides: production access is the truth, the review is history (ses/01). A status that nobody
    knows is as PENDING: nothing is sent."""
    if account.production:
        return Stage.GRANTED
    match account.details.review if account.details else None:
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


def since_real(log: Iterable[Line]) -> datetime | None:
    """What was seen before then was seen at a simulated account. None: nothing was."""
    modes = [line for line in log if line.what in {What.SIMULATED, What.REAL}]
    was_simulated = any(line.what is What.SIMULATED for line in modes)
    return modes[-1].at if was_simulated and modes[-1].what is What.REAL else None


def mode_line(log: Iterable[Line], at: datetime, *, simulated: bool) -> Line | None:
    """To be written when a Franked starts. None: it is as it was."""
    now = What.SIMULATED if simulated else What.REAL
    before = [line.what for line in log if line.what in {What.SIMULATED, What.REAL}]
    return None if before and before[-1] is now else Line(at, now, "franked")


_OF_AWS = {
    Review.PENDING: What.PENDING,
    Review.GRANTED: What.GRANTED,
    Review.DENIED: What.DENIED,
    Review.FAILED: What.FAILED,
}


def heard(account: SesAccount, log: Sequence[Line], at: datetime) -> Line | None:
    """What AWS says of the request, where the log does not have it yet. A second refusal needs a request between."""
    details = account.details
    review = Review.GRANTED if account.production and details else details.review if details else None
    what = _OF_AWS.get(review) if review else None
    last = next((line for line in reversed(log) if line.what in {What.ASKED, *_OF_AWS.values()}), None)
    if details is None or what is None or (last and last.what is what):
        return None
    return Line(at, what, "AWS", case_id=details.case)


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


def objections(account: SesAccount, refused: Refusal | None, phases: Sequence[Phase], now: datetime) -> list[str]:
    """Why the request may not go now; empty: it may. `phases`: the first three of the way back."""
    match stage(account):
        case Stage.GRANTED:
            return ["the account has production access: there is nothing to ask for"]
        case Stage.PENDING:
            case_id = f" (case {account.details.case})" if account.details and account.details.case else ""
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
        yield "nobody has written down what AWS said: franked request note reason '…' --by NAME"
    if not refused.mended:
        yield "nobody has written down what was mended since: franked request note mended '…' --by NAME"
