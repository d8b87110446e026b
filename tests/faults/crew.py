"""The Frankeds that are killed: at each post one after the other.

Each is a process of its own, forked from one that has loaded everything: Python's imports take longer than the recovery
that is to be proven.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import aiohttp

from franked.doors.cli.up import up
from franked.doors.cli.work import work
from tests.faults.place import Place

LOOK_EVERY = 0.01
READY_WITHIN = 60.0  # seconds, on a machine that has other things to do

_processes = multiprocessing.get_context("forkserver")


class Duty(StrEnum):
    ALL = "up"
    DOOR = "door"
    WORKER = "worker"


def _live(duty: Duty, config: Path, environment: Mapping[str, str], log: Path) -> None:
    """`franked up --ses aws`, or `franked work`. It does not outlive those who would kill it."""
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    threading.Thread(target=_end_with_the_harness, daemon=True).start()
    if duty is Duty.WORKER:
        sys.exit(work(config, None, None))
    sys.exit(up(config, "aws", None, None, door_only=duty is Duty.DOOR))


def _end_with_the_harness() -> None:
    harness = multiprocessing.parent_process()
    assert harness is not None
    harness.join()
    os.kill(os.getpid(), signal.SIGTERM)


class Died(Exception):
    """A Franked that ended by itself: what it said last."""


@dataclass(frozen=True, slots=True)
class Franked:
    """One process. `said_before`: how long the log of its post was when it began."""

    process: ForkServerProcess
    duty: Duty
    place: Place
    log: Path
    said_before: int
    http: aiohttp.ClientSession

    async def ready(self) -> None:
        async with asyncio.timeout(READY_WITHIN):
            while not await self.is_ready():
                self._look()
                await asyncio.sleep(LOOK_EVERY)

    async def is_ready(self) -> bool:
        """Its door answers, and the first key is there; a worker has said that it is one."""
        if self.duty is Duty.WORKER:
            return b"A worker at" in self.log.read_bytes()[self.said_before :]
        return await self._answers() and self.place.has_key

    async def _answers(self) -> bool:
        try:
            async with self.http.get(f"{self.place.door}/livez") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def kill(self) -> datetime:
        """`kill -9`, and the moment of it. Raises Died when there was nobody left to kill."""
        self._look()
        at = datetime.now(UTC)
        self.process.kill()
        await self._gone()
        return at

    def stand_still(self) -> None:
        """Until it is woken."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        assert self.process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, which)

    async def end(self) -> None:
        """As an operator ends it."""
        self.process.terminate()
        await self._gone()
        if self.process.exitcode:
            raise Died(self.last_words)

    async def _gone(self) -> None:
        await asyncio.to_thread(self.process.join)

    def _look(self) -> None:
        if not self.process.is_alive():
            raise Died(self.last_words)

    @property
    def last_words(self) -> str:
        return "\n".join(self.log.read_text().splitlines()[-20:])


class Crew:
    """Of one post."""

    def __init__(self, place: Place, http: aiohttp.ClientSession, duty: Duty = Duty.ALL, post: str = "franked") -> None:
        self._place, self._http = place, http
        self.duty, self.post = duty, post
        self._last: Franked | None = None

    @property
    def on_duty(self) -> Franked:
        return self._last or self.relieve()

    def relieve(self) -> Franked:
        """The next one, when the one before is gone."""
        place, log = self._place, self._place.log_of(self.post)
        log.touch()
        process = _processes.Process(target=_live, args=(self.duty, place.config, place.environment, log), daemon=True)
        said_before = log.stat().st_size
        process.start()
        self._last = Franked(process, self.duty, place, log, said_before, self._http)
        return self._last

    def dismiss(self) -> None:
        """Nobody stays behind."""
        if self._last:
            self._last.process.kill()
            self._last.process.join()


@asynccontextmanager
async def crews_of(place: Place, *posts: tuple[Duty, str]) -> AsyncIterator[list[Crew]]:
    _processes.set_forkserver_preload(["tests.faults.several", "sqlalchemy.dialects.postgresql.asyncpg"])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as http:
        crews = [Crew(place, http, duty, post) for duty, post in posts]
        try:
            yield crews
        finally:
            for crew in crews:
                crew.dismiss()
