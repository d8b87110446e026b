"""What the record forgets, and what it never does."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import pytest

from franked.record import Added
from franked.rules.event import Kind
from franked.rules.message import State, Taken
from franked.rules.outcome import Delay, Refused, TryLater, Unknown
from franked.rules.retention import Past
from franked.rules.suppression import Suppression, Why
from franked.rules.verdict import Drop
from tests.contract.conftest import Post, Postgres, Sqlite

KEPT = timedelta(days=180)
SHORT, LONG = timedelta(days=60), timedelta(days=720)


async def forgotten(post: Post, most: int = 100, kept: Mapping[str, timedelta] = MappingProxyType({})) -> int:
    """`kept`: by streams that say it themselves."""
    return await post.store.forget(past(post, kept, KEPT), most)


def past(post: Post, kept: Mapping[str, timedelta], others: timedelta) -> Past:
    return Past({stream: post.clock() - span for stream, span in kept.items()}, post.clock() - others)


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


async def test_each_stream_has_a_time_of_its_own(post: Post) -> None:
    named = ("code", "digest", "receipt", "removed")
    sent = {name: await post.sent(f"{name}@example.net", f"ses-{name}", stream=name) for name in named}

    async def there() -> set[str]:
        stories = await post.store.find([one.message.id for one in sent.values()])
        return {story.stream for story in stories if story}

    times = {"code": SHORT, "receipt": LONG, "digest": KEPT}
    post.clock.forward(days=SHORT.days + 1)
    assert (await forgotten(post, kept=times), await there()) == (1, {"digest", "receipt", "removed"})
    post.clock.forward(days=KEPT.days - SHORT.days)
    assert (await forgotten(post, kept=times), await there()) == (2, {"receipt"})
    post.clock.forward(days=LONG.days - KEPT.days)
    assert (await forgotten(post, kept=times), await there()) == (1, set())


async def test_streams_that_are_past_share_what_one_step_may_forget(post: Post) -> None:
    for number in range(6):
        await post.sent(f"p{number}@example.net", f"ses-{number}", stream=f"s{number % 3}")
    await later(post)
    assert [await forgotten(post, 4) for _ in range(3)] == [4, 2, 0]


async def test_what_a_stream_keeps_of_its_ended_mail_is_forgotten_in_its_time(
    backend: Sqlite | Postgres, post: Post
) -> None:
    month = timedelta(days=30)
    async with backend.open(keep_variables=lambda stream: stream in {"receipt", "removed"}) as store:
        keeping = Post(store, post.clock, post._number)
        kept, removed = await keeping.sent(), await keeping.sent(stream="removed", ses_id="ses-2")
        waiting = await keeping.one_taken("bo@example.net")
        post.clock.forward(minutes=5)

        async def emptied() -> int:
            return await store.forget_contents(past(post, {"receipt": month}, timedelta(0)), 100)

        async def said(taken: Taken) -> bool:
            return (await keeping.story(taken)).variables is not None

        assert await emptied() == 1  # of a stream that is no longer declared
        assert [await said(one) for one in (kept, removed, waiting)] == [True, False, True]
        post.clock.forward(days=month.days)
        assert [await emptied(), await emptied()] == [1, 0]
        assert [await said(one) for one in (kept, removed, waiting)] == [False, False, True]
        assert await keeping.state(kept) is State.SENT


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
