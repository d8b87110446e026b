"""What the people of a product can do, for whoever plays them: its pages, the hours, and their mail."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import count
from random import Random
from typing import Self, TypeVar

import aiohttp

from franked.doors.cli.demo.agenda import Agenda
from franked.wiring import Clock, Simulator

T = TypeVar("T")

LINK = re.compile(r"https?://[^\s<>\"']+")


class DayFault(Exception):
    """Something did not do what a person expects. `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Mail:
    """As its reader sees it."""

    subject: str
    text: str

    @property
    def code(self) -> str:
        """On a line of its own."""
        found = re.search(r"^(\d{6,10})$", self.text, re.MULTILINE)
        if found is None:
            raise DayFault(f"there is no code in the mail {self.subject!r}")
        return found[1]

    def link(self, part: str) -> str:
        """The first address in which this stands."""
        found = next((url for url in LINK.findall(self.text) if part in url), None)
        if found is None:
            raise DayFault(f"there is no link to {part!r} in the mail {self.subject!r}")
        return str(found)


@dataclass(slots=True)
class Day:
    """One product's. Chance comes from `random` alone: the same seed plays the same day."""

    name: str
    url: str  # the product's
    franked: str  # the URL of its Franked
    http: aiohttp.ClientSession
    random: Random
    now: Clock
    full: bool  # the promised volume too, which takes minutes
    agenda: Agenda
    simulator: Simulator
    look_again: Callable[[], Awaitable[None]]  # Franked asks what AWS allows
    say: Callable[[str], None]
    _read: Counter[str] = field(default_factory=Counter)  # mails, by address
    _networks: Iterator[int] = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def person(self) -> AsyncIterator[Self]:
        """The same day for somebody with a browser of their own, which keeps its cookies."""
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as browser:  # an IP address has some
            yield replace(self, http=browser)

    async def until(self, hour: float) -> None:
        """Of the day, 0 to 24. Mail that is under way goes first, everybody's."""
        await self.agenda.until(hour)

    async def crowd(self, acts: Iterable[Awaitable[T]]) -> list[T]:
        """A dozen people at a time."""
        door = asyncio.Semaphore(12)

        async def one(act: Awaitable[T]) -> T:
            async with door:
                return await act

        return await asyncio.gather(*map(one, acts))

    async def get(self, path: str, status: int = 200) -> str:
        return await self._ask("GET", path, None, status)

    async def post(self, path: str, form: Mapping[str, str] | None = None, status: int = 200) -> str:
        """Raises DayFault for another answer."""
        return await self._ask("POST", path, form or {}, status)

    def field(self, page: str, name: str) -> str:
        """What a form of a page holds, hidden or not. Raises DayFault."""
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        if found is None:
            raise DayFault(f"{self.name}: the page has no {name!r}")
        return unescape(found[1])

    def action(self, page: str, ending: str) -> str:
        """Where the form leads whose action ends so, without this ending. Raises DayFault."""
        found = re.search(rf'action="([^"]*){ending}"', page)
        if found is None:
            raise DayFault(f"{self.name}: the page has no form to {ending!r}")
        return unescape(found[1])

    async def mail_to(self, address: str) -> Mail:
        """The next that this address gets. What is in the sandbox, or must not be mailed, comes never: the day ends
        with that."""
        while len(ids := self.simulator.ids_to(address)) <= self._read[address]:  # noqa: ASYNC110 (any mail, no event)
            await asyncio.sleep(0.02)
        reading = self.simulator.read(ids[self._read[address]])
        self._read[address] += 1
        subject = dict(reading.headers).get("Subject", "") if reading else ""
        return Mail(subject, (reading.text or "") if reading else "")

    async def aws_says_yes(self, rate: float, quota: float) -> None:
        """Out of the sandbox."""
        self.simulator.grant_production(rate, quota)
        await self.look_again()

    async def _ask(self, method: str, path: str, form: Mapping[str, str] | None, status: int) -> str:
        """A link in a mail is a whole address. Each asks from a network of their own: abuse is limited by it."""
        url = path if path.startswith("http") else self.url + path
        person = {"X-Forwarded-For": f"2001:db8:0:{next(self._networks):x}::1"}
        async with self.http.request(method, url, data=form, headers=person) as answer:
            text = await answer.text()
            if answer.status != status:
                raise DayFault(f"{self.name} answered {answer.status} to {method} {path.partition('?')[0]}")
            return text
