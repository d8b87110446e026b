"""What the shelf of the brake promises: it moves with the event that reaches a step; a stopped lane gives nothing."""

from asyncio import gather
from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

from franked.record import Finished
from franked.rules.governor import BrakeRelease, Step
from franked.rules.lane import Lane
from franked.rules.message import Taken
from franked.rules.outcome import Sent
from franked.rules.rates import AwsRates
from tests.contract.conftest import Post

SENDS = 300  # 9 bounces are 3 %, 12 are 4 %, 15 are 5 %
PEOPLE = count()


async def sends(post: Post, number: int = SENDS, **more: Any) -> list[Taken]:
    """To as many people, each another."""
    await post.account(rate=1_000_000.0, quota=-1.0)
    await post.store.add([post.candidate(f"{next(PEOPLE)}@gmail.com", **more) for _ in range(number)])
    taken: list[Taken] = []
    while some := await post.taken(1000):
        taken += some
        now = post.clock()
        await post.store.finish([Finished(one, Sent(f"ses-{one.message.id}"), now, None) for one in some])
        post.clock.forward(seconds=1)
    assert len(taken) == number
    return taken


async def bounces(post: Post, taken: list[Taken]) -> None:
    await post.settle(*(post.bounce(one, f"ses-{one.message.id}") for one in taken))


async def waiting(post: Post) -> dict[str, int]:
    """How many of one more of each lane are taken."""
    lanes = [post.candidate(f"more-{lane}@example.org", lane=lane) for lane in Lane]
    await post.store.add(lanes)
    post.clock.forward(seconds=1)
    found = Counter(one.message.lane.value for one in await post.taken())
    return dict(found)


async def test_the_event_that_reaches_a_step_stops_the_next_take(post: Post) -> None:
    taken = await sends(post)
    await bounces(post, taken[:11])
    assert (await post.store.brake()).step is Step.SLOW
    await bounces(post, taken[11:12])
    brake = await post.store.brake()
    assert (brake.step, brake.because) == (Step.STOP_BULK, "4 % hard bounces, 12 of the 300 sends so far")
    assert await waiting(post) == {"urgent": 1, "normal": 1}
    await bounces(post, taken[12:14])
    assert await waiting(post) == {"urgent": 1}
    assert [one.key for one in await post.store.alarms()] == ["governor_stop_normal"]
    assert [line.what for line in await post.store.brake_log(10)] == ["stop_normal", "stop_bulk", "slow"]


async def test_the_same_event_twice_counts_once(post: Post) -> None:
    taken = await sends(post)
    twice = [post.bounce(one, f"ses-{one.message.id}") for one in taken[:8]] * 2
    await post.settle(*twice)
    await post.settle(*twice)
    assert [(one.sent, one.bounced) for one in await post.store.seen(post.clock())] == [(SENDS, 8)]
    assert (await post.store.brake()).step is Step.WATCH


async def test_simulated_mail_and_echoes_move_nothing(post: Post) -> None:
    taken = await sends(post)
    mail = [await post.sent(f"bounce+{n}@simulator.amazonses.com", f"sim-{n}") for n in range(20)]
    await post.settle(*(post.bounce(one, f"sim-{n}") for n, one in enumerate(mail)))
    echo = {"subtype": "OnAccountSuppressionList"}
    await post.settle(*(post.bounce(one, f"ses-{one.message.id}", **echo) for one in taken[:50]))
    assert [(one.sent, one.bounced) for one in await post.store.seen(post.clock())] == [(SENDS, 0)]
    assert (await post.store.brake()).step is Step.NONE


async def test_bulk_is_slowed_to_a_tenth(post: Post) -> None:
    taken = await sends(post)
    await bounces(post, taken[:10])
    assert (await post.store.brake()).step is Step.SLOW
    await post.account(rate=100.0, quota=-1.0)  # 90 a second
    await post.store.add([post.candidate(f"b{n}@example.org", lane=Lane.BULK) for n in range(500)])
    gone = 0
    for _ in range(400):
        gone += len(await post.taken())
        post.clock.forward(seconds=0.1)
    assert 300 <= gone <= 450  # 40 seconds of 9, and the first handful at once


