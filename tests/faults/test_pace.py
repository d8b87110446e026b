"""The account's pace and its quota, held to the recipient, on a clock that is moved (C13, C16)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.backends.local import Fault, SendFault
from franked.rules.message import State
from tests.faults.pace import ALWAYS, RATE
from tests.faults.virtual import Product, product
from tests.faults.windows import Window, worst

DAY = 24 * 3600.0
MINUTE = 60.0
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def fullest(sent: Product, rate: float = RATE) -> Window:
    return worst([letter.at for letter in sent.taken], rate)


def outcomes(sent: Product) -> set[str]:
    """What the attempts said that did not send."""
    return {attempt.detail.partition(":")[0] for story in sent.stories() for attempt in story.attempts} - {""}


def test_five_hundred_through_an_account_that_throttles_and_fails_arrive_once_each() -> None:
    with product(RATE) as sent:
        sent.faults.plan(Fault(SendFault.ERROR_503, times=ALWAYS, chance=0.05, seed=503))
        sent.faults.plan(Fault(SendFault.RATE, times=ALWAYS, chance=0.02, seed=429))
        for stream, messages in (("digest", 200), ("receipt", 200), ("code", 100)):
            sent.post(messages, stream)
        sent.until_sent(within=10 * MINUTE)
        assert set(sent.copies().values()) == {1}
        assert len(sent.copies()) == 500
        assert outcomes(sent) == {"server_error", "rate_throttled"}
        assert fullest(sent).excess <= 0


def test_the_pace_stays_below_the_rate_and_near_it() -> None:
    with product(RATE) as sent:
        sent.post(500)
        took = sent.until_sent(within=2 * MINUTE)
        assert outcomes(sent) == set()  # the account has not refused one
        assert fullest(sent).excess <= 0
        assert 500 / took > 0.85 * RATE


@pytest.mark.parametrize("rate", [2.0, 14.0, 200.0, 2000.0])
def test_the_pace_costs_few_looks_however_high_it_is_and_however_often_the_bell_rings(rate: float) -> None:
    with product(rate) as sent:
        for _ in range(8):
            sent.post(int(rate))
        sent.run(2)  # the full bucket is drawn
        began, looks, taken = sent.loop.time(), len(sent.looks), len(sent.taken)
        for _ in range(100):
            sent.post(1)  # each rings
            sent.run(1 / 50)
        seconds = sent.loop.time() - began
        assert seconds / 2 <= len(sent.looks) - looks <= seconds * 20 + 1
        assert len(sent.taken) - taken >= 0.8 * rate * (seconds - 1)  # and nothing is left lying for it


def test_a_raised_rate_takes_effect_without_a_restart() -> None:
    """C16: six minutes' worth at 2/s are sent in little more than the three that pass until the account is asked."""
    with product(rate=2) as sent:
        sent.post(600)
        sent.run(MINUTE)
        assert len(sent.taken) < 2 * (MINUTE + 2)
        sent.account.set_limits(replace(sent.account.limits, rate=40))
        assert sent.until_sent(within=4 * MINUTE) > MINUTE
        assert outcomes(sent) == set()
        assert fullest(sent, rate=40).excess <= 0


def test_a_lowered_rate_does_too() -> None:
    with product(rate=40) as sent:
        sent.run(MINUTE)
        sent.account.set_limits(replace(sent.account.limits, rate=2))
        sent.run(4 * MINUTE)
        sent.post(60)
        sent.until_sent(within=MINUTE)
        assert outcomes(sent) == set()
        assert fullest(sent, rate=2).excess <= 0


def test_a_raised_quota_takes_effect_without_a_restart() -> None:  # C16
    with product(quota=100) as sent:
        sent.post(150)
        sent.run(10 * MINUTE)
        assert len(sent.taken) == 90
        sent.account.set_limits(replace(sent.account.limits, quota=50_000))
        sent.until_sent(within=5 * MINUTE)
        assert outcomes(sent) == set()


def test_normal_and_bulk_stop_at_nine_tenths_of_the_quota_and_urgent_goes_on_to_the_end() -> None:
    with product(quota=100) as sent:
        receipts, digests = sent.post(70), sent.post(40, "digest")
        sent.run(10 * MINUTE)
        assert (sent.sent(receipts), sent.sent(digests)) == (70, 20)
        codes = sent.post(25, "code")
        sent.run(10 * MINUTE)
        assert (sent.sent(codes), sent.sent(digests), len(sent.taken)) == (10, 20, 100)
        assert sent.states() == {State.SENT: 100, State.QUEUED: 35}
        assert outcomes(sent) == set()  # they wait here; the account was not even asked


def test_when_the_day_has_rolled_all_lanes_go_on() -> None:
    with product(quota=100) as sent:
        sent.post(70), sent.post(40, "digest")
        sent.run(10 * MINUTE)
        sent.post(25, "code")
        sent.run(MINUTE)
        assert len(sent.taken) == 100
        sent.loop.leap(DAY - 15 * MINUTE)
        sent.run(MINUTE)
        assert len(sent.taken) == 100  # the first of them are still in the last 24 hours
        sent.until_sent(within=30 * MINUTE)
        assert set(sent.copies().values()) == {1}
        assert outcomes(sent) == set()


def test_a_quota_that_others_used_up_is_learned_from_the_throttle() -> None:
    """Another sender of the same account: SES says no before GetAccount has told us."""
    with product(quota=100) as sent:
        sent.account.remember(["else@example.org"] * 95, sent.now())
        codes = sent.post(20, "code")
        sent.run(MINUTE)
        assert sent.sent(codes) == 5
        assert outcomes(sent) == {"daily_quota"}
        asked = sum(len(story.attempts) for story in sent.stories())
        sent.run(20 * MINUTE)
        assert sum(len(story.attempts) for story in sent.stories()) < asked + 20  # it is not asked again and again
        sent.loop.leap(DAY)
        sent.until_sent(within=30 * MINUTE)
        assert set(sent.copies().values()) == {1}


def test_the_worst_window_is_found_wherever_it_lies() -> None:
    """One each half second, and ten at once in the middle."""
    regular = [NOON + timedelta(seconds=n / 2) for n in range(60)]
    crowd = [NOON + timedelta(seconds=10)] * 10
    assert worst(regular, rate=2).excess <= 0
    assert worst(regular + crowd, rate=2).excess == 9


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=30), st.floats(0.5, 20))
def test_no_window_is_worse_than_the_worst(milliseconds: list[int], rate: float) -> None:
    moments = sorted(NOON + timedelta(milliseconds=n) for n in milliseconds)
    by_hand = [
        last - first + 1 - rate * ((moments[last] - moments[first]).total_seconds() + 1)
        for first, last in combinations_with_replacement(range(len(moments)), 2)
    ]
    assert worst(moments, rate).excess == pytest.approx(max(by_hand), abs=0.1)  # a window is told to a tenth
