"""Where it all happens: the product's folder, its settings, and what its processes find in their environment."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import msgspec

from franked.backends.local import TakenMail
from franked.doors.cli.up import FIRST_KEY
from franked.settings import Settings
from tests.product import settings_in

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
SENDERS = ("backup.example.com",)
CALL_DEADLINE = timedelta(seconds=1)  # on PostgreSQL: a lease ends while there is still somebody to be killed
_taken = msgspec.json.Decoder(list[TakenMail])


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of the account's process."""

    ses: str
    sqs: str

    @property
    def queue(self) -> str:
        return f"{self.sqs}/111122223333/events"


class _Planned(msgspec.Struct):
    times: int


class _State(msgspec.Struct):
    faults: list[_Planned]
    outstanding: int


_states = msgspec.json.Decoder(_State)


@dataclass(frozen=True, slots=True)
class Account:
    """The account's process, as seen from the harness."""

    at: Addresses
    http: aiohttp.ClientSession

    async def taken(self) -> list[TakenMail]:
        """The account's own list."""
        async with self.http.get(f"{self.at.ses}/_simulator/taken") as answer:
            return _taken.decode(await answer.read())

    async def answer_late(self, times: int, seconds: float) -> None:
        """The next sends are taken at once, and answered `seconds` later."""
        fault = {"what": "slow", "times": times, "when": "after", "seconds": seconds}
        async with self.http.post(f"{self.at.ses}/_simulator/faults", json=fault) as answer:
            answer.raise_for_status()

    async def clear_faults(self) -> None:
        async with self.http.delete(f"{self.at.ses}/_simulator/faults") as answer:
            answer.raise_for_status()

    async def faults_left(self) -> int:
        return sum(fault.times for fault in (await self._state()).faults)

    async def events_on_their_way(self) -> int:
        """To the queue; what lies in it is not counted."""
        return (await self._state()).outstanding

    async def events_queued(self) -> int:
        """In the queue, and with whoever took them from it and has not settled them yet."""
        async with self.http.get(f"{self.at.sqs}/left") as answer:
            return int(await answer.text())

    async def _state(self) -> _State:
        async with self.http.get(f"{self.at.ses}/_simulator/state") as answer:
            return _states.decode(await answer.read())


@asynccontextmanager
async def account_in(folder: Path) -> AsyncIterator[Account]:
    command = (sys.executable, "-m", "tests.faults.account", str(folder / "account"))
    pipe = asyncio.subprocess.PIPE
    async with aiohttp.ClientSession() as http:
        played = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
        assert played.stdin is not None
        assert played.stdout is not None
        try:
            yield Account(msgspec.json.decode(await played.stdout.readline(), type=Addresses), http)
        finally:
            played.stdin.close()
            await played.wait()


@dataclass(frozen=True, slots=True)
class Place:
    """The product: its files, its door, its environment."""

    folder: Path
    settings: Settings
    environment: Mapping[str, str]

    @property
    def config(self) -> Path:
        return self.folder / "franked.toml"

    @property
    def record(self) -> Path:
        return self.settings.store.directory / "franked.db"

    def log_of(self, post: str) -> Path:
        return self.folder / f"{post}.log"

    @property
    def key(self) -> str:
        """What the first start made for its owner."""
        return (self.settings.store.directory / FIRST_KEY).read_text()

    @property
    def has_key(self) -> bool:
        return (self.settings.store.directory / FIRST_KEY).exists() and bool(self.key)

    @property
    def door(self) -> str:
        return f"http://127.0.0.1:{self.settings.server.port}"


def furnish(folder: Path, at: Addresses, database: str | None = None, *changes: tuple[str, str]) -> Place:
    """Codes are resent when nobody knows what became of them, receipts held, digests dropped. `database`: of a
    PostgreSQL; else on SQLite. `changes`: as product.settings_in has them."""
    settings = settings_in(
        folder,
        *(_shared(database) if database else ()),
        ("[server]\nport = 0", f"[server]\nport = {_free_port()}"),
        ('level = "debug"', f'level = "warning"\n\n[feedback]\nqueue_url = "{at.queue}"'),
        ('useful_for = "10m"', 'useful_for = "2h"'),
        *changes,
    )
    environment = {
        "AWS_ENDPOINT_URL_SESV2": at.ses,
        "AWS_ENDPOINT_URL_SQS": at.sqs,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FRANKED_"))}
    return Place(folder, settings, ours | environment)


def _shared(database: str) -> tuple[tuple[str, str], ...]:
    return (
        ("[log]", f'[store]\nurl = "{database}"\nsecret = "{"5e" * 32}"\n\n[log]'),
        (f'region = "{REGION}"', f'region = "{REGION}"\ncall_deadline = "{CALL_DEADLINE.seconds}s"'),
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
