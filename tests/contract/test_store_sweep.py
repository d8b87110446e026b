"""What time alone decides, what a person releases, and what is left when a process dies."""

from datetime import timedelta

from franked.record import Swept
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.outcome import Sent, Unknown
from franked.rules.stream import IfUnknown
from franked.rules.verdict import Hold
from tests.contract.conftest import LEASE, START, Bell, Post, Sqlite

WAIT = LEASE.length + unknown_wait(Lane.NORMAL)


async def test_there_is_nothing_to_sweep_in_a_house_where_all_goes_well(post: Post) -> None:
    await post.sent()
    await post.one_taken("ben@example.net")
    await post.added()
    assert await post.sweep() == Swept()


async def test_a_lease_that_ended_leaves_the_outcome_unknown(post: Post) -> None:
    taken = await post.one_taken()
    post.clock.forward(seconds=LEASE.length.total_seconds())
    assert await post.sweep() == Swept(unknown=1)
    story = await post.story(taken)
    assert (story.state, story.attempts[0].outcome) == (State.UNKNOWN, "unknown")
    assert ("unknown", "the lease ended without an answer", "sweep") in await post.lines(taken)


async def test_an_unknown_outcome_waits_for_an_event_before_anything_is_decided(post: Post) -> None:
    normal = await post.one_taken("a@example.net")
    urgent = await post.one_taken("b@example.net", lane=Lane.URGENT)
    await post.finish(normal, Unknown("timed out"))
    await post.finish(urgent, Unknown("timed out"))
    post.clock.forward(seconds=(LEASE.length + unknown_wait(Lane.URGENT)).total_seconds() - 1)
    assert await post.sweep() == Swept()
    post.clock.forward(seconds=1)
    assert await post.sweep() == Swept(held=1)
    assert (await post.state(urgent), await post.state(normal)) == (State.HELD, State.UNKNOWN)
    post.clock.forward(seconds=WAIT.total_seconds())
    assert await post.sweep() == Swept(held=1)


async def test_what_can_be_resent_is_resent_and_the_ledger_says_so(post: Post, bell: Bell) -> None:
    taken = await post.one_taken()
    await post.finish(taken, Unknown("timed out"))
    post.clock.forward(seconds=WAIT.total_seconds())
    before = bell.rings
    assert await post.sweep(IfUnknown.RESEND) == Swept(resent=1)
    assert bell.rings == before + 1
    assert ("resend", "unknown_outcome", "sweep") in await post.lines(taken)
    [again] = await post.taken()
    assert again.attempt == 2


async def test_copies_have_an_end(post: Post) -> None:
    """Three in all, as with tries: then a person looks."""
    [message] = await post.added()
    for copy in (1, 2, 3):
        [taken] = await post.taken()
        assert taken.attempt == copy
        await post.finish(taken, Unknown("timed out"))
        post.clock.forward(seconds=WAIT.total_seconds())
        await post.sweep(IfUnknown.RESEND)
    story = await post.story(message)
    assert (story.state, story.reason) == (State.HELD, "unknown_outcome")


async def test_what_would_be_worse_doubled_is_dropped(post: Post) -> None:
    taken = await post.one_taken()
    post.clock.forward(seconds=WAIT.total_seconds())
    assert await post.sweep(IfUnknown.DROP) == Swept(unknown=1, dropped=1)
    story = await post.story(taken)
    assert (story.state, story.reason, story.variables) == (State.DROPPED, "unknown_outcome", None)
    assert (await post.counted())["dropped"] == 1


async def test_a_held_unknown_outcome_waits_for_a_person_however_long(post: Post) -> None:
    taken = await post.one_taken()
    await post.finish(taken, Unknown("timed out"))
    post.clock.forward(seconds=WAIT.total_seconds())
    await post.sweep()
    post.clock.forward(days=30)
    assert await post.sweep() == Swept()
    assert await post.state(taken) is State.HELD
    assert await post.store.release("unknown_outcome", 10) == 1
    assert await post.state(taken) is State.QUEUED


async def test_a_hold_ends_when_its_time_has_come(post: Post, bell: Bell) -> None:
    until = post.clock() + timedelta(hours=1)
    [held] = await post.added(judge=lambda facts: Hold("loop_not_proven", until))
    assert await post.sweep() == Swept()
    post.clock.forward(hours=1)
    before = bell.rings
    assert await post.sweep() == Swept(released=1)
    assert bell.rings == before + 1
    story = await post.story(held)
    assert (story.state, story.reason) == (State.QUEUED, None)
    assert ("released", "loop_not_proven", "sweep") in await post.lines(held)


async def test_mail_that_is_no_longer_worth_sending_is_dropped(post: Post) -> None:
    useful_until = post.clock() + timedelta(minutes=10)
    [held] = await post.added(judge=lambda facts: Hold("sandbox"), useful_until=useful_until)
    [queued] = await post.added(useful_until=useful_until)
    [later] = await post.added()
    post.clock.forward(minutes=10)
    assert await post.sweep() == Swept(expired=2)
    for message in (held, queued):
        story = await post.story(message)
        assert (story.state, story.reason, story.variables) == (State.DROPPED, "expired", None)
        assert ("dropped", "expired", "sweep") in await post.lines(message)
    assert await post.state(later) is State.QUEUED


async def test_one_pass_is_bounded_and_the_next_goes_on(post: Post) -> None:
    await post.added(*(f"p{n}@example.net" for n in range(7)), useful_until=post.clock())
    assert [(await post.sweep(most=3)).expired for _ in range(4)] == [3, 3, 1, 0]


async def test_release_gives_back_what_was_held_for_one_reason_bit_by_bit(post: Post, bell: Bell) -> None:
    await post.added(*(f"p{n}@example.net" for n in range(5)), judge=lambda facts: Hold("sandbox"))
    [other] = await post.added(judge=lambda facts: Hold("not_approved"))
    before = bell.rings
    assert [await post.store.release("sandbox", 2) for _ in range(4)] == [2, 2, 1, 0]
    assert bell.rings == before + 3
    assert await post.state(other) is State.HELD
    assert len(await post.taken()) == 5


async def test_the_next_process_finds_what_the_one_before_it_held(backend: Sqlite, post: Post) -> None:
    """Opened again without having been closed: a crash. What was accepted is there, what was called is unknown."""
    waiting, calling = await post.added("a@example.net", "b@example.net")
    [taken] = await post.taken(1)
    assert taken.message.id == waiting
    async with backend.open() as reopened:
        after = Post(reopened, post.clock, post._number)
        assert await after.sweep() == Swept()  # the lease is still long
        assert await reopened.end_leases() == 1
        assert await after.sweep() == Swept(unknown=1)
        assert [one.message.id for one in await after.taken()] == [calling]
        assert (await after.finish(taken, Sent("ses-1"))).state is State.SENT
        assert post.clock() == START


async def test_ended_leases_wait_for_events_from_now_on(post: Post) -> None:
    taken = await post.one_taken(lane=Lane.URGENT)
    await post.store.end_leases()
    assert await post.sweep(IfUnknown.RESEND) == Swept(unknown=1)
    post.clock.forward(seconds=29)
    assert await post.sweep(IfUnknown.RESEND) == Swept()
    post.clock.forward(seconds=1)
    assert await post.sweep(IfUnknown.RESEND) == Swept(resent=1)
    assert await post.state(taken) is State.QUEUED
