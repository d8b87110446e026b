"""The canary: a bounce and a complaint of our own that must come back, before strangers are mailed.

One run goes SENT, HEARD (their events came), SUPPRESSED (nobody mails these addresses any more), and PASSED once a
second mail to each was dropped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from franked.rules.address import SIMULATOR_DOMAIN, Sender
from franked.rules.content import Content
from franked.rules.diagnosis import Evidence, Fault, Finding, diagnose, said
from franked.rules.event import Kind as EventKind
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.stream import IfUnknown, Kind, Stream

CANARY = "franked-canary"
WHY_HELD = "loop_not_proven"
TRIED_AGAIN = timedelta(minutes=15)  # after a run that failed
KEPT_FOR = timedelta(days=60)  # its mails
LATE_FOR = timedelta(days=1)  # so long a run that heard nothing is told what comes after all


@dataclass(frozen=True, slots=True)
class Plan:
    """`within`: so soon its events must be back. A pass counts until the next one is due, and for the `grace`."""

    enabled: bool = False
    every: timedelta = timedelta(hours=24)
    within: timedelta = timedelta(minutes=5)
    grace: timedelta = timedelta(hours=1)


class Step(StrEnum):
    BEGUN = "begun"
    SENT = "sent"
    HEARD = "heard"
    SUPPRESSED = "suppressed"
    PASSED = "passed"
    FAILED = "failed"


class Probe(StrEnum):
    """What one of its mails provokes."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"

    @property
    def proof(self) -> State:
        return State.BOUNCED if self is Probe.BOUNCE else State.COMPLAINED

    @property
    def kind(self) -> EventKind:
        return EventKind.BOUNCE if self is Probe.BOUNCE else EventKind.COMPLAINT


PROBES = tuple(Probe)


class Run(Struct, frozen=True):
    """One flight. `firsts` and `seconds`: the ids of its mails, in the order of PROBES."""

    id: str
    began_at: datetime
    step: Step = Step.BEGUN
    firsts: tuple[str, ...] = ()
    seconds: tuple[str, ...] = ()
    ended_at: datetime | None = None
    missing: tuple[Probe, ...] = ()  # whose events have not come
    findings: tuple[Finding, ...] = ()

    def to(self, probe: Probe) -> str:
        """The address; each run has its own, for the ones before are suppressed for a day."""
        return f"{probe}+{self.id}@{SIMULATOR_DOMAIN}"


class Canary(Struct, frozen=True):
    """All that is kept of it. `version`: of two who read the same, only the first may write the next."""

    version: int = 0
    current: Run | None = None  # under way
    last: Run | None = None  # the newest that has ended
    passed_at: datetime | None = None  # the newest pass
    proven_until: datetime | None = None  # None: nothing proves the loop

    def is_proven(self, now: datetime) -> bool:
        return self.proven_until is not None and now < self.proven_until

    def is_due(self, plan: Plan, now: datetime) -> bool:
        return self.current is None and now >= self.next_at(plan, now)

    def next_at(self, plan: Plan, now: datetime) -> datetime:
        """When the next run begins by itself."""
        if self.last is None or self.last.ended_at is None:
            return now
        if self.last.step is Step.PASSED:
            return self.last.began_at + plan.every
        return self.last.ended_at + min(TRIED_AGAIN, plan.every)


def begun(canary: Canary, id_: str, now: datetime) -> Canary | None:
    """None: one is under way, and it is the only one."""
    if canary.current is not None:
        return None
    return replace(canary, version=canary.version + 1, current=Run(id_, now))


def sent(run: Run, ids: tuple[str, ...]) -> Run:
    return replace(run, step=Step.SENT, firsts=ids, missing=PROBES)


def listened(run: Run, evidence: Evidence, plan: Plan, now: datetime) -> Run:
    """What a look at the record makes of a run whose mails are out."""
    missing = tuple(probe for probe in PROBES if not evidence.of(probe).has_come(probe.proof))
    run = replace(run, missing=missing)
    if not missing:
        return replace(run, step=Step.HEARD) if run.step is Step.SENT else run
    findings = diagnose(evidence, given_up=now >= run.began_at + plan.within)
    return failed(run, findings, now) if findings else run


