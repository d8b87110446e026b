"""What `take` and `finish` promise about the account's rate, its quota and its lanes."""

from datetime import timedelta

import pytest

from franked.record import Finished
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.outcome import Delay, Outcome, Refused, Sent, TryLater, Unknown
from franked.rules.pace import LANE_REST, NO_QUOTA, QUOTA_REST, LaneWait
from franked.rules.verdict import Send
from franked.store import Store
from tests.contract.conftest import Bell, MovableClock, Post
from tests.states import states_in

SERVER = TryLater(Delay.SERVER, "HTTP 500")
CROWD = [f"p{n}@example.net" for n in range(300)]


async def test_nothing_is_taken_before_the_account_was_read(store: Store, clock: MovableClock, bell: Bell) -> None:
    post = Post(store, clock)
    await post.added(judge=lambda facts: Send())
    haul = await post.haul()
    assert (haul.taken, haul.next_due) == ((), None)
    assert (await store.standing(clock())).access is None
    before = bell.rings
    await post.account()
    assert bell.rings == before + 1
    assert len(await post.taken()) == 1


async def test_what_the_account_says_is_learned_and_what_it_said_before_told(store: Store, clock: MovableClock) -> None:
    post = Post(store, clock)
    first = await post.account(production=False, verified=frozenset({"example.com"}))
    second = await post.account(rate=50.0, enforcement="PROBATION")
    assert await store.learn_access(first) == second
    assert (await store.standing(clock())).access == first


async def test_as_many_are_taken_as_there_are_tokens_in_hand(post: Post) -> None:
    await post.added(*CROWD)
    first = await post.haul(1000)
    assert len(first.taken) == 89  # 100/s × 0.9, one left for urgent
    assert first.next_due is not None
    assert timedelta() < first.next_due - post.clock() <= timedelta(seconds=1)
    assert await post.taken(1000) == ()
    post.clock.forward(milliseconds=100)
    assert len(await post.taken(1000)) == 9


async def test_urgent_mail_never_waits_for_a_refill_that_normal_mail_drew(post: Post) -> None:
    await post.added(*CROWD[:200])
    await post.added(*CROWD[:200], lane=Lane.BULK)
    taken = await post.taken(1000)
    assert {one.message.lane for one in taken} == {Lane.NORMAL}
    [code] = await post.added(lane=Lane.URGENT)
    assert [one.message.id for one in await post.taken()] == [code]


async def test_in_the_sandbox_one_a_second_goes_and_urgent_goes_first(post: Post) -> None:  # C11
    await post.account(production=False, rate=1.0, quota=200.0, verified=frozenset({"example.net"}))
    start = post.clock()
    await post.added(*CROWD[:10], judge=lambda facts: Send())
    await post.added("code@example.net", lane=Lane.URGENT, judge=lambda facts: Send())
    lanes, times = [], []
    for _ in range(60):
        haul = await post.haul(judge=lambda message, facts: Send())
        lanes += [one.message.lane for one in haul.taken]
        times += [post.clock() for _ in haul.taken]
        if haul.next_due is None:
            break
        assert haul.next_due > post.clock()
        post.clock.time = haul.next_due
    assert len(lanes) == 11
    assert lanes[0] is Lane.URGENT
    assert timedelta(seconds=10 / 0.9) <= times[-1] - start <= timedelta(seconds=11.5)


async def test_a_worker_takes_no_more_than_it_has_room_for(post: Post) -> None:
    await post.added(*CROWD[:10])
    assert len(await post.taken(3)) == 3


async def test_places_that_are_kept_for_urgent_mail_are_left_by_all_other(post: Post) -> None:  # A16
    await post.added(*CROWD[:10])
    haul = await post.haul(most=5, for_urgent=2)
    assert (len(haul.taken), haul.is_full, haul.is_paced) == (3, True, False)
    [code] = await post.added("code@example.net", lane=Lane.URGENT)
    urgent = await post.haul(most=2, for_urgent=2)
    assert [one.message.id for one in urgent.taken] == [code]


async def test_a_haul_says_how_fast_the_pace_is(post: Post) -> None:
    assert (await post.haul()).speed == pytest.approx(90.0)


async def test_a_full_bucket_that_nobody_draws_from_lasts(post: Post) -> None:
    for _ in range(5):
        await post.haul()
        post.clock.forward(hours=1)
    await post.added(*CROWD)
    assert len(await post.taken(1000)) == 89


# --- quota ------------------------------------------------------------------------------------------------------------


async def test_normal_and_bulk_stop_at_nine_tenths_of_the_quota_and_urgent_at_all_of_it(post: Post) -> None:
    await post.account(rate=1000.0, quota=100.0)
    for lane in Lane:
        await post.added(*CROWD[:100], lane=lane)
    others = await post.taken(1000, lanes=(Lane.NORMAL, Lane.BULK))
    assert len(others) == 90
    urgent = await post.haul(1000)
    assert [one.message.lane for one in urgent.taken] == [Lane.URGENT] * 10
    assert urgent.next_due is not None
    assert urgent.next_due > post.clock()
    post.clock.forward(hours=23, minutes=59)
    assert await post.taken(1000) == ()
    post.clock.forward(minutes=2)
    assert [one.message.lane for one in await post.taken(1000)] == [Lane.URGENT] * 90  # all that are left of them


