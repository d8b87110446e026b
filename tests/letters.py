"""The mail that arrived, as its reader has it before them: headers, words, links."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from franked.backends.local.letter import Letter, mime
from tests.product import TOML
from tests.running import Product, product_in

_URL = re.compile(r"https?://[^\s\"'<>]+/u/[^\s\"'<>]+")

# A product that has something to subscribe to, and something to turn off.
TOPICS = """
[topics.news]
title = {en = "Weekly news", de = "Neues der Woche"}
description = {en = "Once a week, on Fridays.", de = "Einmal in der Woche, freitags."}

[topics.offers]
title = "Offers"

[topics.digests]
title = {en = "Weekly digest", de = "Wochenbericht"}

[streams.news]
kind = "marketing"
purpose = "What is new at Example Backup"
topic = "news"

[streams.offers]
kind = "marketing"
purpose = "What is cheaper this month"
topic = "offers"
content = "inline"

[streams.security]
kind = "transactional"
purpose = "Warns the owner of a sign-in from a new place"
content = "inline"
"""
READERS = (TOML, TOML + TOPICS)
_TEMPLATES = {
    "news": '+++\nsubject = "News {{ number }}"\nvariables = ["number"]\n+++\n'
    '<p>Issue {{ number }}</p><p><a href="{{ links.leave }}">Unsubscribe</a> '
    '<a href="{{ links.preferences }}">Preferences</a> <a href="{{ links.why }}">Why?</a></p>',
}


@asynccontextmanager
async def readers_in(folder: Path, *changes: tuple[str, str]) -> AsyncIterator[Product]:
    for name, source in _TEMPLATES.items():
        place = folder / "mail" / name
        place.mkdir(parents=True)
        (place / "en.html").write_text(source)
    async with product_in(folder, READERS, *changes) as product:
        yield product


@dataclass(frozen=True, slots=True)
class Arrived:
    letter: Letter

    @property
    def subject(self) -> str:
        return self.letter.subject

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.letter.headers)

    @property
    def text(self) -> str:
        return self.letter.text or ""

    @property
    def html(self) -> str:
        return self.letter.html or ""

    @property
    def wire(self) -> bytes:
        return mime(self.letter)

    @property
    def links(self) -> set[str]:
        """Every link that leads to us, wherever it stands: that is what a scanner follows."""
        everywhere = "\n".join([self.text, self.html.replace("&amp;", "&"), *self.headers.values()])
        return set(_URL.findall(everywhere))

    def link(self, use: str) -> str:
        [found] = [link for link in self.links if f"/u/{use}/" in link]
        return found


def arrived(product: Product, to: str) -> list[Arrived]:
    """Oldest first."""
    found = [
        product.simulator.office.inbox.letter(mail.ses_id) for mail in product.simulator.taken() if mail.recipient == to
    ]
    return [Arrived(letter) for letter in found if letter]


async def newest(product: Product, to: str, number: int = 1, within: float = 10.0) -> Arrived:
    """The newest of at least `number` mails to them."""
    async with asyncio.timeout(within):
        while len(found := arrived(product, to)) < number:
            await asyncio.sleep(0.01)
    return found[-1]


async def subscribe(product: Product, to: str, topic: str = "news", **fields: object) -> tuple[int, object]:
    body = {"to": to, "topic": topic, "wording": "Send me the news once a week.", "wording_version": "7"} | fields
    headers = {"Authorization": f"Bearer {product.key}"}
    async with product.http.post(f"{product.franked.url}/v1/subscriptions", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def press(product: Product, link: str, **form: str) -> tuple[int, str]:
    """The page's button."""
    async with product.http.post(link, data=form, headers={"User-Agent": "Browser/9"}) as answer:
        return answer.status, await answer.text()


async def look(product: Product, link: str, language: str = "en") -> tuple[int, str]:
    async with product.http.get(link, headers={"Accept-Language": language}) as answer:
        return answer.status, await answer.text()


async def reader(product: Product, to: str, topic: str = "news") -> None:
    """Who has subscribed, and said yes in the mail."""
    before = _asking(product, to)
    assert (await subscribe(product, to, topic))[0] == 202
    async with asyncio.timeout(10):
        while not (new := _asking(product, to) - before):
            await asyncio.sleep(0.01)
    assert (await press(product, new.pop()))[0] == 200


def _asking(product: Product, to: str) -> set[str]:
    """The links of all confirmation mails so far."""
    return {link for mail in arrived(product, to) for link in mail.links if "/u/confirm/" in link}
