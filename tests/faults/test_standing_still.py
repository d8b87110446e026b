"""A worker of several stands still, as a paused virtual machine does, and wakes when others have gone on (real
processes)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree
from signal import SIGCONT, SIGSTOP
from typing import Any

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


def machine_without_templates(tmp_path: Path) -> Path:
    """What it sends it reads from the store's shelf first."""
    folder = tmp_path / "bare"
    settings_in(folder, BRIEF_CALLS)
    rmtree(folder / "mail")
    return folder


def arrive(door: Up, ids: Sequence[str], state: str = "delivered") -> None:
    until(lambda: set(door.states(ids)) == {state}, ENDED_WITHIN)


def stories(door: Up, ids: Sequence[str]) -> list[dict[str, Any]]:
    return [door.ask(f"/v1/messages/{one}") for one in ids]


def first_outcomes(door: Up, ids: Sequence[str]) -> set[str]:
    return {f"{story['attempts'][0]['outcome']} {story['attempts'][0]['detail']}" for story in stories(door, ids)}


def called_none(door: Up, ids: Sequence[str]) -> bool:
    return all(outcome.startswith("try_later too_late_to_call") for outcome in first_outcomes(door, ids))


async def test_a_worker_that_wakes_after_its_leases_calls_no_more(tmp_path: Path, database: str) -> None:
    """It had taken the mails and was about to compose them. The codes are sent again by another worker, as no event has
    come; the receipts wait for the late word that they were never sent."""
    settings_in(tmp_path, BRIEF_CALLS)
    bare = machine_without_templates(tmp_path)
    with up(tmp_path, "--door-only", **sharing(database)) as door, worker(door, database, 1) as awake:
        awake.send_signal(SIGSTOP)  # so that the other one takes them
        with worker(door, database, 2, bare) as sleeper:
            async with held(database, "LOCK TABLE templates IN ACCESS EXCLUSIVE MODE"):
                codes = [door.send(f"a{n}@example.net", "sign-in-code", code="424242") for n in range(2)]
                receipts = [door.send(f"b{n}@example.net", "receipt", number="R-1") for n in range(2)]
                arrive(door, codes + receipts, "sending")
                sleeper.send_signal(SIGSTOP)
                awake.send_signal(SIGCONT)
                arrive(door, [door.send("c@example.net", "receipt", number="R-1")])  # nobody waits for the sleeper
                arrive(door, codes + receipts, "unknown")
                arrive(door, codes)
                assert set(door.states(receipts)) == {"unknown"}
                assert first_outcomes(door, codes + receipts) == {"unknown the lease ended without an answer"}
                sleeper.send_signal(SIGCONT)
            arrive(door, receipts)
            until(lambda: called_none(door, codes + receipts), ENDED_WITHIN)
        taken = copies(door)
        assert [taken.count(one) for one in codes + receipts] == [1, 1, 1, 1]
        decided = [[line["what"] for line in story["ledger"]].count("resend") for story in stories(door, codes)]
        assert decided == [1, 1]


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
