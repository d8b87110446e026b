"""examples/marketplace and the Franked behind it, on a stage of their own, and what people do there."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp

from examples.marketplace.app import create_app
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving, url_of
from franked.settings import Settings, read
from franked.wiring import Ses, Simulator
from tests.letters import Arrived
from tests.product import MovableClock

FOLDER = Path(__file__).parents[2] / "examples" / "marketplace"
PASSWORD = "correct horse battery"
STAFF = "staff@marketplace.example.com"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@dataclass(slots=True)
class Person:
    """Somebody at a browser of their own."""

    market: "Market"
    email: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str, form: Any = None, status: int = 200) -> str:
        """What stands there in the end, or where it leads outside."""
        told = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers, method = {"Cookie": told, "User-Agent": AGENT}, "GET" if form is None else "POST"
        url = self.market.url + path
        async with self.market.http.request(method, url, data=form, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            self.cookies |= {name: one.value for name, one in answer.cookies.items()}
            if answer.status == 303:
                return await self.open(answer.headers["Location"], status=status)
            assert answer.status == status, (answer.status, text)
            return text

    async def mail(self, stream: str, number: int = 1) -> Arrived:
        return await self.market.mail(self.email, stream, number)

    async def mails(self, stream: str = "") -> list[Arrived]:
        return await self.market.mails(self.email, stream)

    async def book(self, service: str, days: int = 3) -> str:
        """Their page then."""
        [number] = re.findall(
            rf'value="(\d+)" required></td>\s*<td><label for="service\d+">{service}<', await self.open("/")
        )
        day = (self.market.clock() + timedelta(days=days)).date().isoformat()
        return await self.open("/book", {"service": number, "day": day})

    async def subscribe(self, *topics: str) -> None:
        """And say yes in the mails."""
        before = {link for mail in await self.mails() for link in mail.links}
        await self.open("/news", {"email": self.email} | dict.fromkeys(topics, "1"))
        async with asyncio.timeout(15):
            while len(asking := await self._asking(before)) < len(topics):
                await asyncio.sleep(0.01)
        for link in asking:
            assert (await self.market.press(link))[0] == 200

    async def _asking(self, before: set[str]) -> list[str]:
        links = (link for mail in await self.mails() for link in mail.links)
        return [link for link in links if "/u/confirm/" in link and link not in before]


@dataclass(slots=True)
class Market:
    url: str
    franked: Running
    http: aiohttp.ClientSession
    clock: MovableClock

    @property
    def simulator(self) -> Simulator:
        assert self.franked.wired.simulator
        return self.franked.wired.simulator

    # --- people -------------------------------------------------------------------------------------------------------

    def stranger(self) -> Person:
        return Person(self)

    async def member(self, email: str, name: str = "Ana Muster", **more: str) -> Person:
        """Who has typed the code, and is signed in."""
        person = Person(self, email)
        form = {"name": name, "email": email, "password": PASSWORD}
        page = await person.open("/sign-up", form | more)
        await person.open("/confirm", {"id": field_of(page, "id"), "code": code_of(await person.mail("verification"))})
        await person.open("/sign-in", form)
        return person

    async def provider(self, email: str, *services: str, price: str = "49.90", name: str = "Bo Beispiel") -> Person:
        person = await self.member(email, name, provides="1")
        for title in services:
            await person.open("/me/offer", {"title": title, "category": "Home", "price": price})
        return person

    # --- mail ---------------------------------------------------------------------------------------------------------

    async def mails(self, to: str, stream: str = "") -> list[Arrived]:
        """Of this stream, or all; the oldest first."""
        theirs = [mail for mail in self.simulator.taken() if mail.recipient == to and "franked-message" in mail.tags]
        stories = await self.franked.world.store.find([mail.tags["franked-message"] for mail in theirs])
        letters = [self.simulator.office.inbox.letter(mail.ses_id) for mail in theirs]
        told = zip(letters, [story.stream if story else "" for story in stories], strict=True)
        return [Arrived(letter) for letter, of in told if letter and stream in ("", of)]

    async def mail(self, to: str, stream: str, number: int = 1) -> Arrived:
        """The newest of at least so many."""
        async with asyncio.timeout(15):
            while len(found := await self.mails(to, stream)) < number:
                await asyncio.sleep(0.01)
        return found[-1]

    async def states(self, to: str, stream: str) -> list[tuple[str, str | None]]:
        """State and reason of all mails that were asked for, the newest first."""
        _, told = await self.ask("GET", f"/v1/messages?to={to.replace('+', '%2B')}&stream={stream}")
        return [(one["state"], one["reason"]) for one in told["messages"]]

    async def settled(self) -> None:
        """Every newsletter is written, nothing is under way, and every event is told."""
        store = self.franked.world.store
        async with asyncio.timeout(30):
            while await store.newsletters_under_way() or any((await store.count_waiting()).values()):
                await asyncio.sleep(0.02)
            await self.simulator.quiet()

    async def press(self, link: str, **form: str) -> tuple[int, str]:
        """The button of one of Franked's pages."""
        async with self.http.post(link, data=form, headers={"User-Agent": AGENT}) as answer:
            return answer.status, await answer.text()

    # --- Franked, as its administrator asks it ------------------------------------------------------------------------

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.franked.control_key}"}
        async with self.http.request(method, self.franked.url + path, json=body, headers=headers) as answer:
            is_json = "json" in answer.headers["Content-Type"] and "jsonl" not in answer.headers["Content-Type"]
            return answer.status, await answer.json() if is_json else await answer.text()

    async def evidence(self, query: str = "") -> list[dict[str, str]]:
        status, text = await self.ask("GET", f"/v1/suppressions/export{query}")
        assert status == 200
        return list(csv.DictReader(StringIO(text, newline="")))


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def code_of(mail: Arrived) -> str:
    [code] = re.findall(r"^(\d{6})$", mail.text, re.MULTILINE)
    return str(code)


def action_ids(page: str, to: str) -> list[str]:
    return [part.rpartition("/")[2] for part in page.split(f'/{to}"')[:-1]]


def as_email(mail: Arrived) -> EmailMessage:
    whole = message_from_bytes(mail.wire, policy=policy.default)
    assert isinstance(whole, EmailMessage)
    return whole


def settings_in(folder: Path, port: int = 0) -> Settings:
    settings = read(FOLDER / "franked.toml", {})
    return replace(
        settings,
        store=replace(settings.store, directory=folder / "record"),
        server=replace(settings.server, port=port),
        simulator=replace(settings.simulator, port=0, production=True, rate=500.0, quota=50_000.0),
    )


@asynccontextmanager
async def market_in(folder: Path) -> AsyncIterator[Market]:
    clock = MovableClock()
    async with (
        running(settings_in(folder), Ses.SIMULATED, clock, StringIO()) as franked,
        aiohttp.ClientSession() as http,
    ):
        shown, record = make_key("marketplace", frozenset(), frozenset(), clock())
        await franked.world.store.add_keys([record])
        staff, database = frozenset({STAFF}), folder / "marketplace.db"
        with closing(listening("127.0.0.1", 0)) as bound:
            url, limit = url_of(bound), 100_000
            app = create_app(franked.url, shown, database, clock, url, limit, staff, franked.control_key)
            async with serving(app, bound):
                yield Market(url, franked, http, clock)
