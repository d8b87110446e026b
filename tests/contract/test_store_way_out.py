"""What `take` and `finish` promise: nothing is in two hands, each outcome is written, states move along arrows."""

import asyncio
from datetime import timedelta

import pytest

from franked.backends.sql.due import SPARE
from franked.record import Finished
from franked.rules.lane import Lane
from franked.rules.message import Due, State
from franked.rules.outcome import Delay, Outcome, Refused, Sent, TryLater, Unknown
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Facts, Hold, Verdict
from tests.contract.conftest import LEASE, Bell, Post, Sqlite, judge_at_take
from tests.states import states_in

RATE = TryLater(Delay.RATE, "Maximum sending rate exceeded.")
SERVER = TryLater(Delay.SERVER, "HTTP 500")


async def test_a_taken_message_is_whole_and_its_attempt_is_in_the_ledger_before_the_call(post: Post) -> None:
    candidate = post.candidate(variables={"code": "424242"})
    await post.add(candidate)
    [taken] = await post.taken()
    assert taken.message == candidate.message
    assert (taken.attempt, taken.tries, taken.attempt_id) == (1, 0, f"{taken.message.id}-1")
    assert taken.call_by == post.clock() + LEASE.call_within
    assert taken.lease_until == post.clock() + LEASE.length
    story = await post.story(taken)
    assert story.state is State.SENDING
    [attempt] = story.attempts
    assert (attempt.number, attempt.at, attempt.call_by, attempt.outcome) == (1, post.clock(), taken.call_by, None)


async def test_nothing_is_taken_twice(post: Post) -> None:
    await post.added("a@example.net", "b@example.net")
    assert len(await post.taken()) == 2
    assert await post.taken() == ()


async def test_the_urgent_lane_goes_first_and_the_earliest_due_before_the_rest(post: Post) -> None:
    now = post.clock()
    for lane in (Lane.BULK, Lane.NORMAL, Lane.URGENT):
        for seconds in (1, 3, 2):
            await post.added(f"{lane}{seconds}@example.net", lane=lane, due_at=now - timedelta(seconds=seconds))
    order = [taken.message.to.spelled.partition("@")[0] for taken in await post.taken(8)]
    assert order == ["urgent3", "urgent2", "urgent1", "normal3", "normal2", "normal1", "bulk3", "bulk2"]


async def test_what_is_due_later_waits_until_then(post: Post) -> None:
    due = post.clock() + timedelta(seconds=90)
    await post.added(due_at=due)
    haul = await post.haul()
    assert (haul.taken, haul.next_due) == ((), due)
    post.clock.forward(seconds=90)
    assert len(await post.taken()) == 1


async def test_an_empty_house_waits_for_the_bell(post: Post) -> None:
    assert (await post.haul()).next_due is None


async def test_what_has_changed_since_it_was_accepted_is_judged_at_take(post: Post) -> None:
    gone, held, kept = await post.added("gone@example.net", "held@example.net", "kept@example.net")
    await post.store.suppress([Suppression("gone@example.net", Why.COMPLAINT, post.clock())])
    until = post.clock() + timedelta(hours=1)

    def judge(message: Due, facts: Facts) -> Verdict:
        return Hold("not_approved", until) if message.id == held else judge_at_take(message, facts)

    taken = await post.taken(judge=judge)
    assert [one.message.id for one in taken] == [kept]
    assert (await post.story(gone)).reason == "suppressed"
    assert (await post.story(gone)).variables is None
    assert await post.lines(gone) == [("accepted", "", "key-1"), ("dropped", "suppressed", "take")]
    assert await post.lines(held) == [("accepted", "", "key-1"), ("held", "not_approved", "take")]
    assert (await post.story(held)).variables is not None
    assert await post.counted() == {"accepted": 3, "dropped": 1, "held": 1}


async def test_mail_that_must_not_go_costs_no_token_and_does_not_stand_in_the_way(post: Post) -> None:
    await post.account(rate=1.0)
    crowd = SPARE + 20
    await post.added(*(f"gone{n}@example.net" for n in range(crowd)))
    await post.store.suppress([Suppression(f"gone{n}@example.net", Why.MANUAL, post.clock()) for n in range(crowd)])
    [good] = await post.added("good@example.net")
    assert [one.message.id for one in await post.taken()] == [good]
    assert await states_in(post.store) == {State.DROPPED: crowd, State.SENDING: 1}
    assert await post.used() == 1


