"""examples/backup and the Franked behind it, on a stage of their own, and what people and machines do there."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp

from examples.backup.app import create_app
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving
from franked.settings import Settings, read
from franked.wiring import Ses, Simulator
from tests.letters import Arrived
from tests.product import MovableClock

FOLDER = Path(__file__).parents[2] / "examples" / "backup"
PASSWORD = "correct horse battery"
SITE = "https://backup.example.com"
PUBLIC = "https://mail.backup.example.com"  # where links in mails lead, for one-click needs https
DESK = "a-desk-of-the-tests"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
SANDBOX = False, 1.0, 200.0
PRODUCTION = True, 500.0, 50_000.0


@dataclass(slots=True)
class Browser:
    """A person's: its cookies are its own."""

    url: str
    http: aiohttp.ClientSession
    agent: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str, form: dict[str, str] | None = None, status: int = 200) -> str:
        """What stands there, or where it leads."""
        told = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": told, "User-Agent": self.agent}
        method = "GET" if form is None else "POST"
        async with self.http.request(
            method, self.url + path, data=form, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
            assert answer.status == status, (answer.status, text)
            self.cookies |= {name: one.value for name, one in answer.cookies.items()}
            return answer.headers.get("Location", text)


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def code_of(mail: Arrived) -> str:
    [code] = re.findall(r"^(\d{6})$", mail.text, re.MULTILINE)
    return str(code)


@dataclass(slots=True)
class Service:
    url: str
    franked: Running
    http: aiohttp.ClientSession
    clock: MovableClock
    database: Path

    @property
    def simulator(self) -> Simulator:
        assert self.franked.wired.simulator
        return self.franked.wired.simulator

    def browser(self, agent: str = FIREFOX) -> Browser:
        return Browser(self.url, self.http, agent)

    # --- mail ---------------------------------------------------------------------------------------------------------

    async def mails(self, to: str, stream: str = "") -> list[Arrived]:
        """Of this stream, or all; the oldest first."""
        theirs = [mail for mail in self.simulator.taken() if mail.recipient == to]
        stories = await self.franked.world.store.find([mail.tags["franked-message"] for mail in theirs])
        streams = [story.stream if story else "" for story in stories]
        letters = [self.simulator.office.inbox.letter(mail.ses_id) for mail in theirs]
        told = zip(letters, streams, strict=True)
        return [Arrived(letter) for letter, of in told if letter and stream in ("", of)]

    async def mail(self, to: str, stream: str, number: int = 1) -> Arrived:
        """The newest of at least so many."""
        async with asyncio.timeout(15):
            while len(found := await self.mails(to, stream)) < number:
                await asyncio.sleep(0.01)
        return found[-1]

    async def settled(self) -> None:
        """Nothing is due, nothing under way, and every event is told."""
        async with asyncio.timeout(60):
            while await self.waiting() or any((await self.franked.world.store.count_waiting()).values()):
                await asyncio.sleep(0.02)
            await self.simulator.quiet()

    async def waiting(self) -> int:
        async with self.http.get(f"{self.url}/health") as answer:
            return int((await answer.json())["notices_waiting"])

    async def press(self, link: str, form: dict[str, str] | None = None) -> str:
        """A link in a mail, by its button."""
        async with self.http.post(link.replace(PUBLIC, self.franked.url), data=form or {}) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return text

    async def look(self, link: str) -> None:
        async with self.http.get(link.replace(PUBLIC, self.franked.url)) as answer:
            assert answer.status == 200

    # --- people and machines ------------------------------------------------------------------------------------------

    async def sign_up(self, email: str) -> str:
        """The code's id."""
        form = {"name": "Ana Muster", "email": email, "password": PASSWORD}
        return field_of(await self.browser().open("/sign-up", form), "id")

    async def member(self, email: str) -> Browser:
        """An account, and the browser in which it is signed in."""
        id_ = await self.sign_up(email)
        code = code_of(await self.mail(email, "verification"))
        browser = self.browser()
        await browser.open("/confirm", {"id": id_, "code": code})
        await self.sign_in(browser, email)
        return browser

    async def sign_in(self, browser: Browser, email: str, password: str = PASSWORD, status: int = 303) -> str:
        return await browser.open("/sign-in", {"email": email, "password": password}, status)

    async def token(self, browser: Browser) -> str:
        page = await browser.open("/settings/token", {})
        return page.partition('id="token">')[2].partition("<")[0]

    async def report(self, token: str, *runs: dict[str, Any], status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.post(f"{self.url}/api/runs", json={"runs": runs}, headers=headers) as answer:
            told = await answer.json()
            assert answer.status == status, told
            return told

    def run(self, id_: str, machine: str = "laptop", **more: Any) -> dict[str, Any]:
        known = {
            "id": id_,
            "machine": machine,
            "ended_at": self.clock().isoformat(),
            "files": 12,
            "bytes": 3_200_000_000,
        }
        return known | more


def settings_for(folder: Path, limits: tuple[bool, float, float], port: int = 0) -> Settings:
    settings = read(FOLDER / "franked.toml", {})
    production, rate, quota = limits
    return replace(
        settings,
        canary=replace(settings.canary, enabled=False),  # its mails are none of the product's
        store=replace(settings.store, directory=folder / "record"),
        server=replace(settings.server, port=port, public_url=PUBLIC),
        simulator=replace(settings.simulator, port=0, production=production, rate=rate, quota=quota),
    )


@asynccontextmanager
async def franked_at(settings: Settings, clock: MovableClock) -> AsyncIterator[Running]:
    async with running(settings, Ses.SIMULATED, clock, StringIO()) as franked:
        yield franked


async def key_for(franked: Running, streams: Sequence[str]) -> str:
    shown, record = make_key("backup", frozenset(streams), frozenset(), franked.world.now())
    await franked.world.store.add_keys([record])
    return shown


@asynccontextmanager
async def service_in(folder: Path, limits: tuple[bool, float, float] = PRODUCTION) -> AsyncIterator[Service]:
    settings, clock = settings_for(folder, limits), MovableClock()
    cookies = aiohttp.DummyCookieJar()
    async with franked_at(settings, clock) as franked, aiohttp.ClientSession(cookie_jar=cookies) as http:
        key, database = await key_for(franked, list(settings.streams)), folder / "backup.db"
        app = create_app(franked.url, key, database, clock, SITE, DESK, 100_000)
        async with serving(app, listening("127.0.0.1", 0)) as url:
            yield Service(url, franked, http, clock, database)
