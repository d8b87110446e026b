"""Franked beside its peers: in each round each contender in turn, so that the machine's mood is in all of them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial

from bench import accepts, bars, drains, needs
from bench.bars import Bar, Result, Run, Side
from bench.redis import durability
from bench.stand import Stand, stand
from franked.doors.cli.bench.bars import Rate

Opening = Callable[[], AbstractAsyncContextManager[Rate]]

FRANKED, LOOP = "Franked, SQLite FULL, 1 process", "Franked's render, sign and post alone"
POSTGRES = "Franked, PostgreSQL, 1 worker"
CELERY, THREADS = "Celery -c 2, Redis, boto3", "Celery -P threads -c 32, Redis, boto3"
PGQUEUER = "pgqueuer, 2 processes, aiobotocore"
POST_OFFICE = "django-post-office, 2 processes, django-ses"
BARE, BATCH = "Franked's route without storage", "Franked, 100 mails in a request"
FASTAPI = "FastAPI, Celery, Redis, 1 process"
TWO_FASTAPI = "FastAPI, Celery, Redis, 2 processes"
FSYNCED = "FastAPI, Celery, Redis with appendfsync always, 1 process"


@dataclass(frozen=True, slots=True)
class Pair:
    """`ours` and `theirs` name contenders."""

    bar: Bar
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Match:
    """Contenders who are measured in one another's company; `notes` say what stood behind them."""

    name: str
    contenders: Mapping[str, Opening]
    pairs: Sequence[Pair]
    notes: tuple[str, ...]


async def results(run: Run) -> AsyncIterator[Result]:
    """Raises Unusable where a peer, nginx or Redis is not installed."""
    if not {bar.name for bar in bars.BESIDE_PEERS} & set(run.wanted):
        return
    needs.check()
    async with stand(run.folder) as ground:
        redis = f"Redis: {await durability(ground.redis)}"
        for match in (_at_once(ground, redis), _slowly(ground, redis), _accepting(ground, redis)):
            async for result in _played(match, run):
                yield result


def _at_once(stand: Stand, redis: str) -> Match:
    return Match(
        "drain",
        {
            FRANKED: partial(drains.franked, stand, stand.quick),
            LOOP: partial(drains.own_loop, stand),
            CELERY: partial(drains.celery, stand, stand.quick, "-c", "2"),
            PGQUEUER: partial(drains.pgqueuer, stand),
            POSTGRES: partial(drains.franked_postgres, stand),
            POST_OFFICE: partial(drains.post_office, stand),
        },
        (
            Pair(bars.DRAIN_CELERY, FRANKED, CELERY),
            Pair(bars.DRAIN_PGQUEUER, FRANKED, PGQUEUER),
            Pair(bars.DRAIN_POST_OFFICE, FRANKED, POST_OFFICE),
            Pair(bars.DRAIN_LOOP, FRANKED, LOOP),
            Pair(bars.POSTGRES_PGQUEUER, POSTGRES, PGQUEUER),
        ),
        (f"sink: {stand.quick.what}", redis, stand.postgres.what),
    )


def _slowly(stand: Stand, redis: str) -> Match:
    contenders: dict[str, Opening] = {
        FRANKED: partial(drains.franked, stand, stand.slow),
        THREADS: partial(drains.celery, stand, stand.slow, "-P", "threads", "-c", "32"),
    }
    return Match(
        "drain at 50 ms",
        contenders,
        (Pair(bars.DRAIN_50_CELERY, FRANKED, THREADS),),
        (f"sink: {stand.slow.what}", redis),
    )


def _accepting(stand: Stand, redis: str) -> Match:
    return Match(
        "accept",
        {
            FRANKED: partial(accepts.franked, stand),
            FASTAPI: partial(accepts.fastapi, stand, stand.redis, 1),
            TWO_FASTAPI: partial(accepts.fastapi, stand, stand.redis, 2),
            FSYNCED: partial(accepts.fastapi, stand, stand.fsynced, 1),
            BARE: partial(accepts.without_storage, stand),
            BATCH: partial(accepts.batches, stand),
        },
        (
            Pair(bars.ACCEPT_FASTAPI, FRANKED, FASTAPI),
            Pair(bars.ACCEPT_TWO, FRANKED, TWO_FASTAPI),
            Pair(bars.ACCEPT_FSYNC, FRANKED, FSYNCED),
            Pair(bars.ACCEPT_BARE, FRANKED, BARE),
            Pair(bars.BATCH, BATCH, FRANKED),
        ),
        (redis,),
    )


async def _played(match: Match, run: Run) -> AsyncIterator[Result]:
    pairs = [pair for pair in match.pairs if pair.bar.name in run.wanted]
    needed = {name for pair in pairs for name in (pair.ours, pair.theirs)}
    figures = await _rounds(match, needed, run)
    for pair in pairs:
        ours, theirs = (Side(who, tuple(figures[who])) for who in (pair.ours, pair.theirs))
        yield Result(pair.bar, ours, theirs, match.notes)


async def _rounds(match: Match, needed: Collection[str], run: Run) -> Mapping[str, Sequence[float]]:
    """What each came to, one a round."""
    figures = defaultdict(list)
    async with AsyncExitStack() as stack:
        rates = {
            who: await stack.enter_async_context(opening())
            for who, opening in match.contenders.items()
            if who in needed
        }
        for number in range(1, run.rounds + 1):
            for who, rate in rates.items():
                figures[who].append(await rate())
                run.tell(f"{match.name}, round {number}: {who}: {figures[who][-1]:,.0f}/s")
    return figures
