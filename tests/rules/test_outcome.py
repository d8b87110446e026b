"""Trying again: what costs a try, and when the next one comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.backoff import TRIES, after_free, after_try, unknown_wait, used_up
from franked.rules.lane import Lane
from franked.rules.outcome import Delay

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
MIDDLE = 0.5  # of the jitter: neither early nor late
jitters = st.floats(0, 1, exclude_max=True)


def test_a_server_error_and_a_fault_of_ours_cost_a_try() -> None:
    assert {why for why in Delay if why.costs_a_try} == {Delay.SERVER, Delay.FAULT}


def test_three_tries_in_all() -> None:
    assert TRIES == 3
    assert [used_up(tries) for tries in range(5)] == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("lane", "first", "second"),
    [(Lane.URGENT, 5, 25), (Lane.NORMAL, 25, 120), (Lane.BULK, 25, 120)],
)
def test_a_code_is_tried_again_sooner_than_a_notice(lane: Lane, first: float, second: float) -> None:
    assert after_try(1, lane, NOW, MIDDLE) == NOW + timedelta(seconds=first)
    assert after_try(2, lane, NOW, MIDDLE) == NOW + timedelta(seconds=second)


@given(st.sampled_from(Lane), st.sampled_from([1, 2]), jitters)
def test_tries_are_spread_a_fifth_to_either_side(lane: Lane, tries: int, jitter: float) -> None:
    middle = (after_try(tries, lane, NOW, MIDDLE) - NOW).total_seconds()
    assert 0.8 * middle <= (after_try(tries, lane, NOW, jitter) - NOW).total_seconds() <= 1.2 * middle


def test_the_second_wait_is_longer_than_the_first_whatever_the_jitter() -> None:
    for lane in Lane:
        assert after_try(1, lane, NOW, 0.999) < after_try(2, lane, NOW, 0.0)


@given(st.sampled_from([why for why in Delay if not why.costs_a_try]), jitters)
def test_a_free_delay_is_never_in_the_past_and_never_long(why: Delay, jitter: float) -> None:
    """A broken sender is nobody else's trouble, and its DNS is not mended in a minute."""
    longest = timedelta(minutes=6) if why is Delay.SENDER else timedelta(seconds=75)
    assert NOW <= after_free(why, NOW, jitter) <= NOW + longest


def test_a_call_that_came_too_late_is_due_at_once() -> None:
    assert after_free(Delay.LATE, NOW, 0.9) == NOW


def test_a_code_waits_half_a_minute_for_proof_other_mail_a_quarter_of_an_hour() -> None:
    assert [unknown_wait(lane) for lane in Lane] == [
        timedelta(seconds=30),
        timedelta(minutes=15),
        timedelta(minutes=15),
    ]


def test_the_urgent_lane_goes_first() -> None:
    assert tuple(Lane) == (Lane.URGENT, Lane.NORMAL, Lane.BULK)  # take serves them in this order