async def test_the_lanes_share_what_is_left_of_the_quota(post: Post) -> None:
    await post.account(rate=1000.0, quota=100.0, sent_24h=80.0)
    for lane in Lane:
        await post.added(*CROWD[:50], lane=lane)
    taken = [one.message.lane for one in await post.taken(1000)]
    assert taken == [Lane.URGENT] * 20


async def test_the_larger_of_our_count_and_the_accounts_counts(post: Post) -> None:
    await post.added(*CROWD[:20])
    await post.taken(20)
    assert await post.used() == 20
    post.clock.forward(seconds=5)
    await post.account(sent_24h=50.0)
    assert await post.used() == 50
    await post.taken(0)
    await post.added(*CROWD[:5])
    await post.taken(5)
    assert await post.used() == 55
    post.clock.forward(minutes=5)
    await post.account(sent_24h=3.0)  # AWS's figure lags
    assert await post.used() == 25


async def test_an_account_without_quota_is_never_used_up(post: Post) -> None:
    await post.account(rate=1000.0, quota=float(NO_QUOTA), sent_24h=1_000_000.0)
    await post.added(*CROWD)
    assert len(await post.taken(1000)) == 300


@pytest.mark.parametrize(
    ("outcome", "used"),
    [
        (Sent("ses-1"), 1),
        (Unknown("timed out"), 1),
        (Refused("bad_request", ""), 0),
        (TryLater(Delay.CONNECTION, ""), 0),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_ses_did_not_take_is_given_back(post: Post, outcome: Outcome, used: int) -> None:
    taken = await post.one_taken()
    assert await post.used() == 1
    post.clock.forward(minutes=3)
    await post.finish(taken, outcome, due_in=60)
    await post.finish(taken, outcome, due_in=60)
    assert await post.used() == used


async def test_an_answer_that_comes_after_all_corrects_the_count(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, Unknown("timed out"))
    await post.finish(taken, Refused("bad_request", ""))
    assert await post.used() == 0
    await post.finish(taken, Sent("ses-1"))
    assert await post.used() == 1


async def test_simulator_mail_is_outside_the_quota_but_not_outside_the_rate(post: Post) -> None:
    await post.account(rate=10.0, quota=100.0)
    await post.added(*["success@simulator.amazonses.com"] * 12)
    taken = await post.taken(1000)
    assert len(taken) == 8
    outcomes: list[Outcome] = [Sent("a"), Refused("bad_request", "")]
    for one, outcome in zip(taken, outcomes, strict=False):
        await post.store.finish([Finished(one, outcome, post.clock())])
    assert await post.used() == 0


# --- what outcomes teach ----------------------------------------------------------------------------------------------


async def test_a_rate_throttle_slows_everybody_and_quiet_heals(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, TryLater(Delay.RATE, "Maximum sending rate exceeded."), due_in=0)
    bucket = (await post.store.standing(post.clock())).bucket
    assert (bucket.tokens, bucket.factor) == (0.0, 0.5)
    assert await post.taken() == ()
    for _ in range(20):
        post.clock.forward(seconds=1)
        await post.haul()
    assert (await post.store.standing(post.clock())).bucket.factor == 1.0


async def test_a_throttle_that_costs_nothing_is_tried_until_it_goes(post: Post) -> None:
    """The lesson: five hundred mails through a throttling account all arrive once."""
    await post.account(rate=14.0)
    waiting = await post.added(*CROWD[:60])
    throttled, done = set[str](), list[str]()
    for _ in range(400):
        for one in await post.taken(1000):
            if one.message.id in throttled:
                await post.finish(one, Sent(f"ses-{one.message.id}"))
                done.append(one.message.id)
            else:
                throttled.add(one.message.id)
                await post.finish(one, TryLater(Delay.RATE, ""), due_in=0.5)
        post.clock.forward(seconds=1)
    assert sorted(done) == sorted(waiting)
    assert await states_in(post.store) == {State.SENT: 60}


async def test_when_the_whole_account_answers_with_errors_no_more_tries_are_spent(post: Post) -> None:
    await post.added(*CROWD[:8])
    taken = await post.taken()
    for one in taken:
        await post.finish(one, SERVER, due_in=0)
    assert (await post.store.standing(post.clock())).bucket.trouble == 8
    tries: list[int] = []
    while len(tries) < 8:
        post.clock.forward(seconds=1)
        tries += [one.tries for one in await post.taken()]
    assert sorted(tries) == [0, 0, 0, 0, 1, 1, 1, 1]


async def test_an_answer_ends_the_trouble_and_silence_does_not(post: Post) -> None:
    await post.added(*CROWD[:5])
    first, second, third, fourth, fifth = await post.taken()
    await post.finish(first, SERVER, due_in=60)
    await post.finish(second, Unknown("timed out"))
    await post.finish(third, TryLater(Delay.CONNECTION, ""), due_in=60)
    assert (await post.store.standing(post.clock())).bucket.trouble == 1
    await post.finish(fourth, SERVER, due_in=60)
    await post.finish(fifth, Sent("ses-1"))
    assert (await post.store.standing(post.clock())).bucket.trouble == 0


@pytest.mark.parametrize(
    ("why", "closed", "rest"),
    [
        (Delay.QUOTA, set(Lane), QUOTA_REST),
        (Delay.ACCOUNT, set(Lane), LANE_REST),
        (Delay.LANE, {Lane.BULK}, LANE_REST),
        (Delay.CONNECTION, set[Lane](), LANE_REST),
    ],
)
async def test_a_stop_closes_its_lanes_for_a_while(post: Post, why: Delay, closed: set[Lane], rest: timedelta) -> None:
    taken = await post.one_taken(lane=Lane.BULK)
    await post.finish(taken, TryLater(why, "SES says so"), due_in=0)
    waits = (await post.store.standing(post.clock())).waits
    assert waits == dict.fromkeys(closed, LaneWait(post.clock() + rest, "SES says so"))
    haul = await post.haul()
    assert len(haul.taken) == (0 if closed else 1)
    if closed:
        assert haul.next_due == post.clock() + rest
        post.clock.forward(seconds=rest.total_seconds())
        assert len(await post.taken()) == 1
    assert (await post.store.standing(post.clock())).waits == {}


STOPS = {
    Delay.QUOTA: "daily_quota",
    Delay.LANE: "lane_stopped.bulk",
    Delay.ACCOUNT: "account_stopped",
    Delay.SENDER: "sender_stopped.example.com",
    Delay.CREDENTIALS: "credentials",
}


async def keys_open(post: Post) -> list[str]:
    return [alarm.key for alarm in await post.store.alarms()]


@pytest.mark.parametrize("why", Delay)
async def test_what_stops_mail_has_an_alarm_until_mail_goes_again(post: Post, why: Delay) -> None:
    first = await post.one_taken(lane=Lane.BULK)
    await post.finish(first, TryLater(why, "SES says so"), due_in=0)
    assert await keys_open(post) == ([STOPS[why]] if why in STOPS else [])
    assert all("SES says so" in alarm.text for alarm in await post.store.alarms())
    post.clock.forward(hours=1)
    [again] = await post.taken()
    await post.finish(again, Unknown("timed out"))
    assert await keys_open(post) == ([STOPS[why]] if why in STOPS else [])
    await post.sent(lane=Lane.BULK)
    assert await keys_open(post) == []


async def test_mail_of_another_lane_or_sender_closes_nobody_else_s_alarm(post: Post) -> None:
    lane = await post.one_taken(lane=Lane.BULK)
    await post.finish(lane, TryLater(Delay.LANE, ""), due_in=600)
    sender = await post.one_taken(sender="Shop <shop@example.com>")
    await post.finish(sender, TryLater(Delay.SENDER, ""), due_in=600)
    await post.sent(sender="News <news@example.net>")
    assert sorted(await keys_open(post)) == ["lane_stopped.bulk", "sender_stopped.example.com"]


async def test_a_broken_sender_stops_no_lane_and_costs_no_try(post: Post) -> None:
    broken = await post.one_taken(sender="Shop <shop@example.com>")
    await post.finish(broken, TryLater(Delay.SENDER, ""), due_in=300)
    assert (await post.store.standing(post.clock())).waits == {}
    assert (await post.one_taken(sender="Bank <codes@example.net>")).message.sender == "Bank <codes@example.net>"
    for _ in range(5):
        post.clock.forward(seconds=300)
        [broken] = await post.taken()
        assert broken.tries == 0
        await post.finish(broken, TryLater(Delay.SENDER, ""), due_in=300)


async def test_a_closed_lane_waits_while_the_others_go(post: Post) -> None:
    until = post.clock() + timedelta(minutes=10)
    await post.store.close_lane(Lane.NORMAL, LaneWait(until, "governor"))
    for lane in Lane:
        await post.added(lane=lane)
    haul = await post.haul()
    assert [one.message.lane for one in haul.taken] == [Lane.URGENT, Lane.BULK]
    assert haul.next_due == until


async def test_a_lane_that_is_closed_for_longer_stays_so(post: Post) -> None:
    until = post.clock() + timedelta(hours=1)
    taken = await post.one_taken()
    await post.store.close_lane(Lane.BULK, LaneWait(until, "governor"))
    await post.finish(taken, TryLater(Delay.ACCOUNT, "paused"), due_in=0)
    assert (await post.store.standing(post.clock())).waits[Lane.BULK] == LaneWait(until, "governor")


async def test_an_account_that_may_not_send_sends_nothing(post: Post) -> None:
    await post.account(sending_enabled=False)
    await post.added(lane=Lane.URGENT)
    haul = await post.haul()
    assert haul.taken == ()
    assert haul.next_due is not None
    assert haul.next_due > post.clock()
