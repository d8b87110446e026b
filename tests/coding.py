"""A Franked whose product sends codes: how its application asks, and what a person finds in the mail."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp

from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.wiring import Ses
from tests.product import MovableClock, settings_in
from tests.running import Product

SITE = "https://backup.example.com"
STREAMS = f"""
[streams.sign-up]
kind = "transactional"
purpose = "A code and a link that confirm the address of a person who has just signed up"
lane = "urgent"
useful_for = "24h"
if_unknown = "resend"
secret = true
[streams.sign-up.codes]

[streams.reset]
kind = "transactional"
purpose = "A code and a link for a person who has just asked for a new password"
lane = "urgent"
useful_for = "1h"
if_unknown = "resend"
secret = true
[streams.reset.codes]
leads_to = "{SITE}/reset"

[streams.second-factor]
kind = "transactional"
purpose = "A code for a person who is signing in and has turned on sign-in in two steps"
lane = "urgent"
useful_for = "10m"
if_unknown = "resend"
secret = true
[streams.second-factor.codes]
"""
WORDS = {
    "sign-up": ("Confirm your registration", "Welcome, {{ name }}. Valid {{ minutes }} minutes."),
    "reset": (
        "Reset your password",
        "If it was not you, please ignore this mail, {{ name }}. Valid {{ minutes }} minutes.",
    ),
    "second-factor": ("Your sign-in", "Hello {{ name }}. Valid {{ minutes }} minutes."),
}
_CODE, _URL = re.compile(r"^(\d{6,10})$", re.MULTILINE), re.compile(r"^(http://\S+/u/code/\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mailed:
    """What a person reads."""

    subject: str
    text: str

    @property
    def code(self) -> str:
        [code] = _CODE.findall(self.text)
        return str(code)

    @property
    def url(self) -> str:
        [url] = _URL.findall(self.text)
        return str(url)

    @property
    def token(self) -> str:
        return self.url.rpartition("/")[2].partition("?")[0]


@dataclass(slots=True)
class Application:
    """It keeps no code and counts no guess."""

    product: Product
    answers: list[str] = field(default_factory=list)  # all that it was answered

    async def post(self, path: str, body: dict[str, Any], key: str | None = None) -> tuple[int, dict[str, Any]]:
        product = self.product
        headers = {"Authorization": f"Bearer {key or product.key}"}
        async with product.http.post(product.franked.url + path, json=body, headers=headers) as answer:
            self.answers.append(f"{dict(answer.headers)}\n{await answer.text()}")
            return answer.status, await answer.json()

    async def ask(
        self, stream: str, to: str, account: str | None = "account-1", **more: Any
    ) -> tuple[int, dict[str, Any]]:
        body = {"stream": stream, "to": to, "account": account, "variables": {"name": "Ana"}}
        return await self.post("/v1/codes", body | more)

    async def issued(self, stream: str, to: str, account: str | None = "account-1", **more: Any) -> str:
        status, answer = await self.ask(stream, to, account, **more)
        assert status == 202, answer
        return str(answer["id"])

    async def verify(self, stream: str, code_id: str, code: str, **more: Any) -> dict[str, Any]:
        status, answer = await self.post("/v1/codes/verify", {"stream": stream, "id": code_id, "code": code} | more)
        assert status == 200, answer
        return answer

    async def claim(self, stream: str, token: str) -> dict[str, Any]:
        status, answer = await self.post("/v1/codes/claim", {"stream": stream, "token": token})
        assert status == 200, answer
        return answer

    async def standing(self, code_id: str) -> dict[str, Any]:
        status, answer = await self.product.get(f"/v1/codes/{code_id}")
        assert status == 200, answer
        return dict(answer)

    async def mail_of(self, code_id: str) -> Mailed:
        """The mail has the code's id, with another letter."""
        await self.product.until(code_id.replace("c_", "m_"))
        [ses_id] = [
            mail.ses_id
            for mail in self.product.simulator.taken()
            if mail.tags["franked-message"] == code_id.replace("c_", "m_")
        ]
        letter = self.product.simulator.office.inbox.letter(ses_id)
        assert letter is not None
        return Mailed(letter.subject, letter.text or "")

    async def page(self, method: str, url: str) -> tuple[int, str, str]:
        """Status, text, and where it leads."""
        async with self.product.http.request(method, url, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location", "")


@asynccontextmanager
async def coding(folder: Path, *changes: tuple[str, str]) -> AsyncIterator[Application]:
    """`changes`: (a line of the TOML, what stands there instead)."""
    clock, log = MovableClock(), StringIO()
    for stream, (subject, words) in WORDS.items():
        shown = "{{ code }}\n" if stream == "second-factor" else "{{ code }}\n\n{{ url }}\n"
        optional = ["minutes", "code"] if stream == "second-factor" else ["minutes", "code", "url"]
        (folder / "mail" / stream).mkdir(parents=True)
        (folder / "mail" / stream / "en.txt").write_text(
            f'+++\nsubject = "{subject}"\nvariables = {["name", *optional]!r}\n+++\n{words}\n\n{shown}'
        )
    settings = settings_in(folder, ("[log]", f"{STREAMS}\n[log]"), *changes)
    async with running(settings, Ses.SIMULATED, clock, log) as franked, aiohttp.ClientSession() as http:
        shown, record = make_key("test", frozenset(), frozenset(), clock())
        await franked.world.store.add_keys([record])
        yield Application(Product(franked, clock, http, shown, folder, log))
