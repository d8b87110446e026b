"""Writing and reading on PostgreSQL: what drains and what comes in have a connection each, and commit side by side."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, text

from franked.backends.sql.commits import Commits, Job, Outcome, Verb, answered, is_ringing
from franked.backends.sql.faults import translated
from franked.backends.sql.lines import Lines, Place, gathered
from franked.record import Busy
from franked.store import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

E = TypeVar("E")
R = TypeVar("R")

CHANNEL = "franked"
_NOTIFY = text(f"NOTIFY {CHANNEL}")


class Tasks:
    """What comes during one commit of a line goes together into its next one. Whoever else listens hears of it by one
    NOTIFY in the same transaction."""

    def __init__(self, engine: "AsyncEngine", ring: Callable[[], None]) -> None:
        self._engine = engine
        self._ring = ring
        self._draining: deque[Job] = deque()
        self._bringing: Lines[Job] = Lines()
        self._drains, self._brings = asyncio.Event(), asyncio.Event()
        self._closed = False
        self._lines = [
            asyncio.create_task(self._work(self._drains, self._next_to_drain), name="drain"),
            asyncio.create_task(self._work(self._brings, self._bringing.next), name="bring"),
        ]

    async def submit(self, verb: Verb[E, R], elements: Sequence[E]) -> list[R]:
        """What is answered is durable. A caller that is cancelled while it waits has asked all the same."""
        if not elements:
            return []
        self._refuse_when_closed()
        job = Job(verb, elements, asyncio.get_running_loop().create_future())
        self._draining.append(job)
        self._drains.set()
        return await job.answer

    async def bring(self, verb: Verb[E, R], elements: Sequence[E], place: Callable[[E], Place]) -> list[R | Busy]:
        """As `submit`, for new mail, in the line of its lane. What finds no room there is Busy, and not stored."""

        def job_of(numbers: list[int]) -> Job:
            asked = [elements[number] for number in numbers]
            return Job(verb, asked, asyncio.get_running_loop().create_future())

        self._refuse_when_closed()
        entered = self._bringing.enter([place(element) for element in elements], job_of)
        self._brings.set()
        return await gathered(entered, len(elements))

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable("nothing was stored: the store is closed")

    async def close(self) -> None:
        """What waits is still written."""
        self._closed = True
        self._drains.set()
        self._brings.set()
        await asyncio.gather(*self._lines)

    async def _work(self, came: asyncio.Event, following: Callable[[], list[Job]]) -> None:
        while True:
            await came.wait()
            came.clear()
            while jobs := following():
                self._answer(await self._committed(jobs))
            if self._closed:
                return

    def _next_to_drain(self) -> list[Job]:
        jobs = list(self._draining)
        self._draining.clear()
        return jobs

    async def _committed(self, jobs: Sequence[Job]) -> list[Outcome]:
        try:
            async with self._engine.connect() as conn:
                return await conn.run_sync(_committed_on, jobs)
        except Exception as error:
            return [(job, translated(error)) for job in jobs]

    def _answer(self, outcomes: Sequence[Outcome]) -> None:
        """One ring a commit."""
        answered(outcomes)
        if any(map(is_ringing, outcomes)):
            self._ring()


def _committed_on(conn: Connection, jobs: Sequence[Job]) -> list[Outcome]:
    @contextmanager
    def begun() -> Iterator[Connection]:
        with conn.begin():
            yield conn

    return Commits(begun, _announce).commit(jobs)


def _announce(conn: Connection) -> None:
    conn.execute(_NOTIFY)


class Asker:
    """Questions, each on a connection of the pool."""

    def __init__(self, engine: "AsyncEngine") -> None:
        self._engine = engine

    async def ask(self, question: Callable[[Connection], R]) -> R:
        try:
            async with self._engine.begin() as conn:
                return await conn.run_sync(question)
        except Exception as error:
            raise translated(error) from error

    async def close(self) -> None:
        """The engine is its owner's."""
