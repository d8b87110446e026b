"""A worker of several stands still, as a paused virtual machine does, and wakes when others have gone on (real
processes); how one sleeps past its leases is in long_sleep."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import asyncpg

from tests.commandline import Up, until, up
from tests.product import settings_in
from tests.sharing import copies, sharing, worker

BRIEF_CALLS = ('region = "eu-central-1"', 'region = "eu-central-1"\ncall_deadline = "1s"')  # a lease: 41 s
ENDED_WITHIN = 120.0  # seconds: the lease, the wait for an event, and a busy machine
WAITS_FOR_THE_BUCKET = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'SELECT bucket%'"""


@asynccontextmanager
async def held(database: str, statement: str) -> AsyncIterator[None]:
    """What the statement locks, until the block ends."""
    connection = await asyncpg.connect(database)
    async with connection.transaction():
        await connection.execute(statement)
        yield
    await connection.close()


async def seen(database: str, question: str) -> None:
    """Until its answer is not nought."""
    connection = await asyncpg.connect(database)
    async with asyncio.timeout(ENDED_WITHIN):
        while not await connection.fetchval(question):
            await asyncio.sleep(0.02)
    await connection.close()


def arrive(door: Up, ids: Sequence[str], state: str = "delivered") -> None:
    until(lambda: set(door.states(ids)) == {state}, ENDED_WITHIN)


async def test_a_worker_that_stands_still_in_a_transaction_holds_nobody_up(tmp_path: Path, database: str) -> None:
    """It has the bucket's row, from which every worker draws."""
    settings_in(tmp_path, BRIEF_CALLS)
    with up(tmp_path, "--door-only", **sharing(database)) as door, worker(door, database, 1) as sleeper:
        arrive(door, [door.send("a@example.net", "receipt", number="R-1")])
        async with held(database, "SELECT * FROM bucket FOR UPDATE"):
            second = door.send("b@example.net", "receipt", number="R-1")
            await seen(database, WAITS_FOR_THE_BUCKET)
            sleeper.send_signal(SIGSTOP)
        with worker(door, database, 2):
            arrive(door, [second, door.send("c@example.net", "receipt", number="R-1")])
        sleeper.send_signal(SIGCONT)
        arrive(door, [door.send("d@example.net", "receipt", number="R-1")])
        taken = copies(door)
        assert len(taken) == len(set(taken)) == 4