async def test_a6_a_person_releases_it_with_what_was_found_and_done(post: Post) -> None:
    taken = await sends(post)
    await bounces(post, taken[:14])
    by_ana = BrakeRelease("ana", "an old list was imported", "the list was taken off", post.clock())
    [before] = await post.store.release_brake([by_ana])
    assert before is not None
    assert before.step is Step.STOP_NORMAL
    assert (await post.store.brake()).step is Step.NONE
    assert await post.store.release_brake([by_ana]) == [None]
    assert await post.store.alarms() == []
    assert await waiting(post) == {"urgent": 1, "normal": 1, "bulk": 1}
    line, *_ = await post.store.brake_log(1)
    assert (line.what, line.why, line.by, line.action) == ("released", by_ana.investigation, "ana", by_ana.action)
    await bounces(post, taken[14:18])  # late ones about mail from before: 4 are too few to say
    assert (await post.store.brake()).step is Step.NONE
    again = await sends(post, 250)
    await bounces(post, again[:12])
    assert (await post.store.brake()).step is Step.STOP_NORMAL


async def test_the_lower_steps_end_with_the_figures_and_a_stop_does_not(post: Post) -> None:
    taken = await sends(post)
    await bounces(post, taken[:10])
    post.clock.forward(days=15)
    assert (await post.store.govern()).step is Step.NONE
    assert await post.store.alarms() == []
    taken = await sends(post)
    await bounces(post, taken[:14])
    post.clock.forward(days=15)
    assert (await post.store.govern()).step is Step.STOP_NORMAL


async def test_what_aws_counts_brakes_too(post: Post) -> None:
    await sends(post, 10)
    assert (await post.store.learn_aws_rates(AwsRates(0.01, 0.00085, post.clock()))).step is Step.STOP_BULK
    assert await waiting(post) == {"urgent": 1, "normal": 1}


async def test_c16_after_approval_it_looks_closer_for_some_days(post: Post) -> None:
    taken = await sends(post)
    await post.store.be_careful(post.clock() + timedelta(days=14))
    await bounces(post, taken[:5])
    assert (await post.store.brake()).step is Step.SLOW  # 1.7 %
    post.clock.forward(days=14, minutes=1)
    assert (await post.store.govern()).step is Step.NONE


async def test_events_settled_at_once_by_many_are_all_seen(post: Post) -> None:
    """A lost update: two that count the last bounces at the same time each see the other's."""
    taken = await sends(post)
    events = [post.bounce(one, f"ses-{one.message.id}") for one in taken[:12]]
    await gather(*(post.settle(one) for one in events))
    assert (await post.store.brake()).step is Step.STOP_BULK


async def test_figures_are_told_by_stream_and_provider_and_forgotten_in_time(post: Post) -> None:
    taken = await sends(post, 20)
    await sends(post, 5, stream="digest")
    await bounces(post, taken[:2])
    post.clock.forward(minutes=1)
    begin = post.clock() - timedelta(days=1)
    parts = {(one.stream, one.provider, one.what): one.n for one in await post.store.parts(begin, post.clock())}
    assert parts == {
        ("receipt", "gmail", "sent"): 20,
        ("receipt", "gmail", "bounced"): 2,
        ("digest", "gmail", "sent"): 5,
        ("*", "*", "sent"): 25,
        ("*", "*", "bounced"): 2,
    }
    post.clock.forward(days=41)
    forgotten = [await post.store.forget_figures(post.clock() - timedelta(days=40), 3) for _ in range(3)]
    assert forgotten == [3, 2, 0]


async def test_what_came_before_its_mail_was_known_counts_for_its_stream_then(post: Post) -> None:
    [id_] = await post.added("ana@gmail.com")
    await post.account()
    [taken] = await post.taken()
    await post.settle(post.bounce(None, "ses-9", recipient="ana@gmail.com"))
    await post.finish(taken, Sent("ses-9"))
    parts = await post.store.parts(post.clock() - timedelta(hours=1), post.clock())
    assert {(one.stream, one.what): one.n for one in parts if one.n} == {
        ("receipt", "sent"): 1,
        ("receipt", "bounced"): 1,
        ("*", "sent"): 1,
        ("*", "bounced"): 1,
    }
    assert taken.message.id == id_
