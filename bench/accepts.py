"""Who takes mails in over HTTP, each in a request of its own, all by the same caller: mails a second."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bench.processes import free_port, running
from bench.stand import Stand
from franked.doors.cli.bench.bars import Rate
from franked.doors.cli.bench.door import bodies, forgetting, poured, storing
from franked.doors.cli.bench.house import house

MAILS = 4000  # a round
_UVICORN = ("-m", "uvicorn", "app:app", "--loop", "uvloop", "--http", "httptools", "--no-access-log")


@asynccontextmanager
async def franked(stand: Stand) -> AsyncIterator[Rate]:
    """One process; on disk (SQLite, synchronous=FULL) before the 202."""
    async with house(stand.folder, "accept", stand.quick.endpoint) as world, storing(world) as door:
        yield partial(door.singles, MAILS)


@asynccontextmanager
async def without_storage(stand: Stand) -> AsyncIterator[Rate]:
    """The same route, which says that it has kept the mail and has not."""
    async with house(stand.folder, "forget", stand.quick.endpoint) as world, forgetting(world) as door:
        yield partial(door.singles, MAILS)


@asynccontextmanager
async def batches(stand: Stand) -> AsyncIterator[Rate]:
    """A hundred mails in a request."""
    async with house(stand.folder, "batch", stand.quick.endpoint) as world, storing(world) as door:
        yield door.batches


@asynccontextmanager
async def fastapi(stand: Stand, redis: str, processes: int) -> AsyncIterator[Rate]:
    """In Redis before the 202; when that is on disk, its configuration says."""
    port = free_port()
    env = stand.env(stand.quick, "celery_redis") | {"BENCH_REDIS": redis}
    command = (stand.program("python"), *_UVICORN, "--port", str(port), "--workers", str(processes))
    home, name = stand.home("fastapi_celery"), f"fastapi-{port}"
    async with running(name, (*command, "--log-level", "warning"), stand.folder, env, home) as door:
        await door.answers(port)
        yield partial(_posted, f"http://127.0.0.1:{port}/v1/messages")


async def _posted(url: str) -> float:
    return await poured(url, "nobody", bodies(MAILS))
