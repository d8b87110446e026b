"""A running Franked for tests: real store, real HTTP on loopback, the simulated SES account.

Rooms that need it import the fixture in their conftest; rules and formats don't pay for it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from franked.backends.sealing import load_or_create_key
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.outside import Resolver
from franked.record import Story
from franked.rules.dns import Resolver as NameServer
from franked.rules.message import State
from franked.settings import Settings
from franked.wiring import KEY, RECORD, Ses, Simulator
from tests.product import MovableClock, settings_in
from tests.records import begin_record

VARIABLES = {"receipt": {"number": "R-1"}, "sign-in-code": {"code": "424242"}, "digest": {"count": 3}, "note": {}}
SETTLED = frozenset(State) - {State.QUEUED, State.SENDING, State.SENT, State.DELAYED}


@dataclass(slots=True)
class Product:
    """An application's view of the Franked that runs, and the test's view behind it."""

    franked: Running
    clock: MovableClock
    http: aiohttp.ClientSession
    key: str
    folder: Path
    log: StringIO = field(default_factory=StringIO)

    @property
    def simulator(self) -> Simulator:
        simulator = self.franked.wired.simulator
        assert simulator is not None
        return simulator

    def draft(self, to: str, stream: str = "receipt", **fields: Any) -> dict[str, Any]:
        trigger = {"act": "purchase", "by": "account-1", "at": self.clock().isoformat()}
        return {"stream": stream, "to": to, "variables": VARIABLES.get(stream, {}), "trigger": trigger} | fields

    async def post(self, body: Any, key: str | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        given = {"Authorization": f"Bearer {key or self.key}"} | headers
        async with self.http.post(f"{self.franked.url}/v1/messages", json=body, headers=given) as answer:
            return answer.status, await answer.json()

    async def send(self, to: str, stream: str = "receipt", **fields: Any) -> dict[str, Any]:
        """Accepted, whatever its state."""
        status, answer = await self.post(self.draft(to, stream, **fields))
        assert status == 202, answer
        return answer

    async def get(self, path: str, key: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        async with self.http.get(self.franked.url + path, headers=headers) as answer:
            kind = answer.headers.get("content-type", "")
            return answer.status, await answer.json() if "json" in kind else await answer.text()

    async def story(self, message_id: str) -> Story:
        [story] = await self.franked.world.store.find([message_id])
        assert story is not None
        return story

    async def until(self, message_id: str, *states: State, within: float = 5.0) -> Story:
        """The story once the message is in one of these states (none named: in one that stays)."""
        wanted = frozenset(states) or SETTLED
        async with asyncio.timeout(within):
            while (story := await self.story(message_id)).state not in wanted:
                await asyncio.sleep(0.01)
        return story

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log's lines about this."""
        lines = map(json.loads, self.log.getvalue().splitlines())
        return [line for line in lines if line["event"] == event]

    def copies(self) -> Mapping[str, int]:
        """How often the account took each message."""
        counted: dict[str, int] = {}
        for mail in self.simulator.taken():
            message = mail.tags["franked-message"]
            counted[message] = counted.get(message, 0) + 1
        return counted


@pytest.fixture
async def product(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Product]:
    """Franked out of the sandbox at 500/s. `@pytest.mark.settings((old, new), …)` changes lines of its TOML."""
    changes = [change for mark in request.node.iter_markers("settings") for change in mark.args]
    async with product_in(tmp_path / "product", *changes) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """One for all tests of a module, which keep out of each other's way by using addresses of their own."""
    async with product_in(tmp_path_factory.mktemp("shared")) as started:
        yield started


NOBODY = NameServer("127.0.0.1", 9)


def _at_home(settings: Settings) -> Settings:
    """No test asks a name server or a website that it has not started itself."""
    checks = settings.checks
    names, website = checks.resolvers or (NOBODY,), checks.website_at or NOBODY
    return replace(settings, checks=replace(checks, resolvers=names, website_at=website))


def _begin(settings: Settings) -> None:
    """A record and its key, where there is none."""
    place = settings.store.directory
    if settings.store.url is None and not place.exists():
        place.mkdir(mode=0o700)
        if settings.store.secret is None:
            load_or_create_key(place / KEY)
        begin_record(place / RECORD)


@asynccontextmanager
async def product_in(
    folder: Path, *changes: tuple[str, str], resolver: Resolver | None = None
) -> AsyncIterator[Product]:
    """`resolver`: SES's view of the DNS, of an account that begins with nothing."""
    clock, log = MovableClock(), StringIO()
    settings = _at_home(settings_in(folder, *changes))
    _begin(settings)
    try:
        async with (
            running(settings, Ses.SIMULATED, clock, log, resolver=resolver) as franked,
            aiohttp.ClientSession() as http,
        ):
            shown, record = make_key("test", frozenset(), frozenset(), clock())
            await franked.world.store.add_keys([record])
            yield Product(franked, clock, http, shown, folder, log)
    finally:
        sys.stderr.write(log.getvalue())  # pytest shows it where a test failed
