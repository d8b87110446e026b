"""What waits for a commit that brings in new mail: a line for each lane, each with an end."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Generic, TypeVar

from franked.backends.sql.commits import Job
from franked.record import Busy
from franked.rules.intake import Waiting, has_room
from franked.rules.lane import Lane

ADDS_A_COMMIT = 200  # of each lane: drafts that wait may not starve the drain, the rest comes with the next commit

J = TypeVar("J")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft waits, and how many bytes it came in with."""

    lane: Lane
    size: int


@dataclass(slots=True)
class Lines(Generic[J]):
    """Whoever owns it holds a lock meanwhile."""

    _jobs: dict[Lane, deque[tuple[J, Waiting]]] = field(default_factory=lambda: {lane: deque() for lane in Lane})
    _waiting: dict[Lane, Waiting] = field(default_factory=lambda: dict.fromkeys(Lane, Waiting()))

    def __bool__(self) -> bool:
        return any(self._jobs.values())

    def enter(self, places: Sequence[Place], job_of: Callable[[list[int]], J]) -> list[tuple[list[int], J]]:
        """One job for each lane: of the places (their numbers) for which there is room now."""
        entered = []
        for lane in {place.lane for place in places}:
            numbers, load = self._with_room(lane, places)
            if numbers:
                job = job_of(numbers)
                self._jobs[lane].append((job, load))
                self._waiting[lane] += load
                entered.append((numbers, job))
        return entered

    def _with_room(self, lane: Lane, places: Sequence[Place]) -> tuple[list[int], Waiting]:
        numbers, load = [], Waiting()
        for number, place in enumerate(places):
            if place.lane is lane and has_room(lane, self._waiting[lane] + load):
                numbers.append(number)
                load += Waiting(1, place.size)
        return numbers, load

    def next(self) -> list[J]:
        """A bounded share of each line, the most urgent first. A job is never divided."""
        return [job for lane in Lane for job in self._next_of(lane)]

    def _next_of(self, lane: Lane) -> Iterator[J]:
        room = ADDS_A_COMMIT
        while self._jobs[lane] and room > 0:
            job, load = self._jobs[lane].popleft()
            self._waiting[lane] -= load
            room -= load.drafts
            yield job


async def gathered(entered: Sequence[tuple[list[int], Job]], number: int) -> list[Any]:
    """The answers of those that found room, in the order of all `number` that asked; the others are Busy."""
    if len(entered) == 1 and len(entered[0][0]) == number:  # nearly every request: one lane, and room in it
        return list(await entered[0][1].answer)
    answers: list[Any] = [Busy() for _ in range(number)]
    found = await asyncio.gather(*(job.answer for _, job in entered))
    for place, answer in zip(chain(*(numbers for numbers, _ in entered)), chain(*found), strict=True):
        answers[place] = answer
    return answers
