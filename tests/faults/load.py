"""An application that goes on posting, whatever becomes of the Franked it posts to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any

import aiohttp

HANDS = 16
BETWEEN = 0.1  # seconds, between the posts of one hand
AGAIN = 0.05
PATIENCE = aiohttp.ClientTimeout(total=5)
VARIABLES = {"receipt": {"number": "R-1"}, "sign-in-code": {"code": "424242"}, "digest": {"count": 3}}
STREAMS = ("sign-in-code",) * 6 + ("receipt",) * 3 + ("digest",)


class Turned(Exception):
    """An answer that a good application does not get."""


@dataclass(slots=True)
class Load:
    """Each draft has its key and is posted until it has a 202; `accepted` is the application's own list."""

    door: str
    key: str
    http: aiohttp.ClientSession
    chance: Random
    accepted: list[str] = field(default_factory=list)
    _enough: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: "count[int]" = field(default_factory=count)

    @asynccontextmanager
    async def posting(self) -> AsyncIterator[None]:
        """What it has begun to post at the end of the block, it still gets accepted."""
        async with asyncio.TaskGroup() as hands:
            for _ in range(HANDS):
                hands.create_task(self._post_on())
            yield
            self._enough.set()

    async def _post_on(self) -> None:
        while not self._enough.is_set():
            number = next(self._numbers)
            self.accepted.append(await self._accepted(self._draft(number), f"order-{number}"))
            await asyncio.sleep(BETWEEN)

    def _draft(self, number: int) -> dict[str, Any]:
        stream = self.chance.choice(STREAMS)
        trigger = {"act": "purchase", "by": f"account-{number}", "at": datetime.now(UTC).isoformat()}
        to = f"reader{number}@example.net"
        return {"stream": stream, "to": to, "variables": VARIABLES[stream], "trigger": trigger}

    async def _accepted(self, draft: dict[str, Any], key: str) -> str:
        while (id_ := await self._post(draft, key)) is None:
            await asyncio.sleep(AGAIN)
        return id_

    async def _post(self, draft: dict[str, Any], key: str) -> str | None:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        posted = self.http.post(f"{self.door}/v1/messages", json=draft, headers=headers, timeout=PATIENCE)
        try:
            async with posted as answer:
                if answer.status in {429, 503}:
                    return None
                if answer.status != 202:
                    raise Turned(f"{answer.status} {await answer.text()}")
                return str((await answer.json())["id"])
        except (aiohttp.ClientError, TimeoutError):
            return None
