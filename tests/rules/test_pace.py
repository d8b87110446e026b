"""The pace: what SES's rate and quota leave for each lane (A16, B7, C11, C16)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.lane import Lane
from franked.rules.outcome import Delay
from franked.rules.pace import (
    HEADROOM,
    LEAST_IN_FLIGHT,
    MOST_IN_FLIGHT,
    NO_QUOTA,
    SLICE,
    SLOWEST,
    TROUBLED,
    Access,
    Bucket,
    LaneWait,
    after_answer,
    after_delay,
    depth,
    in_flight,
    is_troubled,
    next_slice,
    next_token,
    quota_left,
    refilled,
    room,
    slowed,
    speed,
    used_24h,
)

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
SANDBOX = Access(production=False, rate=1.0, quota=200.0, sent_24h=0.0, read_at=NOW)
GRANTED = Access(production=True, rate=14.0, quota=50_000.0, sent_24h=0.0, read_at=NOW)

rates = st.floats(1, 500, allow_nan=False)
factors = st.floats(SLOWEST, 1)
gaps = st.floats(0, 5)
shares = st.floats(0, 1)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def full(access: Access) -> Bucket:
    return Bucket(tokens=depth(access, Bucket(0, NOW)), at=NOW)


# --- the rate ---------------------------------------------------------------------------------------------------------


@given(rates, st.lists(st.tuples(gaps, shares), min_size=1, max_size=40))
def test_in_any_window_of_t_seconds_at_most_rate_times_t_plus_one_are_drawn(
    rate: float, steps: list[tuple[float, float]]
) -> None:
    access = replace(GRANTED, rate=rate)
    bucket, clock, drawn = full(access), 0.0, []
    for gap, share in steps:
        clock += gap
        bucket = refilled(bucket, access, later(clock))
        draw = round(share * room(bucket, access, 0, {}, later(clock)).lanes[Lane.URGENT])
        bucket = replace(bucket, tokens=bucket.tokens - draw)
        drawn.append((clock, draw))
    for first, (opens, _) in enumerate(drawn):
        total = 0
        for closes, draw in drawn[first:]:
            total += draw
            assert total <= rate * (closes - opens + 1) + 1e-3


@given(rates, st.lists(st.tuples(gaps, st.sampled_from(["take", "throttle", "error", "answer"])), max_size=60))
def test_whatever_happens_the_bucket_is_neither_overdrawn_nor_overfull(
    rate: float, steps: list[tuple[float, str]]
) -> None:
    access = replace(GRANTED, rate=rate)
    bucket, clock = full(access), 0.0
    for gap, what in steps:
        clock += gap
        bucket = refilled(bucket, access, later(clock))
        match what:
            case "take":
                bucket = replace(bucket, tokens=bucket.tokens - room(bucket, access, 0, {}, later(clock)).tokens)
            case "throttle":
                bucket = after_delay(bucket, Delay.RATE)
            case "error":
                bucket = after_delay(bucket, Delay.SERVER)
            case _:
                bucket = after_answer(bucket)
        assert -1e-6 <= bucket.tokens <= max(1, rate * HEADROOM) + 1e-6
        assert SLOWEST <= bucket.factor <= 1


def test_a_tenth_of_the_rate_is_left_to_others() -> None:
    assert speed(GRANTED, full(GRANTED)) == pytest.approx(12.6)
    assert room(full(GRANTED), GRANTED, 0, {}, NOW).tokens == 12


def test_the_sandbox_lets_one_mail_through_and_the_next_a_little_over_a_second_later() -> None:
    empty = replace(full(SANDBOX), tokens=0.0)
    assert room(full(SANDBOX), SANDBOX, 0, {}, NOW).lanes[Lane.BULK] == 1
    assert next_token(empty, SANDBOX) == pytest.approx(1 / 0.9)
    early = refilled(empty, SANDBOX, later(0.9))
    assert room(early, SANDBOX, 0, {}, later(0.9)).tokens == 0
    soon = refilled(early, SANDBOX, later(1.12))
    assert room(soon, SANDBOX, 0, {}, later(1.12)).tokens == 1


@given(rates, st.floats(0, 0.999))
def test_after_the_wait_it_told_there_is_a_token(rate: float, tokens: float) -> None:
    access = replace(GRANTED, rate=rate)
    bucket, clock = Bucket(tokens, NOW), 0.0
    while (wait := next_token(bucket, access)) and room(bucket, access, 0, {}, later(clock)).tokens < 1:
        assert clock < 3, "never"
        clock += wait + 1e-6
        bucket = refilled(bucket, access, later(clock))


def test_a_bucket_drawn_to_the_last_grain_does_not_promise_a_token_at_once() -> None:
    assert next_token(Bucket(tokens=-1e-10, at=NOW), SANDBOX) > 1


def test_idle_hours_save_up_one_second_of_mail_and_no_more() -> None:
    assert room(refilled(full(GRANTED), GRANTED, NOW + timedelta(hours=9)), GRANTED, 0, {}, NOW).tokens == 12


@given(rates, st.integers(-(10**9), 10**9))
def test_a_clock_that_jumps_is_worth_one_second_at_most(rate: float, jump: int) -> None:
    access = replace(GRANTED, rate=rate)
    after = refilled(Bucket(0.0, NOW), access, later(jump))
    assert 0 <= after.tokens <= max(1, rate * HEADROOM)
    assert after.at == later(jump)


def test_after_a_clock_was_set_back_the_pace_goes_on_at_once() -> None:
    back = refilled(Bucket(0.0, NOW), GRANTED, later(-3600))
    assert back.tokens == 0
    assert refilled(back, GRANTED, later(-3599)).tokens == pytest.approx(12.6)


def test_a_raised_limit_needs_no_restart() -> None:
    empty = Bucket(0.0, NOW)
    assert room(refilled(empty, SANDBOX, later(1)), SANDBOX, 0, {}, NOW).tokens == 0
    assert room(refilled(empty, GRANTED, later(1)), GRANTED, 0, {}, NOW).tokens == 12


# --- lanes ------------------------------------------------------------------------------------------------------------


@given(st.floats(2.3, 500), st.floats(0, 600))
def test_urgent_never_waits_for_a_refill_that_other_mail_drew(rate: float, tokens: float) -> None:
    access = replace(GRANTED, rate=rate)
    bucket = replace(full(access), tokens=min(tokens, depth(access, full(access))))
    if bucket.tokens >= 1:
        others = room(bucket, access, 0, {}, NOW).lanes[Lane.BULK]
        left = replace(bucket, tokens=bucket.tokens - others)
        assert room(left, access, 0, {}, NOW).lanes[Lane.URGENT] >= 1
        assert room(left, access, 0, {}, NOW).lanes[Lane.NORMAL] == 0


def test_in_the_sandbox_there_is_nothing_to_leave_behind() -> None:
    assert set(room(full(SANDBOX), SANDBOX, 0, {}, NOW).lanes.values()) == {1}


def test_a_lane_that_waits_leaves_the_others_alone() -> None:
    waits = {Lane.BULK: LaneWait(later(60), "governor"), Lane.NORMAL: LaneWait(NOW, "over")}
    assert room(full(GRANTED), GRANTED, 0, waits, NOW).lanes == {Lane.URGENT: 12, Lane.NORMAL: 11, Lane.BULK: 0}


def test_an_account_that_may_not_send_sends_nothing() -> None:
    paused = replace(GRANTED, sending_enabled=False)
    assert set(room(full(paused), paused, 0, {}, NOW).lanes.values()) == {0}


# --- the quota --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "urgent", "others"),
    [
        (0, 200, 180),
        (179, 21, 1),
        (179.5, 20, 0),  # half a recipient is no recipient
        (180, 20, 0),
        (199, 1, 0),
        (200, 0, 0),
        (250, 0, 0),
    ],
)
def test_other_mail_stops_at_nine_tenths_of_the_quota_and_codes_at_all_of_it(
    used: float, urgent: int, others: int
) -> None:
    left = [quota_left(lane, SANDBOX, used) for lane in Lane]
    assert left == [urgent, others, others]


def test_a_nearly_used_quota_bounds_what_a_full_bucket_would_give() -> None:
    lanes = room(full(GRANTED), GRANTED, 44_997, {}, NOW).lanes
    assert lanes == {Lane.URGENT: 12, Lane.NORMAL: 3, Lane.BULK: 3}


def test_minus_one_means_no_quota() -> None:
    endless = replace(GRANTED, quota=NO_QUOTA)
    assert set(room(full(endless), endless, 10**12, {}, NOW).lanes.values()) == {12, 11}


@pytest.mark.parametrize(
    ("own", "sent_24h", "since", "used"),
    [
        (100, 40, 10, 100),  # AWS's figure lags
        (100, 300, 10, 310),  # the account has other senders
        (0, 0, 0, 0),
    ],
)
def test_the_larger_count_is_believed(own: float, sent_24h: float, since: float, used: float) -> None:
    assert used_24h(own, replace(GRANTED, sent_24h=sent_24h), since) == used


# --- throttles and trouble --------------------------------------------------------------------------------------------


def test_a_throttle_halves_the_pace_and_empties_the_hand() -> None:
    after = after_delay(full(GRANTED), Delay.RATE)
    assert (after.tokens, after.factor) == (0.0, 0.5)
    assert speed(GRANTED, after) == pytest.approx(6.3)


def test_throttle_upon_throttle_slows_to_a_crawl_but_never_to_a_stop() -> None:
    bucket = full(SANDBOX)
    for second in range(100):
        bucket = slowed(replace(bucket, at=bucket.at + second * timedelta(seconds=1)))
    assert bucket.factor == SLOWEST
    assert next_token(bucket, SANDBOX) < 60


def test_the_throttles_of_one_burst_halve_the_pace_once() -> None:
    """A dozen calls were in flight when the first was throttled: they tell the same story."""
    bucket = full(GRANTED)
    for millisecond in range(12):
        bucket = slowed(replace(bucket, at=bucket.at + timedelta(milliseconds=millisecond)))
    assert (bucket.tokens, bucket.factor) == (0.0, 0.5)


def test_quiet_seconds_heal_the_pace_within_a_minute() -> None:
    bucket, seconds = replace(full(GRANTED), factor=SLOWEST), 0
    while bucket.factor < 1:
        seconds += 1
        bucket = refilled(bucket, GRANTED, later(seconds))
    assert 10 < seconds < 60


def test_a_clock_that_jumps_heals_no_more_than_one_quiet_second_does() -> None:
    slow = replace(full(GRANTED), factor=0.25)
    assert refilled(slow, GRANTED, later(3600)).factor == refilled(slow, GRANTED, later(1)).factor < 0.3
    assert refilled(slow, GRANTED, later(-3600)).factor == 0.25


@given(factors, st.floats(0.001, 1))
def test_healing_never_overshoots(factor: float, gap: float) -> None:
    healed = refilled(replace(full(GRANTED), factor=factor), GRANTED, later(gap)).factor
    assert factor <= healed <= 1


@pytest.mark.parametrize("why", [why for why in Delay if why not in {Delay.RATE, Delay.SERVER}])
def test_other_delays_say_nothing_about_the_pace(why: Delay) -> None:
    assert after_delay(full(GRANTED), why) == full(GRANTED)


def test_one_server_error_is_the_message_s_trouble_many_are_the_account_s() -> None:
    bucket = full(GRANTED)
    for _ in range(TROUBLED - 1):
        bucket = after_delay(bucket, Delay.SERVER)
    assert not is_troubled(bucket)
    assert (bucket.factor, bucket.tokens) == (1.0, full(GRANTED).tokens)
    bucket = after_delay(bucket, Delay.SERVER)
    assert is_troubled(bucket)
    assert bucket.factor == 0.5


def test_one_answer_ends_the_trouble() -> None:
    bucket = replace(full(GRANTED), trouble=TROUBLED + 3, factor=0.25)
    assert not is_troubled(after_answer(bucket))
    assert after_answer(bucket).factor == 0.25  # the pace heals by quiet seconds only
    assert after_answer(full(GRANTED)) == full(GRANTED)


def test_a_slice_is_worth_a_tenth_of_a_second_or_a_token_where_that_takes_longer() -> None:
    empty = Bucket(tokens=0.0, at=NOW)
    assert next_slice(empty, SANDBOX) == next_token(empty, SANDBOX) > SLICE
    assert next_slice(empty, replace(SANDBOX, rate=2000.0)) == SLICE


def test_calls_in_flight_follow_rate_and_duration_within_bounds() -> None:
    assert in_flight(14, 0.05) == LEAST_IN_FLIGHT
    assert in_flight(14, 10) == 280  # SES is slow: what is due goes all the same
    assert in_flight(2000, 0.2) == 800
    assert in_flight(1_000_000, 0.05) == MOST_IN_FLIGHT
    assert in_flight(0, 0) == LEAST_IN_FLIGHT
