"""Every call of a port is counted, and the planned ones go wrong: before or after they take effect."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from franked.backends.local.faults import When
from franked.ports import AccountUnreadable, FeedUnavailable
from franked.rules.outcome import Delay, TryLater, Unknown
from franked.store import StoreUnavailable
from tests.simulate.loop import LIFE
from tests.simulate.plan import Mishap, Outage, Plan
from tests.simulate.trace import Trace

T = TypeVar("T")


class Watch:
    """Of all processes of a run. `kill`, `pause`: what becomes of the process of a life. `promised`: a verb of the
    store that takes a batch has returned."""

    def __init__(
        self,
        plan: Plan,
        trace: Trace,
        kill: Callable[[int], None],
        pause: Callable[[int, float], None],
        promised: Callable[[str, Sequence[Any]], None],
    ) -> None:
        self._plan, self._trace, self._kill, self._pause, self._promised = plan, trace, kill, pause, promised
        self._by_name: Counter[str] = Counter()
        self.calls: list[str] = []
        self.outage: Outage | None = None
        self.befallen = 0

    def over(self, port: T, name: str) -> T:
        """The port, watched."""
        return cast(T, _Watched(port, name, self))

    async def call(self, name: str, ask: Callable[[], Awaitable[Any]], batch: Any = None) -> Any:
        mishap = self._next(name)
        if mishap is Mishap.PAUSED:
            self._pause(LIFE.get(), self._plan.pause)
            await asyncio.sleep(0)
        if mishap is Mishap.KILLED_BEFORE:
            await self._die()
        if mishap is Mishap.FAILED:
            return _nothing_of(name)
        answer = await ask()
        if name.startswith("store.") and isinstance(batch, list | tuple):
            self._promised(name.removeprefix("store."), batch)
        if mishap is Mishap.KILLED_AFTER:
            await self._die()
        return _lost(name, answer) if mishap is Mishap.LOST else answer

    def tell(self, name: str, tell: Callable[[], None]) -> None:
        """A call that is not waited for."""
        mishap = self._next(name)
        if mishap is Mishap.KILLED_BEFORE:
            self._kill(LIFE.get())
        elif mishap not in {Mishap.LOST, Mishap.FAILED}:
            tell()
        if mishap is Mishap.KILLED_AFTER:
            self._kill(LIFE.get())

    def _next(self, name: str) -> Mishap | None:
        self.calls.append(name)
        self._by_name[name] += 1
        number, of_its_kind = len(self.calls), (name, self._by_name[name])
        mishap = self._plan.mishaps.get(number) or self._plan.mishaps.get(of_its_kind) or self._out(name)
        if mishap:
            self.befallen += 1
            self._trace.say(f"{mishap} {name} (call {number})")
        return mishap

    def _out(self, name: str) -> Mishap | None:
        if self.outage is None or not name.startswith("store."):
            return None
        return Mishap.LOST if self.outage.when is When.AFTER else Mishap.FAILED

    async def _die(self) -> None:
        self._kill(LIFE.get())
        await asyncio.get_running_loop().create_future()  # never: nothing of a dead life runs again


class _Watched:
    def __init__(self, port: object, name: str, watch: Watch) -> None:
        self._port, self._name, self._watch = port, name, watch

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        asked, name, watch = getattr(self._port, verb), f"{self._name}.{verb}", self._watch

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await watch.call(name, lambda: asked(*args, **kwargs), *args[:1])

        def tell(*args: Any) -> None:
            watch.tell(name, lambda: asked(*args))

        watched = call if inspect.iscoroutinefunction(asked) else tell
        setattr(self, verb, watched)
        return watched


def _lost(name: str, answer: Any) -> Any:
    """What a caller sees whose call took effect."""
    return Unknown("the answer was lost") if name == "transport.send" else _unavailable(name, answer)


def _nothing_of(name: str) -> Any:
    return TryLater(Delay.CONNECTION, "no connection") if name == "transport.send" else _unavailable(name, None)


def _unavailable(name: str, answer: Any) -> Any:
    match name.partition(".")[0]:
        case "store":
            raise StoreUnavailable("the database does not answer")
        case "account":
            raise AccountUnreadable("no answer")
        case "feed":
            raise FeedUnavailable("no answer")
        case _:  # a bell, a certificate
            return answer
