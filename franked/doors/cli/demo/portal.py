"""The consulting portal, served on a port of its own, and the people who use it."""

import asyncio
import importlib
import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from franked.doors.serving import listening, serving
from franked.wiring import Clock, Simulator

PASSWORD = "correct horse battery"  # noqa: S105 (of people who don't exist)
_CODE = re.compile(r"\b(\d{6})\b")
_ID = re.compile(r'name="id" value="([^"]+)"')


class PortalFault(Exception):
    """The portal did not do what a person expects. `str()` is a sentence."""


@dataclass(slots=True)
class Portal:
    """What a person can do there. Codes are read where a person reads them: in the mail."""

    url: str
    database: Path
    http: aiohttp.ClientSession
    simulator: Simulator
    asked: int = 0  # mails that people have asked for

    async def sign_up(self, name: str, email: str, lang: str = "en") -> str:
        """The id of the code that makes the account active."""
        self.asked += 1
        form = {"name": name, "email": email, "password": PASSWORD}
        found = _ID.search(await self._post(f"/sign-up?lang={lang}", form))
        if found is None:
            raise PortalFault("the portal's sign-up page knows no code")
        return found[1]

    async def confirm(self, code_id: str, email: str) -> None:
        await self._post("/confirm", {"id": code_id, "code": await self._code_for(email)})

    async def forgot(self, email: str) -> None:
        self.asked += 1
        await self._post("/forgot", {"email": email})

    def handed_over(self) -> list[str]:
        """The ids of all messages that Franked accepted from the portal, from the portal's own record."""
        with closing(sqlite3.connect(self.database)) as db:
            return [row[0] for row in db.execute("SELECT message FROM mails ORDER BY message")]

    async def ask_franked(self, url: str, key: str) -> dict[str, Any]:
        """As any product may: over the public API, with its key."""
        async with self.http.get(url, headers={"Authorization": f"Bearer {key}"}) as answer:
            told: dict[str, Any] = await answer.json()
            return told

    async def _post(self, path: str, form: dict[str, str]) -> str:
        """Each person from an address of their own: codes are limited by it."""
        person = {"X-Forwarded-For": f"2001:db8:0:{self.asked:x}::1"}
        async with self.http.post(self.url + path, data=form, headers=person) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise PortalFault(f"the portal answered {answer.status} to {path}")
            return text

    async def _code_for(self, email: str) -> str:
        while True:  # until the demo's own time is over
            mails = [mail for mail in self.simulator.taken() if mail.recipient == email]
            found = _CODE.search(self.simulator.text_of(mails[-1].ses_id)) if mails else None
            if found:
                return found[1]
            await asyncio.sleep(0.05)


@asynccontextmanager
async def portal(
    examples: Path, franked_url: str, key: str, folder: Path, simulator: Simulator, now: Clock
) -> AsyncIterator[Portal]:
    """The product knows nothing of Franked but its URL and its key."""
    sys.path.insert(0, str(examples))
    app: Any = importlib.import_module("consulting.app")
    sys.path.remove(str(examples))
    database = folder / "portal.db"
    product = app.create_app(franked_url, key, database, now, requests_a_minute=100_000)
    async with serving(product, listening("127.0.0.1", 0), ["127.0.0.1"]) as url, aiohttp.ClientSession() as http:
        yield Portal(url, database, http, simulator)
