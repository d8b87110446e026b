"""Two lists of whom not to mail: what each learns from the other, whatever stands on them (E7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from franked.rules.at_ses import (
    MOST_RESTARTS,
    NIGHT,
    PACE,
    Account,
    AtSes,
    Conflict,
    Listed,
    Phase,
    Put,
    Reason,
    Remove,
    Stand,
    begun,
    ended,
    is_due,
    listed,
    listed_again,
    listing,
    warnings,
)
from franked.rules.reconcile import NOTHING, OF_SES, SOURCE, Decision, Sides, decide, is_of_ses
from franked.rules.suppression import EVERYWHERE, Suppression, Why, overrides

AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "ana@example.com"
BOUNCE, COMPLAINT = Reason.BOUNCE, Reason.COMPLAINT


def ours(why: Why, **more: object) -> Suppression:
    return replace(Suppression(KEY, why, AT), **more)  # type: ignore[arg-type]


def theirs(reason: Reason = BOUNCE, spelled: str = "Ana@Example.com", at: datetime = AT) -> Listed:
    return Listed(spelled, reason, at)


moments = st.integers(0, 50).map(lambda hours: AT + hours * HOUR)
suppressions = st.builds(
    Suppression,
    st.just(KEY),
    st.sampled_from([why for why in Why if why is not Why.ERASED]),
    moments,
    st.none() | moments.map(lambda at: at + 100 * HOUR),
)
entries = st.builds(
    Listed, st.sampled_from([KEY, "Ana@Example.com", "ANA@example.com"]), st.sampled_from(Reason), moments
)
some_sides = st.builds(
    Sides,
    st.just(KEY),
    st.none() | suppressions,
    st.lists(entries, max_size=3, unique_by=lambda one: one.spelled).map(tuple),
    st.none() | moments,
    erased=st.booleans(),
    vanished=st.booleans(),
)


def after(sides: Sides, decision: Decision) -> Sides:
    """Both lists, once the decision was carried out."""
    now = AT + 60 * HOUR
    there = {one.spelled: one for one in sides.theirs}
    for call in decision.calls:
        if isinstance(call, Put):
            there[call.spelled] = Listed(call.spelled, call.reason, now)
        else:
            del there[call.spelled]
    here = sides.ours
    if decision.take and overrides(decision.take, here, now):
        here = decision.take
    return replace(sides, ours=here, theirs=tuple(there.values()), vanished=False)


# --- whatever stands there --------------------------------------------------------------------------------------------


@given(some_sides)
def test_once_carried_out_nothing_is_left_to_do(sides: Sides) -> None:
    then = decide(after(sides, decide(sides)))
    assert then.calls == ()
    assert then.take is None


@given(some_sides)
def test_nobody_is_mailed_again_but_by_a_persons_word(sides: Sides) -> None:
    decision = decide(sides)
    then = after(sides, decision)
    if sides.theirs and not sides.erased and sides.lifted_at is None:
        assert then.theirs == sides.theirs
        assert then.ours is not None and then.ours.why.strength >= Why.HARD_BOUNCE.strength
    if sides.ours and then.ours:
        assert then.ours.why.strength >= sides.ours.why.strength or sides.ours.until


@given(some_sides)
def test_what_ses_can_not_hold_is_never_put_there(sides: Sides) -> None:
    for call in decide(sides).calls:
        if isinstance(call, Put):
            assert sides.ours is not None and not sides.erased
            assert sides.ours.why in OF_SES and sides.ours.until is None


@given(some_sides)
def test_what_a_person_lifted_is_on_neither_list_or_was_listed_since(sides: Sides) -> None:
    if sides.lifted_at is None or sides.erased or is_of_ses(sides.ours):
        return
    then = after(sides, decide(sides))
    later = [one for one in sides.theirs if one.at > sides.lifted_at]
    assert bool(then.theirs) == bool(later)
    assert not sides.theirs or (decide(sides).conflict is Conflict.RELISTED) == bool(later)


@given(some_sides)
def test_only_what_is_listed_is_removed_in_its_own_spelling(sides: Sides) -> None:
    spelled = {one.spelled for one in sides.theirs}
    assert {call.spelled for call in decide(sides).calls if isinstance(call, Remove)} <= spelled


@given(some_sides)
def test_a_simulator_address_is_nobodys_business(sides: Sides) -> None:
    simulated = replace(sides, key="bounce+1@simulator.amazonses.com")
    assert decide(simulated) == NOTHING


# --- case by case -----------------------------------------------------------------------------------------------------


def test_ours_alone_is_put() -> None:
    assert decide(Sides(KEY, ours(Why.HARD_BOUNCE))) == Decision((Put(KEY, BOUNCE),))
    assert decide(Sides(KEY, ours(Why.COMPLAINT))) == Decision((Put(KEY, COMPLAINT),))


def test_soft_manual_scoped_and_temporary_ones_stay_at_home() -> None:
    for why in (Why.SOFT_BOUNCES, Why.VALIDATION, Why.MANUAL, Why.ERASED):
        assert decide(Sides(KEY, ours(why))) == NOTHING
    assert decide(Sides(KEY, ours(Why.HARD_BOUNCE, until=AT + HOUR))) == NOTHING
    assert decide(Sides(KEY, ours(Why.HARD_BOUNCE, scope="news"))) == NOTHING
    assert is_of_ses(ours(Why.HARD_BOUNCE, scope=EVERYWHERE))
    assert decide(Sides("erased:00ff", replace(ours(Why.HARD_BOUNCE), address_key="erased:00ff"))) == NOTHING
    assert decide(Sides("mailer-daemon", ours(Why.HARD_BOUNCE))) == NOTHING  # no address: SES would refuse it


def test_theirs_alone_is_taken_with_its_source() -> None:
    decision = decide(Sides(KEY, None, (theirs(COMPLAINT),)))
    assert decision.take == Suppression(KEY, Why.COMPLAINT, AT, source=SOURCE)
    assert decision.calls == ()


def test_a_persons_word_and_theirs_become_theirs_here() -> None:
    decision = decide(Sides(KEY, ours(Why.MANUAL), (theirs(),)))
    assert decision.take is not None and overrides(decision.take, ours(Why.MANUAL), AT)


def test_a_lift_removes_every_spelling() -> None:
    both = theirs(spelled="Ana@example.com"), theirs(spelled="ana@example.com")
    decision = decide(Sides(KEY, None, both, lifted_at=AT + HOUR))
    assert decision == Decision((Remove("Ana@example.com"), Remove("ana@example.com")))


def test_what_ses_lists_again_after_a_lift_is_suppressed_again_and_told() -> None:
    decision = decide(Sides(KEY, None, (theirs(at=AT + HOUR),), lifted_at=AT))
    assert decision.take is not None and decision.conflict is Conflict.RELISTED
    assert decision.said == "lifted here on 2026-03-04 10:15Z, listed by SES again on 2026-03-04 11:15Z: not mailed"


def test_the_complaint_counts_where_reasons_differ() -> None:
    raised = decide(Sides(KEY, ours(Why.HARD_BOUNCE), (theirs(COMPLAINT),)))
    assert raised.take is not None and raised.take.why is Why.COMPLAINT
    assert raised.conflict is Conflict.REASONS_DIFFER
    kept = decide(Sides(KEY, ours(Why.COMPLAINT), (theirs(BOUNCE),)))
    assert kept.take is None and kept.calls == ()
    assert kept.conflict is Conflict.REASONS_DIFFER


def test_what_somebody_took_off_at_ses_is_put_there_again_and_told() -> None:
    decision = decide(Sides(KEY, ours(Why.HARD_BOUNCE), vanished=True))
    assert decision.calls == (Put(KEY, BOUNCE),)
    assert decision.conflict is Conflict.REMOVED_AT_SES


def test_an_erased_address_goes_from_their_list_too() -> None:
    decision = decide(Sides(KEY, ours(Why.ERASED), (theirs(),), erased=True))
    assert decision == Decision((Remove("Ana@Example.com"),))


# --- where it stands --------------------------------------------------------------------------------------------------


def test_a_whole_round_is_due_first_each_night_and_when_asked_for() -> None:
    assert is_due(Stand(), None, AT)
    began = begun(Stand(), AT)
    assert began.is_under_way and began.is_full
    assert not is_due(began, None, AT + HOUR)
    assert not is_due(began, AT - HOUR, AT + HOUR)
    assert is_due(began, AT + HOUR, AT + HOUR)
    tonight = AT.replace(hour=NIGHT, minute=0) + timedelta(days=1)
    assert not is_due(began, None, tonight - timedelta(seconds=1))
    assert is_due(began, None, tonight)
    at_night = begun(Stand(), tonight)
    assert not is_due(at_night, None, tonight + 23 * HOUR)
    assert is_due(at_night, None, tonight + 24 * HOUR)


def test_the_list_is_read_from_where_it_is_known_to() -> None:
    whole = listing(begun(Stand(), AT), AT)
    assert whole.since is None and whole.number == 1
    read = listed(whole)
    assert read.phase is Phase.GONE and read.known_to == AT
    done = ended(read, AT + HOUR)
    assert not done.is_under_way
    more = listing(done, AT + 2 * HOUR)
    assert more.since is not None and more.since < AT and more.number == 1
    assert listed(more).phase is Phase.CHANGES


def test_a_listing_whose_place_is_forgotten_begins_anew_some_times() -> None:
    stand = replace(listing(begun(Stand(), AT), AT), token="t")
    for again in range(MOST_RESTARTS):
        found = listed_again(stand)
        assert found is not None and found.token is None and found.number == again + 2
        stand = found
    assert listed_again(stand) is None


def test_what_fails_rests_longer_each_time_and_is_a_warning_after_a_while() -> None:
    stand = Stand()
    rests = []
    for _ in range(12):
        stand = stand.failed("SES can't be reached", AT)
        assert stand.call_at is not None
        rests.append(stand.call_at - AT)
    assert rests[0] == timedelta(seconds=5) and rests[1] == timedelta(seconds=10) and rests[-1] == timedelta(minutes=10)
    assert warnings(stand, AtSes.RECONCILE, AT + timedelta(minutes=5)) == []
    [(name, said)] = warnings(stand, AtSes.RECONCILE, AT + HOUR)
    assert name == "ses_list_unreachable" and "can't be reached" in said
    assert stand.answered().trouble == "" and warnings(stand.answered(), AtSes.RECONCILE, AT + HOUR) == []
    throttled = Stand().failed("too fast", AT, throttled=True)
    assert throttled.trouble_since is None and not throttled.may_call(AT + PACE)


def test_a_list_that_is_off_is_a_warning_until_the_owner_says_yes() -> None:
    off = Stand(account=Account(frozenset({"BOUNCE"}), ("bulk",)))
    assert [name for name, _ in warnings(off, AtSes.RECONCILE, AT)] == ["ses_list_off", "ses_list_overridden"]
    assert [name for name, _ in warnings(off, AtSes.SWITCH_ON, AT)] == ["ses_list_overridden"]
    assert warnings(off, AtSes.OFF, AT) == []
