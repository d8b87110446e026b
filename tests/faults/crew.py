"""The Frankeds that are killed, one after the other.

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
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import aiohttp

from franked.doors.cli.up import up
from tests.faults.place import Place

LOOK_EVERY = 0.01
READY_WITHIN = 30.0

_processes = multiprocessing.get_context("forkserver")


def _live(config: Path, environment: Mapping[str, str], log: Path) -> None:
    """`franked up --ses aws`. It does not outlive those who would kill it."""
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    threading.Thread(target=_end_with_the_harness, daemon=True).start()
    sys.exit(up(config, "aws", None, None))


def _end_with_the_harness() -> None:
    harness = multiprocessing.parent_process()
    assert harness is not None
    harness.join()
    os.kill(os.getpid(), signal.SIGTERM)


class Died(Exception):
    """A Franked that ended by itself: what it said last."""


@dataclass(frozen=True, slots=True)
class Franked:
    """One process of `franked up`."""

    process: ForkServerProcess
    place: Place
    http: aiohttp.ClientSession

    async def ready(self) -> None:
        """Its door answers, and the first key is there."""
        async with asyncio.timeout(READY_WITHIN):
            while not (await self._answers() and self.place.has_key):
                self._look()
                await asyncio.sleep(LOOK_EVERY)

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

    async def end(self) -> None:
        """As an operator ends it."""
        self.process.terminate()
        await self._gone()
        if self.process.exitcode:
            raise Died(self.place.last_words)

    async def _gone(self) -> None:
        await asyncio.to_thread(self.process.join)

    def _look(self) -> None:
        if not self.process.is_alive():
            raise Died(self.place.last_words)


class Crew:
    def __init__(self, place: Place, http: aiohttp.ClientSession) -> None:
        self._place, self._http = place, http
        self._last: Franked | None = None

    def relieve(self) -> Franked:
        """The next one, when the one before is gone."""
        place = self._place
        process = _processes.Process(target=_live, args=(place.config, place.environment, place.log), daemon=True)
        process.start()
        self._last = Franked(process, place, self._http)
        return self._last

    def dismiss(self) -> None:
        """Nobody stays behind."""
        if self._last:
            self._last.process.kill()
            self._last.process.join()


@asynccontextmanager
async def crew_of(place: Place) -> AsyncIterator[Crew]:
    _processes.set_forkserver_preload(["tests.faults.kills"])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as http:
        crew = Crew(place, http)
        try:
            yield crew
        finally:
            crew.dismiss()
