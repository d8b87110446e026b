"""What the record forgets, and what it never does."""

from datetime import timedelta

import pytest

from franked.record import Added
from franked.rules.event import Kind
from franked.rules.message import State
from franked.rules.outcome import Delay, Refused, TryLater, Unknown
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Drop
from tests.contract.conftest import Post

KEPT = timedelta(days=180)


async def forgotten(post: Post, most: int = 100) -> int:
    return await post.store.forget(post.clock() - KEPT, most)


async def later(post: Post) -> None:
    post.clock.forward(days=KEPT.days + 1)


async def test_an_ended_message_is_forgotten_with_all_that_is_its_own(post: Post) -> None:  # D8
    taken = await post.sent()
    await post.settle(post.event(Kind.DELIVERY, taken))
    await later(post)
    assert await forgotten(post) == 1
    assert await post.store.find([taken.message.id]) == [None]
    assert await forgotten(post) == 0


async def test_what_is_evidence_stays(post: Post) -> None:  # D4, F4
    taken = await post.sent()
    await post.settle(post.bounce(taken))
    counted = await post.counted()
    await later(post)
    assert await forgotten(post) == 1
    [suppression] = await post.store.suppressed(["ana@example.net"])
    [origin] = await post.store.origins(["ana@example.net"])
    assert suppression is not None
    assert (suppression.why, origin and origin.message_id) == (Why.HARD_BOUNCE, taken.message.id)
    assert await post.counted() == counted


async def test_what_is_younger_stays_and_so_does_the_answer_to_its_idempotency_key(post: Post) -> None:
    draft = post.candidate(key="order-1042", judge=lambda facts: Drop("suppressed"))
    await post.add(draft)
    post.clock.forward(days=KEPT.days - 1)
    assert await forgotten(post) == 0
    assert await post.add(draft) == [Added(draft.message.id, State.DROPPED, "suppressed", repeated=True)]
    post.clock.forward(days=2)
    assert await forgotten(post) == 1
    [again] = await post.add(post.candidate(key="order-1042", judge=lambda facts: Drop("suppressed")))
    assert (again.id != draft.message.id, again.repeated) == (True, False)


@pytest.mark.parametrize("outcome", [Unknown("timed out"), TryLater(Delay.RATE, "later"), TryLater(Delay.FAULT, "x")])
async def test_what_has_not_ended_is_never_forgotten(post: Post, outcome: Unknown | TryLater) -> None:
    """Unknown, queued, dead, held: a person or an event has still to say something about it."""
    taken = await post.one_taken()
    await post.finish(taken, outcome, None if outcome == TryLater(Delay.FAULT, "x") else 60.0)
    state = await post.state(taken)
    assert state in {State.UNKNOWN, State.QUEUED, State.DEAD}
    await later(post)
    assert await forgotten(post) == 0
    assert await post.state(taken) is state


async def test_it_is_done_a_little_at_a_time_the_oldest_first(post: Post) -> None:
    first = await post.sent("a@example.net", "ses-a")
    for name in ("b", "c"):
        post.clock.forward(seconds=1)
        await post.finish(await post.one_taken(f"{name}@example.net"), Refused("bad_request", "no"))
    last = await post.sent("d@example.net", "ses-d")
    await later(post)
    assert await forgotten(post, 3) == 3
    assert [await post.store.find([one.message.id]) == [None] for one in (first, last)] == [True, False]
    assert [await forgotten(post, 3) for _ in range(2)] == [1, 0]


async def test_events_of_mail_that_was_never_ours_are_forgotten_too(post: Post) -> None:
    await post.settle(post.bounce(ses_id="not-ours", recipient="zoe@example.net"))
    assert await forgotten(post) == 0
    await later(post)
    assert await forgotten(post) == 1
    assert isinstance((await post.store.suppressed(["zoe@example.net"]))[0], Suppression)


async def test_a_forgotten_mails_event_that_comes_again_draws_nothing_anew(post: Post) -> None:
    taken = await post.sent()
    bounce = post.bounce(taken)
    await post.settle(bounce)
    await later(post)
    await forgotten(post)
    await post.settle(bounce)
    assert (await post.counted())["bounced"] == 1
