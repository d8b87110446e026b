"""When Franked brakes: before AWS reviews the account at 5 % bounces and 0.1 % complaints, and pauses it later.

A stop holds until a person releases it; the steps below it follow the figures up and down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from math import ceil, exp, factorial

from franked.rules.lane import Lane
from franked.rules.rates import FEW, MANY, QUARTER, AwsRates, Seen, Window, last_sends

LEAST_SENDS, LEAST_BOUNCES, LEAST_COMPLAINTS = 200, 5, 2  # fewer say nothing: 1 bounce of 13 is no 8 %
CAREFUL_COMPLAINTS, BY_CHANCE = 0.0001, 0.001  # of a careful sender's mail; what comes once in 1,000 is no chance
NO_CHANCE = 10  # as many, at the rate of any stop
BOUNCES, COMPLAINTS = 0, 1  # the two rates of a step
REVIEWED_AT = 0.05, 0.001  # by AWS
SLOW_SHARE = 0.1  # of the pace, for bulk
CAREFUL_FOR = timedelta(days=14)  # after AWS has let the account out of the sandbox


class Step(IntEnum):
    NONE = 0
    WATCH = 1
    SLOW = 2  # bulk at a tenth
    STOP_BULK = 3
    STOP_NORMAL = 4  # all but urgent
    STOP_ALL = 5

    @property
    def is_stop(self) -> bool:
        return self >= Step.STOP_BULK

    @property
    def word(self) -> str:
        return self.name.lower()


STEPS = {  # from which rate of hard bounces, of complaints
    Step.WATCH: (0.02, 0.0005),
    Step.SLOW: (0.03, 0.0007),
    Step.STOP_BULK: (0.04, 0.0008),
    Step.STOP_NORMAL: (0.045, 0.0009),
    Step.STOP_ALL: REVIEWED_AT,
}
_STOPPED: Mapping[Step, frozenset[Lane]] = {
    Step.STOP_BULK: frozenset({Lane.BULK}),
    Step.STOP_NORMAL: frozenset({Lane.BULK, Lane.NORMAL}),
    Step.STOP_ALL: frozenset(Lane),
}
MEANING = {
    Step.NONE: "mail goes as the account's pace allows",
    Step.WATCH: "nothing is slowed yet",
    Step.SLOW: "the bulk lane goes at a tenth of the pace",
    Step.STOP_BULK: "the bulk lane stands still",
    Step.STOP_NORMAL: "all lanes but the urgent one stand still",
    Step.STOP_ALL: "nothing is sent",
}


@dataclass(frozen=True, slots=True)
class Brake:
    """Where the governor stands. `released_at`: by a person; figures from before count no more, and of that quarter
    what `base` has."""

    step: Step = Step.NONE
    since: datetime | None = None
    because: str = ""
    released_at: datetime | None = None
    base: Seen | None = None
    careful_until: datetime | None = None
    aws: AwsRates | None = None


@dataclass(frozen=True, slots=True)
class BrakeRelease:
    """A person lets mail go again, having looked for the cause and mended it: both are kept."""

    by: str
    investigation: str
    action: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BrakeLine:
    """One line of its log."""

    at: datetime
    what: str  # a step's word, or `released`
    why: str
    by: str = "governor"
    action: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    step: Step
    because: str


def stopped(step: Step) -> frozenset[Lane]:
    return _STOPPED.get(step, frozenset())


def reached(
    seen: Sequence[Seen], aws: AwsRates | None, brake: Brake | None = None, *, careful: bool, at_limit_all: bool
) -> Reached:
    """The worst of what our figures and AWS's say. `seen`: the newest first. `brake`: counted is what came since its
    last release; but AWS's own limits hold for all that it may look at. `careful`: the first days after approval,
    where the lower steps come at half the rate."""
    whole, seen = seen, counting(seen, brake) if brake else seen
    counted = (*_ours(seen), *_theirs(aws))
    steps = [Reached(_step(one, careful=careful), one.because) for one in counted]
    steps += _at_the_limit(whole, seen)
    worst = max(steps, key=lambda one: one.step, default=Reached(Step.NONE, ""))
    return worst if at_limit_all else Reached(min(worst.step, Step.STOP_NORMAL), worst.because)


@dataclass(frozen=True, slots=True)
class _Rate:
    """`of`: which of a step's two. `is_chance`: too little for a stop."""

    of: int
    rate: float
    because: str
    is_chance: bool = False


