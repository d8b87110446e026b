"""What AWS said is asked once, however many checks want to know it: AWS takes a call a second."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from franked.outside import Control
from franked.rules.at_aws import Details, Increase, NotTaken, Queue, Quota, SesAccount, SesIdentity, SesSet, SnsTopic
from franked.rules.steps import Step

T = TypeVar("T")


class Once:
    """The port `Control`, for one round of checks: what was read stays as it was."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._asked: dict[tuple[str, ...], asyncio.Task[object]] = {}

    async def caller(self) -> str:
        return await self._once(self._control.caller, "caller")

    async def account(self) -> SesAccount:
        return await self._once(self._control.account, "account")

    async def identity(self, name: str) -> SesIdentity | None:
        return await self._once(lambda: self._control.identity(name), "identity", name)

    async def identities(self) -> Sequence[str]:
        return await self._once(self._control.identities, "identities")

    async def configuration_set(self, name: str) -> SesSet | None:
        return await self._once(lambda: self._control.configuration_set(name), "set", name)

    async def topic(self, arn: str) -> SnsTopic | None:
        return await self._once(lambda: self._control.topic(arn), "topic", arn)

    async def queue(self, name: str) -> Queue | None:
        return await self._once(lambda: self._control.queue(name), "queue", name)

    async def alarms(self, prefix: str) -> frozenset[str]:
        return await self._once(lambda: self._control.alarms(prefix), "alarms", prefix)

    async def dashboard(self, name: str) -> str | None:
        return await self._once(lambda: self._control.dashboard(name), "dashboard", name)

    async def quotas(self) -> Sequence[Quota]:
        return await self._once(self._control.quotas, "quotas")

    async def increases(self) -> Sequence[Increase]:
        return await self._once(self._control.increases, "increases")

    async def take(self, step: Step) -> None:
        await self._control.take(step)

    async def put_details(self, details: Details) -> NotTaken | None:
        return await self._control.put_details(details)

    async def ask_increase(self, code: str, value: float) -> Increase | NotTaken:
        return await self._control.ask_increase(code, value)

    async def _once(self, ask: Callable[[], Awaitable[T]], *name: str) -> T:
        """Who gives up waiting leaves the question to the others."""
        if name not in self._asked:
            self._asked[name] = asyncio.ensure_future(_run(ask))
        return cast(T, await asyncio.shield(self._asked[name]))


async def _run(ask: Callable[[], Awaitable[object]]) -> object:
    return await ask()