async def test_what_can_not_be_opened_steps_aside(post: Post, backend: Sqlite) -> None:
    [lost] = await post.added("lost@example.net")
    async with backend.open(key=bytes(32)) as other:
        stranger = Post(other, post.clock, post._number)
        [own] = await stranger.added("own@example.net")
        assert [one.message.id for one in await stranger.taken()] == [own]
        assert (await stranger.story(lost)).variables is None
    assert (await post.story(lost)).reason == "unreadable_variables"
    assert await post.lines(lost) == [("accepted", "", "key-1"), ("held", "unreadable_variables", "take")]
    assert await post.store.release("unreadable_variables", 10) == 1
    assert [one.message.id for one in await post.taken()] == [lost]


# --- outcomes ---------------------------------------------------------------------------------------------------------


async def test_sent(post: Post) -> None:
    taken = await post.one_taken()
    post.clock.forward(seconds=1)
    moved = await post.finish(taken, Sent("ses-1"))
    assert (moved.id, moved.state, moved.moved) == (taken.message.id, State.SENT, True)
    story = await post.story(taken)
    assert (story.state, story.ses_id, story.variables) == (State.SENT, "ses-1", None)
    [attempt] = story.attempts
    assert (attempt.outcome, attempt.ses_id, attempt.finished_at) == ("sent", "ses-1", post.clock())


async def test_refused(post: Post) -> None:
    taken = await post.one_taken()
    moved = await post.finish(taken, Refused("message_rejected", "no such thing"))
    assert moved.state is State.REFUSED
    story = await post.story(taken)
    assert (story.reason, story.variables) == ("message_rejected", None)
    assert story.attempts[0].detail == "message_rejected: no such thing"
    assert ("refused", "message_rejected: no such thing", "worker") in await post.lines(taken)


async def test_try_later_comes_back_when_it_is_due(post: Post, bell: Bell) -> None:  # E5
    taken = await post.one_taken()
    before = bell.rings
    moved = await post.finish(taken, SERVER, due_in=25)
    assert (moved.state, bell.rings) == (State.QUEUED, before + 1)
    assert (await post.haul()).next_due == post.clock() + timedelta(seconds=25)
    post.clock.forward(seconds=25)
    [again] = await post.taken()
    assert (again.attempt, again.tries) == (2, 1)
    assert again.message.variables == {"number": "R-1"}


async def test_delays_that_cost_none_leave_the_tries_alone(post: Post) -> None:
    taken = await post.one_taken()
    for attempt in range(2, 8):
        await post.finish(taken, TryLater(Delay.CONNECTION, "refused"), due_in=0)
        [taken] = await post.taken()
        assert (taken.attempt, taken.tries) == (attempt, 0)


async def test_a_message_whose_tries_are_used_up_is_dead_and_keeps_its_variables(post: Post) -> None:  # E5
    taken = await post.one_taken()
    for _ in range(2):
        await post.finish(taken, SERVER, due_in=0)
        [taken] = await post.taken()
    moved = await post.finish(taken, SERVER, due_in=0)
    assert moved.state is State.DEAD
    story = await post.story(taken)
    assert (story.reason, story.variables) == ("server_error", {"number": "R-1"})
    assert ("dead", "server_error: HTTP 500", "worker") in await post.lines(taken)


async def test_try_later_with_no_time_to_try_again_is_dead(post: Post) -> None:
    taken = await post.one_taken()
    assert (await post.finish(taken, SERVER)).state is State.DEAD


async def test_no_answer_is_unknown_and_keeps_its_lease(post: Post) -> None:
    taken = await post.one_taken()
    moved = await post.finish(taken, Unknown("timed out"))
    assert moved.state is State.UNKNOWN
    story = await post.story(taken)
    assert (story.attempts[0].outcome, story.variables) == ("unknown", {"number": "R-1"})
    assert ("unknown", "timed out", "worker") in await post.lines(taken)
    assert await post.taken() == ()