def _ours(seen: Sequence[Seen]) -> Iterator[_Rate]:
    """Complaints are too few for a short window."""
    short, lasting = last_sends(seen, FEW), last_sends(seen, MANY)
    for window in (short, lasting):
        if window.sent >= LEAST_SENDS and window.bounced >= LEAST_BOUNCES:
            rate = window.bounce_rate or 0.0
            yield _Rate(BOUNCES, rate, f"{_share(rate)} hard bounces, {window.bounced} of the {_of(window)}")
    if lasting.sent >= LEAST_SENDS and lasting.complained >= LEAST_COMPLAINTS:
        rate = lasting.complaint_rate or 0.0
        because = f"{_share(rate)} complaints, {lasting.complained} of the {_of(lasting)}"
        yield _Rate(COMPLAINTS, rate, because, is_chance(lasting.complained, lasting.sent))


def is_chance(complained: int, sent: int) -> bool:
    """Whether a careful sender may have had as many by bad luck: two of 2,000 are 0.1 %, and no reason to stop."""
    if complained >= NO_CHANCE:
        return False
    expected = CAREFUL_COMPLAINTS * sent
    fewer = sum(exp(-expected) * expected**n / factorial(n) for n in range(complained))
    return 1.0 - fewer > BY_CHANCE


def _at_the_limit(whole: Sequence[Seen], since_release: Sequence[Seen]) -> Iterator[Reached]:
    """Whoever releases a stop has little left: each further bounce or complaint beyond AWS's limits stops all again."""
    window, new = last_sends(whole, MANY), last_sends(since_release, MANY)
    if not window.is_full:
        return
    if new.bounced and (window.bounce_rate or 0.0) >= REVIEWED_AT[BOUNCES]:
        yield Reached(Step.STOP_ALL, f"{_share(window.bounce_rate or 0.0)} hard bounces in the {window.name}")
    if new.complained and (window.complaint_rate or 0.0) >= REVIEWED_AT[COMPLAINTS]:
        yield Reached(Step.STOP_ALL, f"{_share(window.complaint_rate or 0.0)} complaints in the {window.name}")


def _theirs(aws: AwsRates | None) -> Iterator[_Rate]:
    """On a sample as small as ours may be it is no rate either, where AWS tells how small it is."""
    few = aws is not None and aws.sent is not None and aws.sent < LEAST_SENDS
    if aws is None or few:
        return
    if aws.bounce and (aws.sent is None or aws.bounced >= LEAST_BOUNCES):
        yield _Rate(BOUNCES, aws.bounce, f"AWS itself counts {_share(aws.bounce)} bounces")
    if aws.complaint and (aws.sent is None or aws.complained >= LEAST_COMPLAINTS):
        by_chance = aws.sent is not None and is_chance(aws.complained, aws.sent)
        yield _Rate(COMPLAINTS, aws.complaint, f"AWS itself counts {_share(aws.complaint)} complaints", by_chance)


def after(brake: Brake, now: Reached, at: datetime) -> Brake:
    """The same where nothing changes. A stop never ends by itself."""
    if now.step == brake.step or (brake.step.is_stop and now.step < brake.step):
        return brake
    return replace(brake, step=now.step, since=at if now.step else None, because=now.because)


def counting(seen: Sequence[Seen], brake: Brake) -> list[Seen]:
    """Of these quarters what counts since the last release."""
    begin, base = brake.released_at, brake.base
    if begin is None:
        return list(seen)
    later = (one for one in seen if one.at > begin - QUARTER)
    return [one.without(base) if base and one.at == base.at else one for one in later]


def budget(seen: Sequence[Seen]) -> list[str]:
    """How much more it takes, in words."""
    window = last_sends(seen, MANY)
    if window.sent < LEAST_SENDS:
        return [f"{window.sent} sends are too few to say: from {LEAST_SENDS} on a rate means something"]
    return [
        _left(window.bounced, window.sent, REVIEWED_AT[0], "hard bounce"),
        _left(window.complained, window.sent, REVIEWED_AT[1], "complaint"),
    ]


def _left(so_far: int, sent: int, rate: float, what: str) -> str:
    more = max(0, ceil(rate * sent - 1e-9) - so_far)
    if more == 0:
        return f"{what}s have reached {_share(rate)}"
    return f"{more:,} more {what}{'s reach' if more > 1 else ' reaches'} {_share(rate)}"


def _step(one: _Rate, *, careful: bool) -> Step:
    earlier = 0.5 if careful else 1.0
    steps = (step for step, at in STEPS.items() if one.rate >= at[one.of] * (1.0 if step.is_stop else earlier))
    step = max(steps, default=Step.NONE)
    return min(step, Step.SLOW) if one.is_chance else step


def _share(rate: float) -> str:
    return f"{100 * rate:.3g} %"


def _of(window: Window) -> str:
    return window.name if window.is_full else f"{window.sent:,} sends so far"
