"""What processes promise each other that share a record on PostgreSQL."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from franked.backends.sealing import Seal
from franked.backends.sql.engine import pooled, url_of
from franked.backends.sql.opening import agreed, open_shared_store
from franked.backends.sql.shared import SharedBell, SharedClock, sharing
from franked.record import Added, IdempotencyConflict, Spend
from franked.rules.outcome import Sent
from franked.rules.stream import Limit
from franked.rules.suppression import Suppression, Why
from franked.store import StoreUnavailable
from tests.contract.conftest import KEY, Bell, MovableClock, Post, Postgres

BACKENDS = ("postgresql",)
CROWD = 4  # processes, each with connections of its own


@pytest.fixture
def backend(database: str, clock: MovableClock, bell: Bell) -> Postgres:
    return Postgres(database, clock, bell)


@pytest.fixture
async def posts(backend: Postgres, clock: MovableClock) -> Any:
    """Several processes at one record."""
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(backend.open()) for _ in range(CROWD)]
        posts = [Post(store, clock) for store in stores]
        await posts[0].account(rate=1000.0)
        yield posts


async def test_no_message_is_in_two_hands(posts: list[Post]) -> None:
    await posts[0].added(*(f"p{n}@example.net" for n in range(300)))
    hauls = await asyncio.gather(*(post.taken(40) for post in posts for _ in range(4)))
    taken = [one.message.id for haul in hauls for one in haul]
    assert len(taken) == len(set(taken)) == 300


async def test_the_workers_share_one_pace(posts: list[Post]) -> None:
    """However many ask: together they draw what the bucket holds."""
    await posts[0].account(rate=14.0)
    await posts[0].added(*(f"p{n}@example.net" for n in range(100)))
    hauls = await asyncio.gather(*(post.taken(100) for post in posts for _ in range(3)))
    assert sum(len(haul) for haul in hauls) <= 14


async def test_an_idempotency_key_makes_one_message_whichever_door_it_came_by(posts: list[Post]) -> None:
    drafts = [post.candidate(key="order-1042") for post in posts]
    drafts = [posts[0].candidate(key="order-1042") for _ in drafts]
    answers = await asyncio.gather(*(post.add(one) for post, one in zip(posts, drafts, strict=True)))
    assert {type(answer) for [answer] in answers} <= {Added, IdempotencyConflict}
    assert len({answer.id for [answer] in answers}) == 1


async def test_a_limit_holds_over_all_doors(posts: list[Post]) -> None:
    spends = (Spend("receipt|ana@example.net", Limit(5, timedelta(hours=1))),)
    drafts = [(post, posts[0].candidate(spends=spends)) for post in posts for _ in range(10)]
    answers = await asyncio.gather(*(post.add(draft) for post, draft in drafts))
    states = [answer.reason for [answer] in answers]
    assert (states.count(None), states.count("rate_limited")) == (5, 35)


async def test_a_weaker_reason_never_overwrites_a_stronger_one_from_another_process(posts: list[Post]) -> None:  # D4
    now = posts[0].clock()
    for number in range(30):
        address = f"p{number}@example.net"
        said = [Suppression(address, why, now) for why in (Why.MANUAL, Why.COMPLAINT, Why.HARD_BOUNCE, Why.VALIDATION)]
        await asyncio.gather(*(post.store.suppress([one]) for post, one in zip(posts, said, strict=True)))
        [kept] = await posts[0].store.suppressed([address])
        assert kept is not None
        assert kept.why is Why.COMPLAINT, number


async def test_an_event_is_settled_once_whoever_hears_it(posts: list[Post]) -> None:
    taken = await posts[0].sent()
    bounce = posts[0].bounce(taken)
    settled = await asyncio.gather(*(post.settle(bounce) for post in posts))
    assert sorted(one.fresh for [one] in settled) == [False] * (CROWD - 1) + [True]
    assert (await posts[0].counted())["bounced"] == 1


async def test_counters_of_all_processes_add_up(posts: list[Post]) -> None:
    await asyncio.gather(*(post.store.add([posts[0].candidate()]) for post in posts for _ in range(25)))
    taken = [one for _ in range(3) for one in await posts[0].taken(100)]
    await asyncio.gather(*(posts[n % CROWD].finish(one, Sent(f"ses-{n}")) for n, one in enumerate(taken)))
    counted = await posts[0].counted()
    assert (counted["accepted"], counted["sent"]) == (100, len(taken))


# --- the bell, the clock, the key, the schema -------------------------------------------------------------------------


async def test_a_commit_rings_the_bell_of_every_process(database: str, clock: MovableClock) -> None:
    engine, bell = pooled(url_of(database)), SharedBell()
    async with (
        Postgres(database, clock, Bell()).open() as store,
        sharing(engine, SharedClock(clock), bell, lambda *_, **__: None),
    ):
        post = Post(store, clock)
        await bell.wait(20.0)  # it rings as it begins to hear
        assert bell.hears
        await post.account()
        async with asyncio.timeout(20.0):
            await bell.wait(60.0)
        waiting = asyncio.create_task(bell.wait(60.0))
        await post.added()
        async with asyncio.timeout(20.0):
            await waiting
    await engine.dispose()


async def test_the_time_is_the_databases(database: str) -> None:
    """Also on a machine whose clock is an hour off; what a test moves is added."""
    engine, moved = pooled(url_of(database)), timedelta()
    clock = SharedClock(lambda: datetime.now(UTC) + moved)
    await clock.measure(engine)
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
    moved = timedelta(days=3)
    assert abs(clock() - datetime.now(UTC) - moved) < timedelta(seconds=5)
    await engine.dispose()


async def test_a_process_with_another_key_is_refused(backend: Postgres) -> None:
    engine = pooled(url_of(backend.url))
    async with backend.open():
        for _ in range(2):
            await agreed(engine, Seal(KEY))
        with pytest.raises(StoreUnavailable, match="FRANKED_STORE_SECRET"):
            await agreed(engine, Seal(bytes(32)))
    await engine.dispose()


async def test_a_worker_refuses_a_record_that_nobody_has_begun(database: str, clock: MovableClock) -> None:
    engine = pooled(url_of(database))
    with pytest.raises(StoreUnavailable, match="start `franked up`"):
        async with open_shared_store(engine, Seal(KEY), Bell(), clock, migrates=False):
            pass
    await engine.dispose()


async def test_a_database_that_does_not_answer_is_a_sentence(clock: MovableClock) -> None:
    engine = pooled(url_of("postgresql://nobody@127.0.0.1:9/nothing"))
    with pytest.raises(StoreUnavailable, match="can't be reached"):
        async with open_shared_store(engine, Seal(KEY), Bell(), clock):
            pass
    await engine.dispose()
