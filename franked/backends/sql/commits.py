"""Jobs that come together are committed together; where that fails, each by itself, and then one by one."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from franked.backends.sql.faults import is_locked, is_worth_another_try, translated
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


@dataclass(slots=True, eq=False)
class Job:
    """What one caller waits for."""

    verb: Verb[Any, Any]
    elements: Sequence[Any]
    answer: "asyncio.Future[list[Any]]"


Outcome = tuple[Job, list[Any] | Exception]


def _nobody(conn: Connection) -> None:
    """Is told."""


@dataclass(frozen=True, slots=True)
class Commits:
    """`begin` opens a transaction. `announce` is called within one that has made something due, before it ends."""

    begin: Callable[[], AbstractContextManager[Connection]]
    announce: Callable[[Connection], None] = _nobody

    def commit(self, jobs: Sequence[Job]) -> list[Outcome]:
        try:
            return list(zip(jobs, self._transact(jobs), strict=True))
        except Exception as error:
            if is_locked(error):
                return [(job, translated(error)) for job in jobs]
            return [(job, self._alone(job)) for job in jobs]

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

    def _transact(self, jobs: Sequence[Job]) -> list[list[Any]]:
        """Once more where another's transaction came in between and the database says so."""
        try:
            return self._transacted(jobs)
        except Exception as error:
            if not is_worth_another_try(error):
                raise
        return self._transacted(jobs)

    def _transacted(self, jobs: Sequence[Job]) -> list[list[Any]]:
        """One transaction. Jobs of one verb run as one batch."""
        answers: dict[Job, list[Any]] = {}
        with self.begin() as conn:
            for verb, same in _by_verb(jobs):
                results = iter(verb.run(conn, [element for job in same for element in job.elements]))
                answers |= {job: [next(results) for _ in job.elements] for job in same}
            if any(is_ringing((job, answers[job])) for job in jobs):
                self.announce(conn)
        return [answers[job] for job in jobs]


def is_ringing(outcome: Outcome) -> bool:
    """Where one element of several failed, the others are stored."""
    job, answer = outcome
    return len(job.elements) > 1 if isinstance(answer, Exception) else any(map(job.verb.rings, answer))


def answered(outcomes: Sequence[Outcome]) -> None:
    """In the event loop that the callers wait in."""
    for job, answer in outcomes:
        if job.answer.done():  # cancelled
            continue
        if isinstance(answer, Exception):
            job.answer.set_exception(answer)
        else:
            job.answer.set_result(answer)


def _by_verb(jobs: Iterable[Job]) -> Iterable[tuple[Verb[Any, Any], list[Job]]]:
    grouped: dict[Verb[Any, Any], list[Job]] = {}
    for job in jobs:
        grouped.setdefault(job.verb, []).append(job)
    return grouped.items()
