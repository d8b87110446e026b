"""Mail comes in over HTTP: stored for good before the answer, and, for comparison, not stored at all."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import msgspec

from franked.doors.cli.bench.house import body
from franked.doors.http.app import create_app
from franked.doors.http.context import Door
from franked.doors.http.keyring import Keyring, make_key
from franked.doors.serving import listening, serving
from franked.ports import World
from franked.record import Added, Candidate
from franked.rules.message import State
from franked.store import Store

SINGLE = 2000
BATCHES, IN_A_BATCH = 30, 100
_numbers = count(1)


class Forgetful:
    """A record that stores no mail, and says that it has."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, candidates: Sequence[Candidate]) -> list[Added]:
        return [Added(one.message.id, State.QUEUED, None) for one in candidates]

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._store, verb)


@dataclass(frozen=True, slots=True)
class OpenDoor:
    url: str
    key: str

    async def singles(self, mails: int = SINGLE) -> float:
        """Mails a second, each in a request of its own."""
        return await poured(f"{self.url}/v1/messages", self.key, bodies(mails))

    async def batches(self) -> float:
        """Mails a second, a hundred in a request."""
        many = [{"messages": [body(next(_numbers)) for _ in range(IN_A_BATCH)]} for _ in range(BATCHES)]
        return IN_A_BATCH * await poured(f"{self.url}/v1/messages/batch", self.key, map(msgspec.json.encode, many))


@asynccontextmanager
async def storing(world: World) -> AsyncIterator[OpenDoor]:
    shown, record = make_key("bench", frozenset(), frozenset(), world.now())
    async with serving(create_app(Door(world, Keyring(world.store, control=record))), listening("127.0.0.1", 0)) as url:
        yield OpenDoor(url, shown)


@asynccontextmanager
async def forgetting(world: World) -> AsyncIterator[OpenDoor]:
    async with storing(replace(world, store=Forgetful(world.store))) as door:  # type: ignore[arg-type]  # it has the rest by asking
        yield door


def bodies(number: int) -> list[bytes]:
    return [msgspec.json.encode(body(next(_numbers))) for _ in range(number)]


async def poured(url: str, key: str, bodies: Iterable[bytes]) -> float:
    """Requests a second, by a process of its own: the caller's work is not the door's."""
    command = [sys.executable, "-m", "franked.doors.cli.bench.load", url, key]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    said, _ = await process.communicate(b"\n".join(bodies))
    assert process.returncode == 0
    return float(said)
