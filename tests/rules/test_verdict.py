"""May this mail go? Every row alone, every row before every later one, at both places where it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from franked.rules.address import Address, NotAnAddress, Sender
from franked.rules.consent import Standing
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Stream
from franked.rules.suppression import Suppression, Why
from franked.rules.trigger import Trigger
from franked.rules.verdict import ROWS, Asked, Caller, Case, Drop, Facts, Hold, Send, TurnedAway, at_accept, at_take

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN = Address.of_spelled("ann@example.com")
FROM = Sender("Example", Address.of_spelled("no-reply@example.com"))
NOTICE = Stream(
    name="backup-completed",
    kind=Kind.NOTIFICATION,
    purpose="Tells the owner that a backup has finished",
    sender=FROM,
    lane=Lane.NORMAL,
    template="backup-completed",
    useful_for=72 * HOUR,
    trigger_within=24 * HOUR,
    if_unknown=IfUnknown.HOLD,
    topic="backups",
    needs_approval=True,
)
NEWS = replace(NOTICE, name="news", kind=Kind.MARKETING, lane=Lane.BULK, topic="news", standing=True)
CODE = replace(NOTICE, name="sign-in-code", kind=Kind.TRANSACTIONAL, lane=Lane.URGENT, topic=None, secret=True)
ALARM = replace(CODE, name="franked-alarms", lane=Lane.NORMAL, built_in=True)

ACT = Trigger("backup", "account-7", NOW - HOUR)
MAIL = Case(NOTICE, ANN, FROM, ACT, useful_until=NOW + HOUR, caller=Caller("k", "app"))
FACTS = Facts(now=NOW, consents={"news": Standing.CONFIRMED})


def brought(stream: Stream) -> Case:
    """By who may use it: what is Franked's own by Franked only."""
    return changed(MAIL, stream=stream, caller=Caller("k", "app", streams=frozenset({stream.name})))


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with a mail, and what is answered when it is the first."""

    row: int
    answer: Hold | Drop | TurnedAway
    case: Callable[[Case], Case] = lambda case: case
    facts: Callable[[Facts], Facts] = lambda facts: facts

    def __str__(self) -> str:
        return f"row {self.row} {getattr(self.answer, 'why', '') or getattr(self.answer, 'code', '')}"


TROUBLES = [
    Trouble(
        1,
        TurnedAway("invalid_address", "to", "no @"),
        case=lambda case: changed(case, to=NotAnAddress("no @")),
    ),
    Trouble(
        2,
        TurnedAway("not_allowed", "stream", "the key 'app' may not use 'backup-completed'"),
        case=lambda case: changed(case, caller=Caller("k", "app", streams=frozenset({"other"}))),
    ),
    Trouble(
        2,
        TurnedAway("not_allowed", "from", "the key 'app' may not send as no-reply@example.com"),
        case=lambda case: changed(case, caller=Caller("k", "app", senders=frozenset({"tickets@example.com"}))),
    ),
    Trouble(
        2,
        TurnedAway("not_allowed", "to", "mail of 'backup-completed' goes to desk@example.com and to nobody else"),
        case=lambda case: changed(case, stream=replace(case.stream, only_to=Address.of_spelled("desk@example.com"))),
    ),
    Trouble(
        3,
        TurnedAway("missing_trigger", "trigger", "say which act of a person asked for this mail: act, by, at"),
        case=lambda case: changed(case, trigger=None),
    ),
    Trouble(3, Drop("stale_trigger"), case=lambda case: changed(case, trigger=changed(ACT, at=NOW - 25 * HOUR))),
    Trouble(4, Drop("expired"), case=lambda case: changed(case, useful_until=NOW)),
    Trouble(
        5,
        Drop("suppressed"),
        facts=lambda facts: changed(facts, suppression=Suppression(ANN.key, Why.HARD_BOUNCE, NOW)),
    ),
    Trouble(5, Drop("account_deleted"), facts=lambda facts: changed(facts, account_deleted=True)),
    Trouble(6, Drop("left"), facts=lambda facts: changed(facts, consents={"backups": Standing.LEFT})),
    Trouble(7, Drop("rate_limited"), facts=lambda facts: changed(facts, within_limit=False)),
    Trouble(8, Hold("not_approved"), facts=lambda facts: changed(facts, approved=False)),
    Trouble(9, Hold("sandbox"), facts=lambda facts: changed(facts, in_sandbox=True)),
    Trouble(
        10,
        Hold("loop_not_proven"),
        facts=lambda facts: changed(facts, first_contact=True, loop_proven=False),
    ),
]
AT_ACCEPT_ONLY = {1, 2, 3, 7}


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_rows_stand_in_the_order_of_the_design() -> None:
    assert [row.number for row in ROWS] == list(range(1, 11))
    assert {row.number for row in ROWS if row.asked is Asked.ACCEPT} == AT_ACCEPT_ONLY
    assert {trouble.row for trouble in TROUBLES} == {row.number for row in ROWS}


def test_a_mail_that_somebody_asked_for_may_go() -> None:
    assert at_accept(MAIL, FACTS) == Send()
    assert at_take(changed(MAIL, caller=None), FACTS) == Send()


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_every_row_alone_says_no(trouble: Trouble) -> None:
    assert at_accept(trouble.case(MAIL), trouble.facts(FACTS)) == trouble.answer


@pytest.mark.parametrize(
    ("first", "later"),
    [(one, other) for one, other in combinations(TROUBLES, 2) if one.row < other.row],
    ids=str,
)
def test_every_row_is_heard_before_every_later_one(first: Trouble, later: Trouble) -> None:
    case, facts = first.case(later.case(MAIL)), first.facts(later.facts(FACTS))
    assert at_accept(case, facts) == first.answer


def test_with_everything_wrong_the_answers_come_in_order_as_one_after_the_other_is_mended() -> None:
    answers = []
    for mended in range(len(TROUBLES)):
        case, facts = MAIL, FACTS
        for trouble in reversed(TROUBLES[mended:]):
            case, facts = trouble.case(case), trouble.facts(facts)
        answers.append(at_accept(case, facts))
    assert answers == [trouble.answer for trouble in TROUBLES]


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_at_take_only_what_may_have_changed_is_asked_again(trouble: Trouble) -> None:
    expected = Send() if trouble.row in AT_ACCEPT_ONLY else trouble.answer
    assert at_take(trouble.case(MAIL), trouble.facts(FACTS)) == expected


@given(st.sets(st.sampled_from(range(len(TROUBLES)))))
def test_nobody_who_must_not_be_mailed_waits_in_a_box(wrong: set[int]) -> None:
    case, facts = MAIL, FACTS
    for index in sorted(wrong, reverse=True):
        case, facts = TROUBLES[index].case(case), TROUBLES[index].facts(facts)
    drops = any(isinstance(TROUBLES[index].answer, Drop | TurnedAway) for index in wrong)
    assert isinstance(at_accept(case, facts), Hold) == (bool(wrong) and not drops)


# --- 2: may this key use this stream and sender? (E4) -----------------------------------------------------------------


def test_a_key_sends_what_it_was_made_for_from_where_it_was_made_for() -> None:
    key = Caller("k", "app", frozenset({"backup-completed"}), frozenset({"no-reply@example.com"}))
    assert at_accept(changed(MAIL, caller=key), FACTS) == Send()
    shouted = replace(FROM, address=Address.of_spelled("NO-REPLY@example.com"))
    assert at_accept(changed(MAIL, caller=key, sender=shouted), FACTS) == Send()


def test_a_key_without_bounds_may_do_all() -> None:
    assert Caller("k", "app").may_use(NEWS)
    assert Caller("k", "app").may_send_as(FROM)


# --- 3: is there a trigger? (A4, A14, E1) -----------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [NEWS, ALARM], ids=lambda stream: stream.name)
def test_consent_or_a_standing_setting_is_the_trigger_of_some_mail(stream: Stream) -> None:
    assert at_accept(changed(brought(stream), trigger=None), FACTS) == Send()
    assert at_accept(changed(brought(stream), trigger=changed(ACT, at=NOW - 9999 * HOUR)), FACTS) == Send()


def test_what_needs_no_trigger_because_it_is_franked_s_own_is_open_to_no_key_that_may_use_all() -> None:
    answer = at_accept(changed(MAIL, stream=ALARM, trigger=None), FACTS)
    assert isinstance(answer, TurnedAway)
    assert answer.code == "not_allowed"


def test_an_act_dated_in_the_future_is_no_act() -> None:
    assert at_accept(changed(MAIL, trigger=changed(ACT, at=NOW + HOUR)), FACTS) == Drop("stale_trigger")


# --- 4: still worth sending? ------------------------------------------------------------------------------------------


def test_a_code_is_worth_sending_until_the_moment_it_ends() -> None:
    almost = changed(MAIL, stream=CODE, useful_until=NOW + timedelta(milliseconds=1))
    assert at_take(almost, FACTS) == Send()
    assert at_take(changed(almost, useful_until=NOW), FACTS) == Drop("expired")


# --- 5: not suppressed? (A5, B6, C5, D4, E7) --------------------------------------------------------------------------


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("stream", [NOTICE, NEWS, CODE, ALARM], ids=lambda stream: stream.name)
def test_a_suppressed_address_gets_nothing_of_any_kind(stream: Stream, why: Why) -> None:
    facts = changed(FACTS, suppression=Suppression(ANN.key, why, NOW - HOUR))
    assert at_accept(brought(stream), facts) == Drop("suppressed")


@pytest.mark.parametrize(
    ("until", "verdict"),
    [(NOW + HOUR, Drop("suppressed")), (NOW, Send()), (NOW - HOUR, Send())],
)
def test_an_address_that_rests_is_mailed_again_when_its_rest_has_ended(until: datetime, verdict: Send | Drop) -> None:
    rests = Suppression(ANN.key, Why.SOFT_BOUNCES, NOW - 2 * HOUR, until)
    assert at_take(MAIL, changed(FACTS, suppression=rests)) == verdict


# --- 6: not left, and asked for? (C8, D3, D5, D6) ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "standing", "verdict"),
    [
        (NEWS, Standing.CONFIRMED, Send()),
        (NEWS, Standing.NOTHING, Drop("no_consent")),
        (NEWS, Standing.LEFT, Drop("left")),
        (NOTICE, Standing.CONFIRMED, Send()),
        (NOTICE, Standing.NOTHING, Send()),
        (NOTICE, Standing.LEFT, Drop("left")),
        (CODE, Standing.CONFIRMED, Send()),
        (CODE, Standing.NOTHING, Send()),
        (CODE, Standing.LEFT, Send()),
        (replace(NEWS, topic=None), Standing.LEFT, Drop("no_consent")),
        (replace(CODE, topic="invites"), Standing.LEFT, Drop("left")),
    ],
)
def test_marketing_must_be_asked_for_a_topic_can_be_left_and_a_code_always_comes(
    stream: Stream, standing: Standing, verdict: Send | Drop
) -> None:
    assert (
        at_accept(changed(MAIL, stream=stream), changed(FACTS, consents={stream.topic or "none": standing})) == verdict
    )


# --- 8: approved? (C10) -----------------------------------------------------------------------------------------------


def test_franked_s_own_alarms_need_no_approval_and_no_canary() -> None:
    facts = changed(FACTS, approved=False, first_contact=True, loop_proven=False)
    assert at_take(changed(MAIL, stream=ALARM), facts) == Send()


def test_a_stream_that_asks_for_no_approval_sends_what_nobody_approved() -> None:
    stream = replace(NOTICE, needs_approval=False)
    assert at_take(changed(MAIL, stream=stream), changed(FACTS, approved=False)) == Send()


# --- 9: in the sandbox? (C11) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "verified", "verdict"),
    [
        ("ann@example.com", set(), Hold("sandbox")),
        ("ann@example.com", {"ann@example.com"}, Send()),
        ("Ann@Example.com", {"ann@example.com"}, Send()),
        ("ann@example.com", {"example.com"}, Send()),
        ("ann@mail.example.com", {"mail.example.com"}, Send()),
        ("ann@example.com", {"eve@example.com", "other.example.com"}, Hold("sandbox")),
        ("ann@example.com.example.org", {"example.com"}, Hold("sandbox")),
        ("success+x@simulator.amazonses.com", set(), Send()),
    ],
)
def test_the_sandbox_takes_mail_to_what_is_verified_and_to_the_mailbox_simulator(
    to: str, verified: set[str], verdict: Send | Hold
) -> None:
    facts = changed(FACTS, in_sandbox=True, verified=frozenset(verified))
    assert at_take(changed(MAIL, to=Address.of_spelled(to)), facts) == verdict
    assert at_take(changed(MAIL, to=Address.of_spelled(to)), changed(facts, in_sandbox=False)) == Send()


# --- 10: has the canary come back? ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "first_contact", "loop_proven", "verdict"),
    [
        (NOTICE, True, False, Hold("loop_not_proven")),
        (NOTICE, False, False, Send()),
        (NOTICE, True, True, Send()),
        (NEWS, True, False, Hold("loop_not_proven")),
        (CODE, True, False, Send()),
        (ALARM, True, False, Send()),
    ],
)
def test_until_the_loop_is_proven_strangers_get_urgent_mail_only(
    stream: Stream, first_contact: bool, loop_proven: bool, verdict: Send | Hold
) -> None:
    facts = changed(FACTS, first_contact=first_contact, loop_proven=loop_proven)
    assert at_take(changed(MAIL, stream=stream), facts) == verdict
