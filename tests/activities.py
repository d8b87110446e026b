"""The directory of activities beside its Franked, and people before it, each with a browser of their own."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp

from examples.activities.app import create_app
from examples.activities.day import KEYS
from examples.activities.trail import Lines, log
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving
from franked.record import Story
from franked.rules.message import State
from franked.settings import Settings, read
from franked.settings.table import Level
from franked.wiring import Ses
from tests.product import MovableClock

FOLDER = Path(__file__).parents[1] / "examples" / "activities"
SECRET, STAFF = "what signs the sessions", "of-the-staff"
SUPPORT = "support@activities.example.com"
YES, NO = {"word": "approved", "note": "From May on."}, {"word": "declined", "note": "Sorry."}
UNDER_WAY = (State.QUEUED, State.SENDING, State.SENT, State.DELAYED)


@dataclass(frozen=True, slots=True)
class Browser:
    """One person's."""

    directory: "Directory"
    http: aiohttp.ClientSession

    async def open(self, path: str, form: dict[str, str] | None = None, status: int = 200) -> str:
        async with self.http.request("GET" if form is None else "POST", self.directory.url + path, data=form) as said:
            text = await said.text()
            assert said.status == status, text
            return text

    async def sign_in(self, email: str, name: str = "Ana Muster") -> str:
        """The page behind it."""
        asked = len(await self.directory.mails_to(email))
        await self.open("/join", {"name": name, "email": email})
        mail = (await self.directory.mails_to(email, asked + 1))[-1]
        return await self.open("/code", {"code": code_in(mail)})

    async def submit(self, title: str, **more: str) -> str:
        """Which number it has, for the staff."""
        page = await self.open("/tickets")
        [once] = re.findall(r'name="once" value="([^"]+)"', page)
        form = {"once": once, "kind": "request", "title": title, "text": "Could you have a look?"}
        assert title in await self.open("/tickets", form | more)
        return await self.directory.number_of(title)


@dataclass(slots=True)
class Directory:
    url: str
    settings: Settings
    keys: dict[str, str]
    clock: MovableClock
    product_log: StringIO = field(default_factory=StringIO)
    franked_log: StringIO = field(default_factory=StringIO)
    franked: Running = field(init=False)
    http: aiohttp.ClientSession = field(init=False)  # a browser without cookies
    _post_office: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start_franked(self) -> None:
        run = running(self.settings, Ses.SIMULATED, self.clock, self.franked_log)
        self.franked = await self._post_office.enter_async_context(run)

    async def stop_franked(self) -> None:
        await self._post_office.aclose()

    @asynccontextmanager
    async def person(self) -> AsyncIterator[Browser]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            yield Browser(self, http)

    async def staff(self, form: dict[str, str] | None = None, status: int = 200) -> str:
        path = f"/staff/{STAFF}" if form is None else f"/staff/{STAFF}/decide"
        return await Browser(self, self.http).open(path, form, status)

    async def number_of(self, title: str) -> str:
        found = re.search(rf"<legend>\w+ (\d+): {re.escape(title)}</legend>", await self.staff())
        assert found, title
        return found[1]

    async def mails_to(self, email: str, least: int = 0, within: float = 5.0) -> list[EmailMessage]:
        """All so far, the oldest first, as they arrived; and not before there are so many."""
        simulator = self.franked.wired.simulator
        assert simulator is not None
        async with asyncio.timeout(within):
            while len(taken := [one for one in simulator.taken() if one.recipient == email]) < least:
                await asyncio.sleep(0.01)
        found = []
        for mail in taken:
            async with self.http.get(f"{simulator.url}/mail/{mail.ses_id}/raw") as raw:
                found.append(message_from_bytes(await raw.read(), policy=default))
        return found

    def recipients(self) -> list[str]:
        simulator = self.franked.wired.simulator
        assert simulator is not None
        return [mail.recipient for mail in simulator.taken()]

    async def settled(self) -> None:
        """Nothing waits, and everything that was taken has its outcome."""
        simulator = self.franked.wired.simulator
        assert simulator is not None
        async with asyncio.timeout(10):
            while simulator.office.topic.outstanding or await self._under_way():
                await asyncio.sleep(0.01)

    async def _under_way(self) -> int:
        waiting = await self.franked.world.store.count_waiting()
        return sum(waiting.get(state, 0) for state in UNDER_WAY)

    async def ask(self, key: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """As a part of the system whose key it is."""
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        async with self.http.request(method, self.franked.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def story(self, message: str) -> Story:
        [story] = await self.franked.world.store.find([message])
        assert story is not None
        return story

    def product_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.product_log.getvalue().splitlines()]

    def franked_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.franked_log.getvalue().splitlines()]


@asynccontextmanager
async def opened(folder: Path, *, production: bool = True) -> AsyncIterator[Directory]:
    clock = MovableClock()
    settings = read(FOLDER / "franked.toml", {})
    with closing(listening("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = replace(
        settings,
        canary=replace(settings.canary, enabled=False),  # its mails are none of the product's
        store=replace(settings.store, directory=folder / "record"),
        server=replace(settings.server, port=port),  # the same after it was away
        simulator=replace(settings.simulator, port=0, production=production, rate=500.0, quota=1000.0),
        log=replace(settings.log, level=Level.DEBUG),
        codes=replace(settings.codes, per_ip=None),  # all people here have one address
    )
    keys, records = {}, []
    for name, streams in KEYS.items():
        keys[name], record = make_key(name, streams, frozenset(), clock())
        records.append(record)
    async with AsyncExitStack() as stack:
        bound = stack.enter_context(closing(listening("127.0.0.1", 0)))
        app = create_app(
            *(f"http://127.0.0.1:{port}", keys, folder / "directory.db"),
            secret=SECRET,
            staff=STAFF,
            now=clock,
            requests_a_minute=100_000,
            every=0.1,
        )
        directory = Directory(await stack.enter_async_context(serving(app, bound)), settings, keys, clock)
        stack.enter_context(logged_to(directory.product_log))
        directory.http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        await directory.start_franked()
        stack.push_async_callback(directory.stop_franked)
        await directory.franked.world.store.add_keys(records)
        yield directory


@contextmanager
def logged_to(file: StringIO) -> Iterator[None]:
    """The product's log, as its `main` has it written."""
    handler, before = logging.StreamHandler(file), log.level
    handler.setFormatter(Lines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def code_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    [code] = re.findall(r"^(\d{6})$", body.get_content(), re.MULTILINE)
    return str(code)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def draft(stream: str, variables: Mapping[str, object], at: str, **more: str) -> dict[str, Any]:
    trigger = {"act": "trying", "by": "account-1", "at": at}
    return {"stream": stream, "to": "ana@example.net", "variables": variables, "trigger": trigger} | more
