"""Who empties a queue of mails into the sink, Franked and what else a team would use: mails a second."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from bench.postgres import settings_of
from bench.processes import Command, running
from bench.sink import Sink
from bench.stand import MAILS, Stand
from franked.doors.cli.bench.bars import Rate
from franked.doors.cli.bench.drain import drained, looped
from franked.doors.cli.bench.house import house
from franked.doors.cli.start import Unusable

LEAD = 1250  # arrivals until a peer counts as under way: its workers' start is not held against it

_ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")  # there is no other worker to talk to
_CELERY = ("-A", "post", "worker", "--loglevel", "WARNING", *_ALONE)


@asynccontextmanager
async def franked(stand: Stand, sink: Sink) -> AsyncIterator[Rate]:
    """One process, SQLite with synchronous=FULL. Counted until the last is recorded as sent."""
    async with house(stand.folder, f"franked-{sink.name}", sink.endpoint) as world:
        yield partial(drained, world, MAILS)


@asynccontextmanager
async def franked_postgres(stand: Stand) -> AsyncIterator[Rate]:
    """One worker."""
    url = await stand.postgres.database("franked")
    async with house(stand.folder, "franked-postgres", stand.quick.endpoint, url) as world:
        yield partial(drained, world, MAILS)


@asynccontextmanager
async def own_loop(stand: Stand) -> AsyncIterator[Rate]:
    """Franked's own render, sign and post, without a queue."""
    async with house(stand.folder, "loop", stand.quick.endpoint) as world:
        yield partial(looped, world, MAILS)


@asynccontextmanager
async def celery(stand: Stand, sink: Sink, *pool: str) -> AsyncIterator[Rate]:
    """One worker; `pool`: how many processes or threads it has."""
    command: Command = (stand.program("celery"), *_CELERY, *pool)
    yield partial(_emptied, stand, sink, "celery_redis", stand.env(sink), [command])


@asynccontextmanager
async def pgqueuer(stand: Stand) -> AsyncIterator[Rate]:
    """Two workers of one process each."""
    env = stand.env(stand.quick) | settings_of(await stand.postgres.database("pgqueuer"))
    command: Command = (stand.program("python"), "post.py")
    yield partial(_emptied, stand, stand.quick, "pgqueuer_postgres", env, [command, command])


@asynccontextmanager
async def post_office(stand: Stand) -> AsyncIterator[Rate]:
    """Its own command, with two processes; it ends when its queue is empty."""
    env = stand.env(stand.quick) | settings_of(await stand.postgres.database("post_office"))
    lock = stand.folder / "post_office"
    command = (stand.program("python"), "manage.py", "send_queued_mail", "--processes", "2", "--lockfile", lock)
    yield partial(_emptied, stand, stand.quick, "django_post_office", env, [command])


async def _emptied(stand: Stand, sink: Sink, peer: str, env: Mapping[str, str], workers: Sequence[Command]) -> float:
    """Filled, then emptied by workers that start now; what the sink saw between the lead and the last mail."""
    await stand.fill(peer, env)
    before, home = sink.took(), stand.home(peer)
    started = [running(f"{peer}-{number}", worker, stand.folder, env, home) for number, worker in enumerate(workers)]
    async with AsyncExitStack() as stack:
        senders = [await stack.enter_async_context(one) for one in started]
        await sink.reached(before + MAILS, *senders)
    await sink.settled()
    if (sent := sink.took() - before) != MAILS:
        raise Unusable(f"{peer} was given {MAILS} mails and sent {sent}")
    return sink.rate(before + LEAD, before + MAILS - 1)