def looked_up(run: Run, evidence: Evidence, now: datetime) -> Run:
    """Settled is settled: who is not suppressed by now will not be."""
    free = [probe for probe in PROBES if not evidence.of(probe).suppressed]
    if not free:
        return replace(run, step=Step.SUPPRESSED)
    return failed(run, tuple(Finding(Fault.NOT_SUPPRESSED, run.to(probe)) for probe in free), now)


def second_told(run: Run, ids: tuple[str, ...], dropped: tuple[bool, ...], now: datetime) -> Run:
    """`dropped`: whether each second mail was, as suppressed."""
    run = replace(run, seconds=ids)
    gone = [probe for probe, is_dropped in zip(PROBES, dropped, strict=True) if not is_dropped]
    if gone:
        return failed(run, tuple(Finding(Fault.NOT_DROPPED, run.to(probe)) for probe in gone), now)
    return replace(run, step=Step.PASSED, ended_at=now)


def failed(run: Run, findings: tuple[Finding, ...], now: datetime) -> Run:
    return replace(run, step=Step.FAILED, ended_at=now, findings=findings)


def after(canary: Canary, run: Run, plan: Plan) -> Canary:
    """What a run's step means. A run that failed on the way back ends what was proven before; one whose mails never
    went out says nothing of the ears."""
    new = replace(canary, version=canary.version + 1)
    if run.ended_at is None:
        return replace(new, current=run)
    ended = replace(new, current=None, last=run)
    if run.step is Step.PASSED:
        return replace(ended, passed_at=run.ended_at, proven_until=run.ended_at + plan.every + plan.grace)
    deaf = any(finding.fault.is_of_the_way_back for finding in run.findings)
    return replace(ended, proven_until=None) if deaf else ended


def may_come_late(run: Run | None, now: datetime) -> bool:
    """Whether what is missing may still come, and be told."""
    return (
        run is not None
        and run.step is Step.FAILED
        and bool(run.missing)
        and bool(run.firsts)
        and all(finding.fault is not Fault.LATE for finding in run.findings)
        and now < run.began_at + LATE_FOR
    )


def came_late(run: Run, evidence: Evidence, now: datetime) -> Run | None:
    """None: it has not all come yet."""
    if not all(evidence.of(probe).has_come(probe.proof) for probe in PROBES):
        return None
    minutes = max(1, round((now - run.began_at).total_seconds() / 60))
    return replace(run, missing=(), findings=(Finding(Fault.LATE, f"after {minutes} min"),))


def canary_stream(sender: Sender, plan: Plan) -> Stream:
    """Franked's own: no act asks for it, and nothing holds it."""
    return Stream(
        name=CANARY,
        kind=Kind.TRANSACTIONAL,
        purpose="Proves that bounces and complaints come back: it goes to SES's mailbox simulator only",
        sender=sender,
        lane=Lane.NORMAL,
        template=CANARY,
        useful_for=plan.within * 2,
        trigger_within=timedelta(hours=1),
        if_unknown=IfUnknown.DROP,
        content=Content.INLINE,
        built_in=True,
        keep_for=KEPT_FOR,
    )


def sentence(canary: Canary, now: datetime) -> str:
    """How it stands, for people: what is broken goes before what was proven."""
    last = canary.last
    if last and last.findings and last.step is Step.FAILED:
        return " ".join(said(one) for one in last.findings)
    if canary.is_proven(now) and canary.passed_at:
        return f"Bounces and complaints come back: proven {canary.passed_at:%Y-%m-%d %H:%MZ}."
    if canary.current:
        awaited = " and ".join(f"a {probe}" for probe in canary.current.missing) or "its mails"
        return f"The canary flies since {canary.current.began_at:%H:%MZ}, and waits for {awaited}."
    if canary.passed_at:
        return f"Nothing has proven since {canary.passed_at:%Y-%m-%d %H:%MZ} that bounces and complaints come back."
    return "Nothing has proven yet that bounces and complaints come back."


def warning(canary: Canary, plan: Plan, now: datetime) -> str | None:
    """None: there is nothing to warn of."""
    broken = canary.last is not None and canary.last.step is Step.FAILED
    if not (broken or plan.enabled) or (canary.is_proven(now) and not broken):
        return None
    holds = plan.enabled and not canary.is_proven(now)
    waits = " First mails to an address wait, urgent ones aside." if holds else ""
    return f"{sentence(canary, now)}{waits} See `franked canary`"
