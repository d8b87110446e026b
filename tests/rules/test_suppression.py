"""The bounce matrix: what an event means for the address it is about (A5, A6, B6, C5, D4, E7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from franked.rules.event import BounceType, Event, Kind
from franked.rules.message import State
from franked.rules.suppression import (
    EVERYWHERE,
    SOFT_MEMORY,
    SOFT_REST,
    Consequences,
    SoftBounce,
    Suppression,
    Why,
    consequences,
    overrides,
)

AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
DAY = timedelta(days=1)
PERMANENT, TRANSIENT, UNDETERMINED = BounceType.PERMANENT, BounceType.TRANSIENT, BounceType.UNDETERMINED
TIRED = (SoftBounce("m_a", AT - 8 * DAY), SoftBounce("m_b", AT - 4 * DAY))


def bounce(bounce_type: BounceType | None, subtype: str | None = None) -> Event:
    return Event("key", Kind.BOUNCE, "ses-1", "m_1", "m_1-1", "ann@example.com", AT, bounce_type, subtype)


def complaint(feedback: str | None = None, subtype: str | None = None) -> Event:
    told = Event("key", Kind.COMPLAINT, "ses-1", "m_1", "m_1-1", "ann@example.com", AT)
    return replace(told, feedback=feedback, subtype=subtype)


def told(event: Event, before: tuple[SoftBounce, ...] = ()) -> tuple[Why | None, str | None, str | None]:
    """Why it is suppressed, what it counts as, which alarm it opens."""
    drawn = consequences(event, before)
    return (drawn.suppress.why if drawn.suppress else None), drawn.counts_as, drawn.alarm


# --- hard bounces and complaints --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subtype", "why", "counts_as", "alarm"),
    [
        ("General", Why.HARD_BOUNCE, "bounced", None),
        ("NoEmail", Why.HARD_BOUNCE, "bounced", None),
        ("Suppressed", Why.HARD_BOUNCE, "bounced", None),  # SES's global list: counts in its rate
        ("OnAccountSuppressionList", Why.HARD_BOUNCE, "echo", "suppression_out_of_sync"),
        ("OnTenantSuppressionList", Why.HARD_BOUNCE, "echo", "suppression_out_of_sync"),
        ("EmailValidationSuppressed", Why.VALIDATION, "bounced", None),
        ("UnsubscribedRecipient", None, "echo", None),
        ("SomethingNew", Why.HARD_BOUNCE, "bounced", None),
        (None, Why.HARD_BOUNCE, "bounced", None),
    ],
)
def test_a_permanent_bounce(subtype: str | None, why: Why | None, counts_as: str, alarm: str | None) -> None:
    assert told(bounce(PERMANENT, subtype)) == (why, counts_as, alarm)
    assert consequences(bounce(PERMANENT, subtype), ()).state is State.BOUNCED


@pytest.mark.parametrize(
    ("feedback", "subtype", "why", "counts_as", "alarm"),
    [
        ("abuse", None, Why.COMPLAINT, "complained", "complaint"),
        ("fraud", None, Why.COMPLAINT, "complained", "complaint"),
        ("virus", None, Why.COMPLAINT, "complained", "complaint"),
        ("other", None, Why.COMPLAINT, "complained", "complaint"),
        (None, None, Why.COMPLAINT, "complained", "complaint"),
        ("something-new", None, Why.COMPLAINT, "complained", "complaint"),
        (None, "OnAccountSuppressionList", Why.COMPLAINT, "echo", None),
        (None, "OnTenantSuppressionList", Why.COMPLAINT, "echo", None),
        ("not-spam", None, None, "not_spam", None),
        ("auth-failure", None, None, "auth_failure", "authentication_failure"),
    ],
)
def test_a_complaint(
    feedback: str | None, subtype: str | None, why: Why | None, counts_as: str, alarm: str | None
) -> None:
    assert told(complaint(feedback, subtype)) == (why, counts_as, alarm)


@pytest.mark.parametrize("event", [bounce(PERMANENT, "General"), complaint("abuse")])
def test_one_hard_bounce_or_complaint_takes_the_address_out_everywhere_and_for_good(event: Event) -> None:
    drawn = consequences(event, ()).suppress
    assert drawn is not None
    assert (drawn.address_key, drawn.scope, drawn.until, drawn.at) == ("ann@example.com", EVERYWHERE, None, AT)
    assert drawn.source == "event key of ses-1"


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure"])
def test_praise_and_words_about_signatures_leave_the_message_as_it_is(feedback: str) -> None:
    assert consequences(complaint(feedback), ()).state is None


def test_an_event_that_names_nobody_suppresses_nobody_but_counts() -> None:
    nobody = replace(bounce(PERMANENT), recipient=None)
    assert consequences(nobody, ()) == Consequences(state=State.BOUNCED, counts_as="bounced")


@pytest.mark.parametrize(
    ("kind", "counts_as"),
    [
        (Kind.SEND, "sent"),
        (Kind.DELIVERY, "delivered"),
        (Kind.DELIVERY_DELAY, "delayed"),
        (Kind.REJECT, "rejected"),
        (Kind.RENDERING_FAILURE, "rejected"),
        (Kind.OPEN, None),
        (Kind.CLICK, None),
        (Kind.SUBSCRIPTION, None),
        (Kind.OTHER, None),
    ],
)
def test_other_events_only_count(kind: Kind, counts_as: str | None) -> None:
    assert told(Event("key", kind, "ses-1", "m_1", "m_1-1", "ann@example.com", AT)) == (None, counts_as, None)


# --- soft bounces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounce_type", "subtype", "rests"),
    [
        (TRANSIENT, "General", True),
        (TRANSIENT, "MailboxFull", True),
        (TRANSIENT, "SomethingNew", True),
        (UNDETERMINED, "Undetermined", True),
        (None, None, True),
        (TRANSIENT, "MessageTooLarge", False),
        (TRANSIENT, "ContentRejected", False),
        (TRANSIENT, "AttachmentRejected", False),
        (TRANSIENT, "CustomTimeoutExceeded", False),
    ],
)
def test_a_soft_bounce_counts_and_only_the_last_of_many_rests_the_address(
    bounce_type: BounceType | None, subtype: str | None, rests: bool
) -> None:
    alone, after_others = bounce(bounce_type, subtype), consequences(bounce(bounce_type, subtype), TIRED)
    assert told(alone) == (None, "soft_bounced", None)
    assert after_others.counts_as == "soft_bounced"
    assert after_others.state is State.SOFT_BOUNCED
    assert (after_others.suppress is not None) is rests


def test_three_messages_over_seven_days_rest_the_address_for_thirty() -> None:
    drawn = consequences(bounce(TRANSIENT, "MailboxFull"), TIRED).suppress
    assert drawn == Suppression(
        "ann@example.com", Why.SOFT_BOUNCES, AT, AT + SOFT_REST, EVERYWHERE, "event key of ses-1"
    )
    assert timedelta(days=30) == SOFT_REST


def soft(*bounces: tuple[str, timedelta]) -> tuple[SoftBounce, ...]:
    return tuple(SoftBounce(name, AT - ago) for name, ago in bounces)


@pytest.mark.parametrize(
    ("before", "rests"),
    [
        (soft(("m_a", 7 * DAY), ("m_b", DAY)), True),
        (soft(("m_a", 7 * DAY - timedelta(seconds=1)), ("m_b", DAY)), False),  # too short a time
        (soft(("m_a", 20 * DAY)), False),  # two messages
        (soft(("m_a", 8 * DAY), ("m_a", 4 * DAY)), False),  # one of them twice
        (soft(("m_a", 8 * DAY), ("m_1", 4 * DAY)), False),  # the other is this one
        (soft(("m_a", SOFT_MEMORY + DAY), ("m_b", DAY)), False),  # too long ago to say anything
        (soft(("m_a", SOFT_MEMORY), ("m_b", DAY)), True),
        (soft(("m_a", 6 * DAY), ("m_b", DAY), ("m_c", SOFT_MEMORY + DAY)), False),
        (soft(*((f"m_{number}", DAY) for number in range(50))), False),  # a bad day is no bad address
    ],
)
def test_an_address_is_tired_after_three_distinct_messages_over_a_week(
    before: tuple[SoftBounce, ...], rests: bool
) -> None:
    assert (consequences(bounce(TRANSIENT, "General"), before).suppress is not None) is rests


def test_soft_bounces_of_mail_that_is_not_ours_are_told_apart_by_their_ses_id() -> None:
    foreign = replace(bounce(TRANSIENT, "General"), message_id=None, ses_id="ses-9")
    assert consequences(foreign, TIRED).suppress is not None
    assert consequences(foreign, soft(("ses-9", 8 * DAY), ("m_b", DAY))).suppress is None


def test_soft_bounces_that_come_out_of_order_are_counted_over_the_same_days() -> None:
    late = soft(("m_a", DAY), ("m_b", -7 * DAY))  # this event is the one in between
    assert consequences(bounce(TRANSIENT, "General"), late).suppress is not None


# --- the mailbox simulator --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "counts_as"),
    [
        (bounce(PERMANENT, "General"), "simulated_bounced"),
        (bounce(PERMANENT, "OnAccountSuppressionList"), "simulated_echo"),
        (complaint("abuse"), "simulated_complained"),
        (bounce(TRANSIENT, "General"), "simulated_soft_bounced"),
    ],
)
def test_simulator_mail_counts_nowhere_and_rings_nobody(event: Event, counts_as: str) -> None:
    canary = replace(event, recipient="bounce+run-7@simulator.amazonses.com")
    real, simulated = consequences(event, TIRED), consequences(canary, TIRED)
    assert (simulated.counts_as, simulated.alarm) == (counts_as, None)
    assert simulated.state == real.state  # it proves the loop all the same
    assert (simulated.suppress is None) == (real.suppress is None)


def test_a_simulated_open_counts_as_nothing() -> None:
    opened = Event("key", Kind.OPEN, "ses-1", "m_1", "m_1-1", "success@simulator.amazonses.com", AT)
    assert consequences(opened, ()) == Consequences()


def test_a_domain_that_only_ends_like_the_simulator_s_counts_in_full() -> None:
    real = replace(bounce(PERMANENT), recipient="ann@notsimulator.amazonses.com")
    assert told(real) == (Why.HARD_BOUNCE, "bounced", None)


# --- which reason stands ----------------------------------------------------------------------------------------------


def reason(why: Why, until: datetime | None = None) -> Suppression:
    return Suppression("ann@example.com", why, AT - DAY, until)


def test_a_stronger_reason_wins_and_a_weaker_one_never_overwrites_it() -> None:
    ladder = ["soft_bounces", "validation", "manual", "hard_bounce", "complaint", "erased"]
    assert [why.value for why in sorted(Why, key=lambda why: why.strength)] == ladder
    for new, old in product(Why, Why):
        assert overrides(reason(new), reason(old), AT) == (new.strength > old.strength)


def test_the_first_reason_is_always_recorded() -> None:
    assert all(overrides(reason(why), None, AT) for why in Why)


@pytest.mark.parametrize(("until", "replaced"), [(AT - DAY, True), (AT, True), (AT + DAY, False)])
def test_a_reason_that_has_ended_gives_way_to_any_other(until: datetime, replaced: bool) -> None:
    assert overrides(reason(Why.SOFT_BOUNCES, AT + 9 * DAY), reason(Why.MANUAL, until), AT) is replaced


def test_what_ends_never_replaces_what_stays() -> None:
    """Else the address could be mailed again when the stronger, temporary reason ends."""
    assert not overrides(reason(Why.COMPLAINT, AT + DAY), reason(Why.SOFT_BOUNCES), AT)
    assert overrides(reason(Why.SOFT_BOUNCES), reason(Why.COMPLAINT, AT + DAY), AT)


def test_a_simulator_address_rests_for_a_day() -> None:
    """The canary's addresses prove the loop every day."""
    drawn = consequences(replace(bounce(PERMANENT), recipient="bounce+1@simulator.amazonses.com"), ())
    assert drawn.suppress is not None
    assert drawn.suppress.until == AT + DAY


@pytest.mark.parametrize(
    ("new", "old", "prolonged"),
    [
        (AT + 3 * DAY, AT + 2 * DAY, True),
        (AT + 2 * DAY, AT + 2 * DAY, False),
        (AT + DAY, AT + 2 * DAY, False),
        (None, AT + 2 * DAY, True),
        (AT + 2 * DAY, None, False),
        (None, None, False),
    ],
)
def test_a_reason_is_prolonged_by_its_like_and_never_shortened(
    new: datetime | None, old: datetime | None, prolonged: bool
) -> None:
    assert overrides(reason(Why.SOFT_BOUNCES, new), reason(Why.SOFT_BOUNCES, old), AT) is prolonged
