"""Newsletters on their way: where each stands is written by whoever was there, and by nobody twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from franked.record import IdempotencyConflict, Spend
from franked.rules.address import Address
from franked.rules.consent import Evidence, Statement, Step
from franked.rules.content import Written
from franked.rules.newsletter import Issue, Newsletter, Stretch
from franked.rules.stream import Limit
from tests.contract.conftest import Post, Postgres, Sqlite

ISSUE = Issue({"number": 12, "secret": "not yet"}, Written("News", "<p>12</p>", "12"))


def newsletter(post: Post, id_: str = "march", issue: Issue = ISSUE) -> Newsletter:
    return Newsletter(id_, "key-1", "shop", "news", "news", post.clock(), issue)


async def readers(post: Post, number: int) -> None:
    people = [Address.of_spelled(f"reader{one}@example.net") for one in range(number)]
    await post.store.state([Statement(one, "news", Step.CONFIRMED, post.clock(), Evidence("test")) for one in people])


async def test_a_newsletter_is_added_once_whatever_time_it_is(post: Post) -> None:
    await readers(post, 3)
    new = newsletter(post)
    [first] = await post.store.add_newsletters([new])
    assert first == replace(new, people=3)
    post.clock.forward(hours=1)
    await readers(post, 5)
    assert await post.store.add_newsletters([newsletter(post)]) == [first]
    other = newsletter(post, issue=Issue({"number": 13}))
    assert await post.store.add_newsletters([other, newsletter(post, "april")]) == [
        IdempotencyConflict("march"),
        replace(newsletter(post, "april"), people=5),
    ]
    assert [one.id for one in await post.store.newsletters_under_way()] == ["march", "april"]


async def test_a_stretch_counts_once_and_the_issue_is_gone_at_the_end(post: Post) -> None:
    await post.store.add_newsletters([newsletter(post)])
    first, second = Stretch("march", "", "b@x", 2, 1), Stretch("march", "b@x", "c@x", 5, 0)
    answers = await asyncio.gather(*(post.store.advance_newsletters([first]) for _ in range(6)))
    assert sorted(answers) == [[False]] * 5 + [[True]]
    assert await post.store.advance_newsletters([second, first, second]) == [True, False, False]
    [standing] = await post.store.newsletters_under_way()
    assert (standing.after, standing.queued, standing.dropped) == ("c@x", 7, 1)
    done = Stretch("march", "c@x", "c@x", 0, 0, post.clock())
    assert await post.store.advance_newsletters([done, done]) == [True, False]
    assert await post.store.newsletters_under_way() == []
    [kept, nothing] = await post.store.newsletters(["march", "may"])
    assert kept is not None and (kept.issue, kept.after, kept.done_at) == (None, "", post.clock())
    assert nothing is None
    assert await post.store.add_newsletters([newsletter(post)]) == [kept]


async def test_an_issue_that_was_sealed_with_another_key_is_not_read(backend: Sqlite | Postgres) -> None:
    async with backend.open() as store:
        await store.add_newsletters([newsletter(Post(store, backend.clock))])
    async with backend.open(bytes(reversed(range(32)))) as store:
        [standing] = await store.newsletters_under_way()
        assert (standing.id, standing.issue) == ("march", None)


async def test_limits_are_spent_together_or_not_at_all(post: Post) -> None:
    three, two = Limit(3, timedelta(hours=1)), Limit(2, timedelta(hours=1))
    both = [Spend("a", three), Spend("b", two)]
    assert await post.store.spend([both, both, both]) == [True, True, False]
    assert await post.store.spend([both[:1], both[:1], both[1:]]) == [True, False, False]
    answers = await asyncio.gather(*(post.store.spend([[Spend("c", three)]]) for _ in range(8)))
    assert sum(answer for [answer] in answers) == 3
    post.clock.forward(hours=1)
    assert await post.store.spend([both]) == [True]
