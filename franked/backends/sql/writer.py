"""The one writer: a thread in which all writes run, and what comes during one commit goes together into the next."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

from franked.backends.sql.faults import is_locked, translated
from franked.backends.sql.lines import Lines, Place
from franked.record import Busy
from franked.store import StoreUnavailable

E = TypeVar("E")
R = TypeVar("R")


def _silent(answer: object) -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Verb(Generic[E, R]):
    """A plain function of a connection and a batch; one result per element, in order."""

    run: Callable[[Connection, Sequence[E]], Sequence[R]]
    rings: Callable[[R], bool] = _silent  # may this result have made something due?


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What one caller waits for."""

    verb: Verb[Any, Any]
    elements: Sequence[Any]
    answer: "asyncio.Future[list[Any]]"


Outcome = tuple[Job, list[Any] | Exception]


class Writer:
    """Started in the event loop that it answers to."""

    def __init__(self, engine: Engine, ring: Callable[[], None]) -> None:
        self._engine = engine
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
        with self._open():
            self._draining.append(job)
        return await job.answer

    async def bring(self, verb: Verb[E, R], elements: Sequence[E], place: Callable[[E], Place]) -> list[R | Busy]:
        """As `submit`, for new mail: it stands behind what drains, in the line of its lane. What finds no room there is
        Busy, and not stored."""

        def job_of(numbers: list[int]) -> Job:
            return Job(verb, [elements[number] for number in numbers], self._loop.create_future())

        answers: list[R | Busy] = [Busy() for _ in elements]
        with self._open():
            entered = self._bringing.enter([place(element) for element in elements], job_of)
        found = await asyncio.gather(*(job.answer for _, job in entered))
        for number, answer in zip(chain(*(numbers for numbers, _ in entered)), chain(*found), strict=True):
            answers[number] = answer
        return answers

    @contextmanager
    def _open(self) -> Iterator[None]:
        """To put something into the lines, and wake the thread."""
        with self._changed:
            if self._closed:
                raise StoreUnavailable("nothing was stored: the store is closed")
            yield
            self._changed.notify()

    async def close(self) -> None:
        """What waits is still written."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while jobs := self._next():
            outcomes = self._commit(jobs)
            with suppress(RuntimeError):  # the loop is gone, and all who waited with it
                self._loop.call_soon_threadsafe(self._answer, outcomes)

    def _next(self) -> list[Job]:
        """Everything that drains, then a bounded share of what comes in. Empty: closed, and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._draining or self._bringing or self._closed)
            jobs = [*self._draining, *self._bringing.next()]
            self._draining.clear()
            return jobs

    def _commit(self, jobs: Sequence[Job]) -> list[Outcome]:
        try:
            return list(zip(jobs, self._transact(jobs), strict=True))
        except Exception as error:
            if is_locked(error):
                return [(job, translated(error)) for job in jobs]
            return [(job, self._alone(job)) for job in jobs]

    def _transact(self, jobs: Sequence[Job]) -> list[list[Any]]:
        """One transaction. Jobs of one verb run as one batch."""
        answers: dict[Job, list[Any]] = {}
        with self._engine.begin() as conn:
            for verb, same in _by_verb(jobs):
                results = iter(verb.run(conn, [element for job in same for element in job.elements]))
                answers |= {job: [next(results) for _ in job.elements] for job in same}
        return [answers[job] for job in jobs]

    def _alone(self, job: Job) -> list[Any] | Exception:
        """A job whose commit failed, by itself; then its elements one by one, unless the store itself can't: then
        nothing of it is stored."""
        try:
            return self._transact([job])[0]
        except Exception as error:
            unavailable = isinstance(translated(error), StoreUnavailable)
            if unavailable or len(job.elements) == 1:
                return translated(error)
        return self._one_by_one(job)

    def _one_by_one(self, job: Job) -> list[Any] | Exception:
        answers: list[Any] = []
        failure: Exception | None = None
        for element in job.elements:
            try:
                answers += self._transact([Job(job.verb, [element], job.answer)])[0]
            except Exception as error:
                failure = failure or translated(error)
        return failure or answers

    def _answer(self, outcomes: Sequence[Outcome]) -> None:
        """In the event loop. One ring a commit."""
        for job, answer in outcomes:
            if job.answer.done():  # cancelled
                continue
            if isinstance(answer, Exception):
                job.answer.set_exception(answer)
            else:
                job.answer.set_result(answer)
        if any(_is_ringing(job, answer) for job, answer in outcomes):
            self._ring()


def _is_ringing(job: Job, answer: list[Any] | Exception) -> bool:
    """Where one element of several failed, the others are stored."""
    return len(job.elements) > 1 if isinstance(answer, Exception) else any(map(job.verb.rings, answer))


def _by_verb(jobs: Iterable[Job]) -> Iterable[tuple[Verb[Any, Any], list[Job]]]:
    grouped: dict[Verb[Any, Any], list[Job]] = {}
    for job in jobs:
        grouped.setdefault(job.verb, []).append(job)
    return grouped.items()
