"""The canary's flight as a rule: which step follows, what a pass proves, and which fault is told of which evidence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.canary import (
    PROBES,
    TRIED_AGAIN,
    Canary,
    Plan,
    Probe,
    Run,
    Step,
    after,
    begun,
    came_late,
    listened,
    looked_up,
    may_come_late,
    second_told,
    sent,
    warning,
)
from franked.rules.diagnosis import Amiss, Evidence, Fault, Finding, Publishing, Told, diagnose, said, way_out
from franked.rules.event import Kind
from franked.rules.message import State

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
PLAN = Plan(enabled=True)
SOON, LATE = NOW + timedelta(seconds=30), NOW + timedelta(minutes=6)
OUT = sent(Run("r", NOW), ("m_1", "m_2"))
TAKEN = Told(State.SENT)
DELIVERED = Told(State.DELIVERED, kinds=frozenset({Kind.DELIVERY}))
BOUNCED = Told(State.BOUNCED, kinds=frozenset({Kind.SEND, Kind.BOUNCE}), suppressed=True)
COMPLAINED = Told(State.COMPLAINED, kinds=frozenset({Kind.DELIVERY, Kind.COMPLAINT}), suppressed=True)
SILENT = Evidence(TAKEN, TAKEN)
HEARD = Evidence(BOUNCED, COMPLAINED)


def faults(evidence: Evidence) -> list[Fault]:
    return [finding.fault for finding in diagnose(evidence, given_up=True)]


def changed(evidence: Evidence, **more: Any) -> Evidence:
    return Evidence(**{name: getattr(evidence, name) for name in Evidence.__struct_fields__} | more)


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_flight_that_comes_back_passes_step_by_step() -> None:
    heard = listened(OUT, HEARD, PLAN, SOON)
    suppressed = looked_up(heard, HEARD, SOON)
    passed = second_told(suppressed, ("m_3", "m_4"), (True, True), SOON)
    assert [one.step for one in (OUT, heard, suppressed, passed)] == ["sent", "heard", "suppressed", "passed"]
    assert OUT.missing == PROBES and heard.missing == ()
    canary = after(Canary(version=4, current=OUT), passed, PLAN)
    assert (canary.version, canary.current, canary.last) == (5, None, passed)
    assert canary.proven_until == SOON + PLAN.every + PLAN.grace


def test_what_has_come_is_not_missing_any_more() -> None:
    assert listened(OUT, changed(HEARD, complaint=TAKEN), PLAN, SOON).missing == (Probe.COMPLAINT,)


def test_it_waits_until_its_time_is_over_and_no_longer() -> None:
    assert listened(OUT, SILENT, PLAN, SOON).step is Step.SENT
    over = listened(OUT, SILENT, PLAN, NOW + PLAN.within)
    assert (over.step, over.ended_at) == (Step.FAILED, NOW + PLAN.within)


def test_what_ses_refuses_is_told_at_once() -> None:
    refused = listened(OUT, changed(SILENT, bounce=Told(State.REFUSED, "HTTP 400 MessageRejected")), PLAN, SOON)
    assert refused.findings == (Finding(Fault.REFUSED, "HTTP 400 MessageRejected"),)


def test_what_comes_in_the_last_moment_counts_whatever_the_clock_says() -> None:
    assert listened(OUT, HEARD, PLAN, LATE).step is Step.HEARD


def test_only_one_flies() -> None:
    assert begun(Canary(current=OUT), "x", NOW) is None


def test_a_failure_on_the_way_back_ends_the_proof_one_on_the_way_out_does_not() -> None:
    proven = Canary(version=1, current=OUT, passed_at=NOW, proven_until=NOW + timedelta(hours=20))
    deaf = listened(OUT, SILENT, PLAN, LATE)
    paused = listened(OUT, Evidence(Told(State.QUEUED), Told(State.QUEUED), sending_enabled=False), PLAN, LATE)
    assert not after(proven, deaf, PLAN).is_proven(LATE)
    assert after(proven, paused, PLAN).is_proven(LATE)


def test_when_it_flies_next() -> None:
    passed = Canary(last=Run("r", NOW, Step.PASSED, ended_at=SOON))
    failed = Canary(last=Run("r", NOW, Step.FAILED, ended_at=LATE))
    assert [one.next_at(PLAN, NOW) for one in (Canary(), passed, failed)] == [NOW, NOW + PLAN.every, LATE + TRIED_AGAIN]
    assert not passed.is_due(PLAN, NOW + PLAN.every - timedelta(seconds=1)) and passed.is_due(PLAN, NOW + PLAN.every)


def test_what_comes_late_is_told_as_late_and_only_once() -> None:
    failed = listened(OUT, SILENT, PLAN, LATE)
    assert may_come_late(failed, LATE) and not may_come_late(failed, NOW + timedelta(days=1))
    assert came_late(failed, changed(HEARD, bounce=TAKEN), LATE) is None
    late = came_late(failed, HEARD, NOW + timedelta(minutes=8))
    assert late is not None and late.findings == (Finding(Fault.LATE, "after 8 min"),)
    assert not may_come_late(late, LATE)


# --- faults -----------------------------------------------------------------------------------------------------------

SET = {"configuration_set": "tx", "ours": frozenset({"arn:ours"})}
ALL_KINDS = frozenset({"SEND", "BOUNCE", "COMPLAINT"})


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (SILENT, [Fault.NO_EVENTS]),
        (changed(SILENT, listens=False, amiss=frozenset(Amiss)), [Fault.NOT_LISTENING]),
        (changed(SILENT, alarms={"feedback_unsubscribed": "x"}), [Fault.UNSUBSCRIBED]),
        (changed(SILENT, amiss=frozenset({Amiss.OTHER_TOPIC})), [Fault.WRONG_TOPIC]),
        (changed(SILENT, amiss=frozenset({Amiss.BAD_SIGNATURE})), [Fault.BAD_SIGNATURE]),
        (changed(SILENT, amiss=frozenset({Amiss.UNSIGNED})), [Fault.UNSIGNED]),
        (changed(SILENT, amiss=frozenset({Amiss.CERTIFICATE})), [Fault.CERTIFICATE]),
        (changed(SILENT, amiss=frozenset({Amiss.QUEUE})), [Fault.QUEUE]),
        (changed(SILENT, amiss=frozenset({Amiss.ERROR})), [Fault.ERROR]),
        (changed(SILENT, **SET, publishing=Publishing()), [Fault.NO_DESTINATION]),
        (changed(SILENT, **SET, publishing=Publishing(ALL_KINDS, frozenset({"arn:other"}))), [Fault.WRONG_TOPIC]),
        (changed(SILENT, **SET, publishing=Publishing(ALL_KINDS, frozenset({"arn:ours"}))), [Fault.NO_EVENTS]),
        (changed(SILENT, **SET, publishing=Publishing(ALL_KINDS, elsewhere=True)), [Fault.NO_EVENTS]),
        (
            changed(SILENT, **SET, publishing=Publishing(frozenset({"SEND"}), frozenset({"arn:ours"}))),
            [Fault.NO_BOUNCES, Fault.NO_COMPLAINTS],
        ),
        (Evidence(TAKEN, COMPLAINED), [Fault.NO_BOUNCES]),
        (Evidence(BOUNCED, TAKEN), [Fault.NO_COMPLAINTS]),
        (
            Evidence(Told(State.DELIVERED, kinds=frozenset({Kind.DELIVERY})), TAKEN),
            [Fault.NO_BOUNCES, Fault.NO_COMPLAINTS],
        ),
        (Evidence(Told(State.QUEUED), Told(State.QUEUED), sending_enabled=False), [Fault.SENDING_PAUSED]),
        (Evidence(Told(State.QUEUED), TAKEN, alarms={"account_stopped": "x"}), [Fault.SENDING_PAUSED]),
        (Evidence(Told(State.QUEUED), TAKEN, alarms={"lane_stopped.normal": "x"}), [Fault.CONFIGURATION_SET]),
        (Evidence(Told(State.QUEUED), TAKEN, alarms={"credentials": "x"}), [Fault.NOT_SENT]),
        (Evidence(Told(State.QUEUED), Told(State.SENDING)), [Fault.NOT_SENT]),
        (Evidence(Told(State.DEAD, "HTTP 500"), TAKEN), [Fault.REFUSED]),
    ],
)
def test_each_evidence_has_its_fault(evidence: Evidence, expected: list[Fault]) -> None:
    assert faults(evidence) == expected


STATES = st.sampled_from(list(State))
TOLD = st.builds(Told, STATES, st.text(), st.frozensets(st.sampled_from(list(Kind))), st.booleans())
EVIDENCE = st.builds(
    Evidence,
    TOLD,
    TOLD,
    amiss=st.frozensets(st.sampled_from(list(Amiss))),
    alarms=st.dictionaries(st.sampled_from(["account_stopped", "lane_stopped.normal", "credentials", "x"]), st.text()),
    sending_enabled=st.booleans(),
    listens=st.booleans(),
    configuration_set=st.none() | st.just("tx"),
    publishing=st.none() | st.builds(Publishing, st.frozensets(st.sampled_from(sorted(ALL_KINDS)))),
)


@given(EVIDENCE)
def test_whatever_is_seen_a_flight_whose_time_is_over_has_ended_or_come_back_and_says_what_is_broken(
    evidence: Evidence,
) -> None:
    run = listened(OUT, evidence, PLAN, LATE)
    assert run.step is Step.HEARD or (run.step is Step.FAILED and run.findings)
    assert all(said(one) and "`franked canary --run`" in way_out(one) for one in run.findings)


@given(EVIDENCE)
def test_nothing_but_all_of_it_is_a_pass(evidence: Evidence) -> None:
    came = evidence.bounce.state is State.BOUNCED and evidence.complaint.state is State.COMPLAINED
    assert (listened(OUT, evidence, PLAN, SOON).step is Step.HEARD) == came


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_warning_says_what_is_broken_and_what_waits() -> None:
    failed = after(Canary(current=OUT), listened(OUT, SILENT, PLAN, LATE), PLAN)
    told = warning(failed, PLAN, LATE)
    assert told is not None and "no event came at all" in told and "First mails to an address wait" in told
    assert warning(Canary(), Plan(), NOW) is None
    flying = warning(Canary(current=OUT), PLAN, NOW)
    assert flying is not None and "waits for a bounce and a complaint" in flying
    passed = Canary(last=Run("r", NOW, Step.PASSED, ended_at=SOON), passed_at=SOON, proven_until=LATE)
    assert warning(passed, PLAN, SOON) is None
    stale = warning(passed, PLAN, LATE)
    assert stale is not None and "Nothing has proven since 2026-03-04 10:15Z" in stale
