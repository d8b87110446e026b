"""The one writer of an SQLite file: a thread in which all writes run, each commit with all that came meanwhile."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Engine

from franked.backends.sql.commits import Commits, Job, Outcome, Verb, answered, is_ringing
from franked.backends.sql.lines import Lines, Place, gathered
from franked.record import Busy
from franked.store import StoreUnavailable

E = TypeVar("E")
R = TypeVar("R")


class Writer:
    """Started in the event loop that it answers to."""

    def __init__(self, engine: Engine, ring: Callable[[], None]) -> None:
        self._engine = engine
        self._commits = Commits(engine.begin)
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._draining: deque[Job] = deque()
        self._bringing: Lines[Job] = Lines()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="franked-writer", daemon=True)
        self._thread.start()

    async def submit(self, verb: Verb[E, R], elements: Sequence[E]) -> list[R]:
        """What is answered is durable. A caller that is cancelled while it waits has asked all the same."""
        if not elements:
            return []
        job = Job(verb, elements, self._loop.create_future())
        with self._changed:
            self._ask_if_open()
            self._draining.append(job)
            self._wake()
        return await job.answer

    async def bring(self, verb: Verb[E, R], elements: Sequence[E], place: Callable[[E], Place]) -> list[R | Busy]:
        """As `submit`, for new mail: it stands behind what drains, in the line of its lane. What finds no room there is
        Busy, and not stored."""

        def job_of(numbers: list[int]) -> Job:
            return Job(verb, [elements[number] for number in numbers], self._loop.create_future())

        with self._changed:
            self._ask_if_open()
            entered = self._bringing.enter([place(element) for element in elements], job_of)
            self._wake()
        return await gathered(entered, len(elements))

    def _wake(self) -> None:
        """The thread; whoever calls holds the lock."""
        self._changed.notify()

    def _ask_if_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("nothing was stored: the store is closed")

    async def close(self) -> None:
        """What waits is still written."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while jobs := self._next():
            outcomes = self._commits.commit(jobs)
            with suppress(RuntimeError):  # the loop is gone, and all who waited with it
                self._loop.call_soon_threadsafe(self._answer, outcomes)

    def _next(self) -> list[Job]:
        """Everything that drains, then a bounded share of what comes in. Empty: closed, and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._draining or self._bringing or self._closed)
            jobs = [*self._draining, *self._bringing.next()]
            self._draining.clear()
            return jobs

    def _answer(self, outcomes: Sequence[Outcome]) -> None:
        """In the event loop. One ring a commit."""
        answered(outcomes)
        if any(map(is_ringing, outcomes)):
            self._ring()