@pytest.mark.parametrize(
    "late",
    [Refused("bad_request", ""), TryLater(Delay.CONNECTION, ""), Unknown("reset")],
    ids=lambda o: type(o).__name__,
)
async def test_only_the_newest_attempt_moves_its_message(post: Post, late: Outcome) -> None:
    first = await post.one_taken()
    await post.finish(first, RATE, due_in=0)
    post.clock.forward(seconds=1)
    [second] = await post.taken()
    moved = await post.finish(first, late, due_in=0)
    assert (moved.state, moved.moved) == (State.SENDING, False)
    assert (await post.finish(second, Sent("ses-2"))).moved


async def test_a_late_answer_is_written_though_it_moves_nothing(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, Unknown("timed out"))
    moved = await post.finish(taken, Refused("bad_request", "late"))
    assert (moved.state, moved.moved) == (State.UNKNOWN, False)
    assert (await post.story(taken)).attempts[0].outcome == "refused"


async def test_sent_is_never_written_over(post: Post) -> None:
    taken = await post.sent()
    moved = await post.finish(taken, Unknown("timed out"))
    assert (moved.state, moved.moved) == (State.SENT, False)
    assert (await post.story(taken)).attempts[0].outcome == "sent"


async def test_a_worker_that_woke_too_late_to_call_puts_its_message_back(post: Post) -> None:
    """It says for certain that SES never had the mail: nobody needs to wait for an event, or to decide."""
    taken = await post.one_taken()
    post.clock.forward(seconds=(taken.lease_until - post.clock()).total_seconds() + 1)
    await post.sweep()
    assert await post.state(taken) is State.UNKNOWN
    moved = await post.finish(taken, TryLater(Delay.LATE, "the lease was over"), due_in=0)
    assert (moved.state, moved.moved) == (State.QUEUED, True)
    [again] = await post.taken()
    assert again.attempt == taken.attempt + 1


async def test_a_late_sent_proves_acceptance_from_anywhere(post: Post) -> None:
    first = await post.one_taken()
    await post.finish(first, Unknown("timed out"))
    post.clock.forward(hours=1)
    await post.sweep()
    assert (await post.story(first)).reason == "unknown_outcome"
    moved = await post.finish(first, Sent("ses-1"))
    assert (moved.state, moved.moved) == (State.SENT, True)
    assert ("sent", "", "worker") in await post.lines(first)
    assert (await post.story(first)).reason is None


async def test_a_late_sent_takes_a_message_that_waits_to_be_resent_out_of_the_queue(post: Post) -> None:
    first = await post.one_taken()
    await post.finish(first, RATE, due_in=60)
    await post.finish(first, Sent("ses-1"))
    post.clock.forward(minutes=2)
    assert await post.taken() == ()
    assert await post.state(first) is State.SENT


async def test_a_batch_of_outcomes_is_answered_in_its_order(post: Post) -> None:
    await post.added(*(f"p{n}@example.net" for n in range(6)))
    taken = await post.taken()
    outcomes: list[Outcome] = [Sent("s"), Refused("bad_request", ""), SERVER, Unknown(""), Sent("t"), RATE]
    due = post.clock() + timedelta(minutes=1)
    batch = [Finished(one, outcome, post.clock(), due) for one, outcome in zip(taken, outcomes, strict=True)]
    moved = await post.store.finish(batch[::-1])
    assert [one.id for one in moved] == [one.message.id for one in taken[::-1]]
    states = [State.SENT, State.REFUSED, State.QUEUED, State.UNKNOWN, State.SENT, State.QUEUED]
    assert [one.state for one in moved] == states[::-1]


async def test_a_stream_that_keeps_its_variables_keeps_them_when_its_mail_has_ended(
    backend: Sqlite, post: Post
) -> None:
    async with backend.open(keep_variables=lambda stream: stream == "receipt") as store:
        keeping = Post(store, post.clock, post._number)
        kept, gone = await keeping.sent("a@example.net"), await keeping.sent("b@example.net", stream="code")
        assert (await keeping.story(kept)).variables == {"number": "R-1"}
        assert (await keeping.story(gone)).variables is None


async def test_a_worker_that_goes_away_while_it_takes_gives_back(post: Post) -> None:
    [message] = await post.added()
    taking = asyncio.create_task(post.haul())
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    async with asyncio.timeout(5):
        while await post.state(message) is not State.QUEUED or not (await post.story(message)).attempts:
            await asyncio.sleep(0.005)
    [taken] = await post.taken()
    assert (taken.message.id, taken.attempt, taken.tries) == (message, 2, 0)
