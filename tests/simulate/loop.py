"""An event loop whose clock jumps to what is due next, whose order is drawn, and in which a process can die.

Every callback belongs to a life (0: the world outside). What belongs to a dead life never runs again: no `finally`, no
`except`, as after `kill -9`. What belongs to a paused one waits, as after SIGSTOP.
"""

import asyncio
from asyncio.events import _set_running_loop
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, TypeVar, TypeVarTuple, Unpack

LIFE: ContextVar[int] = ContextVar("life", default=0)
OUTSIDE = copy_context()

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def context_of(life: int) -> Context:
    context = copy_context()
    context.run(LIFE.set, life)
    return context


class VirtualLoop(asyncio.BaseEventLoop):
    """No thread, no socket, no waiting. `mishaps`: what no one has caught."""

    def __init__(self, seed: object) -> None:
        super().__init__()
        self._random = Random(f"order {seed}")
        self._clock = 0.0
        self._soon: list[tuple[int, asyncio.Handle]] = []
        self._later: list[tuple[float, int, int, asyncio.Handle]] = []  # when, number, life
        self._numbers = count()
        self._dead: set[int] = set()
        self._paused: dict[int, float] = {}
        self._tasks: list[asyncio.Task[Any]] = []  # a task that nobody holds would be closed, and its `finally` run
        self._halted = False
        self.mishaps: list[str] = []
        self.set_exception_handler(self._keep)

    # what asyncio asks of a loop

    def time(self) -> float:
        return self._clock

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._soon.append((_life_of(context), handle))
        return handle

    def call_later(
        self, delay: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._clock + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._later, (when, next(self._numbers), _life_of(context), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        task = super().create_task(coro, context=context)
        self._tasks.append(task)
        return task

    def run_in_executor(self, executor: Any, func: Callable[[Unpack[Ts]], T], *args: *Ts) -> "asyncio.Future[T]":
        """There are no threads: whoever asks gets it at once."""
        answer = self.create_future()
        try:
            answer.set_result(func(*args))
        except Exception as error:
            answer.set_exception(error)
        return answer

    # lives

    def kill(self, life: int) -> None:
        self._dead.add(life)

    def pause(self, life: int, seconds: float) -> None:
        self._paused[life] = self._clock + seconds

    @property
    def someone_stands_still(self) -> bool:
        return any(until > self._clock and life not in self._dead for life, until in self._paused.items())

    # running

    def halt(self) -> None:
        self._halted = True

    def leap(self, seconds: float) -> None:
        """The whole machine was asleep."""
        self._clock += seconds

    def run_until(self, over: Callable[[], bool], latest: float) -> bool:
        """False when `latest` came first, or nothing is left to happen."""
        _set_running_loop(self)
        try:
            while not self._halted and not over():
                if not self._turn(latest):
                    return False
            return True
        finally:
            _set_running_loop(None)

    def _turn(self, latest: float) -> bool:
        """All that is ready at one moment, in any order."""
        if not self._soon:
            while self._later and self._later[0][3].cancelled():
                heappop(self._later)
            if not self._later or self._later[0][0] > latest:
                return False
            self._clock = max(self._clock, self._later[0][0])
        while self._later and self._later[0][0] <= self._clock:
            _, _, life, timer = heappop(self._later)
            self._soon.append((life, timer))
        ready, self._soon = self._soon, []
        if len(ready) > 1:
            self._random.shuffle(ready)
        for life, handle in ready:
            self._run(life, handle)
        return True

    def _run(self, life: int, handle: asyncio.Handle) -> None:
        if handle.cancelled() or life in self._dead or self._halted:
            return
        if self._paused and (until := self._paused.get(life, 0.0)) > self._clock:
            heappush(self._later, (until, next(self._numbers), life, handle))
            return
        handle._run()

    def _keep(self, loop: asyncio.AbstractEventLoop, said: dict[str, Any]) -> None:
        if "was destroyed" not in said["message"]:
            self.mishaps.append(f"{said['message']}: {said.get('exception')!r}")

    def failures(self) -> list[str]:
        """How tasks ended that nobody waited for."""
        unseen = [task for task in self._tasks if task.done() and getattr(task, "_log_traceback", False)]
        return [repr(task.exception()) for task in unseen]

    def close(self) -> None:
        """What is left of the dead is put away where it can touch nothing any more."""
        self.set_exception_handler(lambda loop, said: None)
        self._halted = True
        for task in self._tasks:
            coroutine = task.get_coro()
            if not task.done() and coroutine is not None:
                coroutine.close()
        self._tasks.clear()
        self._soon.clear()
        self._later.clear()
        super().close()


def _life_of(context: Context | None) -> int:
    return LIFE.get() if context is None else context.get(LIFE, 0)
