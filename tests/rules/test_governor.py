"""When the governor brakes, and when it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.governor import Brake, Reached, Step, after, budget, counting, reached, stopped
from franked.rules.lane import Lane
from franked.rules.rates import QUARTER, AwsRates, Seen, last_sends, since, windows

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def of(*quarters: tuple[int, int, int]) -> list[Seen]:
    """(sent, bounced, complained), the newest first."""
    return [Seen(NOW - number * QUARTER, *one) for number, one in enumerate(quarters)]


def step(
    *quarters: tuple[int, int, int], aws: AwsRates | None = None, careful: bool = False, all_: bool = False
) -> Step:
    return reached(of(*quarters), aws, careful=careful, at_limit_all=all_).step


@pytest.mark.parametrize(
    ("bounced", "expected"),
    [
        (19, Step.NONE),
        (20, Step.WATCH),
        (29, Step.WATCH),
        (30, Step.SLOW),
        (40, Step.STOP_BULK),
        (45, Step.STOP_NORMAL),
        (50, Step.STOP_NORMAL),
        (500, Step.STOP_NORMAL),
    ],
)
def test_hard_bounces_brake_by_steps(bounced: int, expected: Step) -> None:
    assert step((1000, bounced, 0)) is expected


def test_a5_codes_are_stopped_too_where_the_settings_say_so() -> None:
    assert (step((1000, 50, 0), all_=True), step((1000, 49, 0), all_=True)) == (Step.STOP_ALL, Step.STOP_NORMAL)
    assert stopped(Step.STOP_ALL) == frozenset(Lane)


@pytest.mark.parametrize(
    ("complained", "expected"),
    [(4, Step.NONE), (5, Step.WATCH), (7, Step.SLOW), (8, Step.STOP_BULK), (9, Step.STOP_NORMAL)],
)
def test_complaints_brake_by_steps(complained: int, expected: Step) -> None:
    assert step((10_000, 0, complained)) is expected


@pytest.mark.parametrize("few", [(13, 1, 0), (199, 100, 50), (10_000, 4, 0), (250, 4, 0), (250, 0, 1)], ids=str)
def test_a_few_say_nothing(few: tuple[int, int, int]) -> None:
    assert step(few) is Step.NONE


def test_a_bad_import_is_seen_among_many_good_mails() -> None:
    """In the last 10,000 sends 60 bounces are nothing; in the last 1,000 they are."""
    assert step((1000, 60, 0), (9000, 0, 0)) is Step.STOP_NORMAL
    assert step((1000, 0, 0), (9000, 60, 0)) is Step.NONE


def test_two_complaints_in_a_short_window_are_no_rate() -> None:
    assert step((1000, 0, 2), (9000, 0, 0)) is Step.NONE


@pytest.mark.parametrize(
    ("sent", "complained", "expected"),
    [
        (450, 2, Step.STOP_NORMAL),
        (474, 2, Step.SLOW),  # a careful sender had them in its second day
        (1900, 3, Step.STOP_NORMAL),
        (2200, 3, Step.SLOW),
        (4200, 4, Step.STOP_NORMAL),
        (4300, 4, Step.SLOW),
        (5500, 5, Step.STOP_NORMAL),
        (10_000, 200, Step.STOP_NORMAL),
    ],
)
def test_bad_luck_slows_and_does_not_stop(sent: int, complained: int, expected: Step) -> None:
    assert step((sent, 0, complained)) is expected
    assert step((5000, 0, 0), aws=AwsRates(0.0, complained / sent, NOW, sent, 0, complained)) is expected


def test_aws_may_count_more_mail_than_we_can_compute_with() -> None:
    assert step(aws=AwsRates(0.0, 0.001, NOW, 100_000_000, 0, 100_000)) is Step.STOP_NORMAL
    assert step(aws=AwsRates(0.0, 0.0, NOW, 100_000_000, 0, 2)) is Step.NONE


def test_what_aws_counts_is_believed_where_it_is_worse() -> None:
    worse = AwsRates(0.041, 0.0, NOW)
    assert step((1000, 0, 0), aws=worse) is Step.STOP_BULK
    assert step((1000, 46, 0), aws=worse) is Step.STOP_NORMAL
    assert (
        reached(of((1000, 0, 0)), worse, careful=False, at_limit_all=False).because == "AWS itself counts 4.1 % bounces"
    )


def test_what_aws_counts_on_a_few_mails_is_no_rate_either() -> None:
    few = AwsRates(0.077, 0.077, NOW, sent=13, bounced=1, complained=1)
    assert step((13, 1, 1), aws=few) is Step.NONE
    assert step((13, 1, 1), aws=AwsRates(0.06, 0.0, NOW, sent=200, bounced=12)) is Step.STOP_NORMAL
    assert step((0, 0, 0), aws=AwsRates(0.0, 0.002, NOW, sent=500, complained=1)) is Step.NONE
    assert step((0, 0, 0), aws=AwsRates(0.0, 0.005, NOW, sent=400, complained=2)) is Step.STOP_NORMAL


def test_c16_the_lower_steps_come_earlier_in_the_first_days() -> None:
    assert (step((1000, 10, 0)), step((1000, 10, 0), careful=True)) == (Step.NONE, Step.WATCH)
    assert (step((1000, 15, 0)), step((1000, 15, 0), careful=True)) == (Step.NONE, Step.SLOW)
    assert step((1000, 39, 0), careful=True) is Step.SLOW  # a stop is a stop


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 300), st.integers(0, 30)), max_size=30))
def test_more_bounces_never_brake_less(quarters: list[tuple[int, int, int]]) -> None:
    worse = [(sent, bounced + 7, complained + 1) for sent, bounced, complained in quarters]
    assert step(*worse) >= step(*quarters)


@given(st.sampled_from(list(Step)), st.sampled_from(list(Step)))
def test_a_stop_ends_by_a_person_only(stands: Step, seen: Step) -> None:
    brake = Brake(stands, NOW, "before")
    moved = after(brake, Reached(seen, "now"), NOW + QUARTER)
    assert moved.step == (max(stands, seen) if stands.is_stop else seen)
    assert (moved is brake) == (moved.step == stands)


def test_after_a_release_the_figures_count_anew() -> None:
    base = Seen(NOW, 400, 40, 1)
    brake = Brake(released_at=NOW + timedelta(minutes=5), base=base)
    seen = [Seen(NOW, 500, 41, 1), Seen(NOW - QUARTER, 1000, 90, 0)]
    assert counting(seen, brake) == [Seen(NOW, 100, 1, 0)]
    assert counting(seen, Brake()) == seen


def test_windows_are_what_people_look_at() -> None:
    seen = [*of((600, 6, 0), (600, 0, 1)), Seen(NOW - timedelta(days=3), 20_000, 0, 0)]
    found = {one.name: (one.sent, one.bounced, one.complained) for one in windows(seen, NOW + QUARTER)}
    assert found == {
        "24 hours": (1200, 6, 1),
        "7 days": (21_200, 6, 1),
        "last 1,000 sends": (1200, 6, 1),
        "last 10,000 sends": (21_200, 6, 1),
    }
    assert since([], NOW, "none").bounce_rate is None  # D7: no rate without sends
    assert not last_sends(seen[:1], 1000).is_full


def test_the_budget_is_told_in_words() -> None:
    assert budget(of((1000, 43, 0))) == ["7 more hard bounces reach 5 %", "1 more complaint reaches 0.1 %"]
    assert budget(of((1000, 50, 1))) == ["hard bounces have reached 5 %", "complaints have reached 0.1 %"]
    assert budget(of((13, 1, 0))) == ["13 sends are too few to say: from 200 on a rate means something"]
