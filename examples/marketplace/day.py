"""The marketplace's day, played: 50 to 100 mails, most of them after a booking, and what puts it on its stage."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from litestar import Litestar

from . import app

KEYS: Mapping[str, frozenset[str]] = {"marketplace": frozenset()}
RATE, QUOTA = 14.0, 50_000.0
PASSWORD = "correct horse battery"  # noqa: S105 (of people who don't exist)
STAFF = "staff@marketplace.example.com"
SIMULATED = "simulator.amazonses.com"
OFFERS = (
    ("Window cleaning", "Home", "49.90"),
    ("Piano lesson", "Lessons", "38"),
    ("Bicycle repair", "Repair", "65.50"),
)
CUSTOMERS = 9
LETTERS = "ABCDEFGHI"
READERS = 2  # of each topic


def create_app(
    franked_url: str, keys: Mapping[str, str], database: Path, now: Callable[[], datetime], site: str
) -> Litestar:
    staff = frozenset({STAFF})
    return app.create_app(
        franked_url, keys["marketplace"], database, now, site, 100_000, staff, keys.get("administrator")
    )


async def play(day: Any) -> None:
    """`day`: see franked/doors/cli/demo/day.py."""
    async with AsyncExitStack() as browsers:

        async def member(name: str, email: str, **more: str) -> Any:
            return await _member(await browsers.enter_async_context(day.person()), name, email, **more)

        await day.until(7)
        day.say("providers sign up, and offer their services")
        staff = await member("Staff", STAFF)
        providers = [
            await member(f"Provider {LETTERS[n]}", f"provider{n}@example.org", provides="1") for n in range(len(OFFERS))
        ]
        for provider, (title, category, price) in zip(providers, OFFERS, strict=True):
            await provider.post("/me/offer", {"title": title, "category": category, "price": price})
        await day.until(8)
        day.say("customers sign up, and some subscribe to news")
        customers = [await member(f"Customer {LETTERS[n]}", f"customer{n}@example.net") for n in range(CUSTOMERS)]
        annoyed = await member("Customer X", f"complaint+marketplace@{SIMULATED}")  # whose program says spam
        await _gone(day)
        for topic, first in (("weekly", 0), ("categories", 1), ("platform", 2)):
            for number in range(first, first + READERS):
                await _subscribe(day, f"customer{number}@example.net", topic)
        await day.until(10.5)
        day.say("they book: a confirmation, the invoice, and a word to the provider")
        for customer in (*customers, annoyed):
            await _book(day, customer, 1 + day.random.randrange(len(OFFERS)))
        await day.until(12)
        day.say("providers accept what they can, and finish it")
        await _work(providers)
        await _news(day, staff, customers)
        await day.until(15.5)
        for customer in customers[:3]:
            await _book(day, customer, 1 + day.random.randrange(len(OFFERS)))
        await _forget(day, f"customer{CUSTOMERS - 1}@example.net")
        await day.until(17)
        day.say("somebody asks support, and gets a decision")
        ticket = {"kind": "request", "subject": "Nobody came", "text": "I waited until noon."}
        await customers[4].post("/me/ticket", ticket)
        asked = day.field(await staff.get("/staff"), "ticket")
        await staff.post("/staff/decision", {"ticket": asked, "decision": "approved", "note": "You are paid back."})
        day.say("a list from before: refused without its source, and no mail comes of it with one")
        for source, status in (("", 422), ("sign-ups of the old shop, export of 3 March", 200)):
            old = BytesIO(b"email\nold1@example.net\nold2@example.net\n")
            await staff.post("/staff/import", {"file": old, "source": source}, status)


async def _member(person: Any, name: str, email: str, **more: str) -> Any:
    """Somebody whose browser is signed in, once the code from the mail was typed."""
    form = {"name": name, "email": email, "password": PASSWORD}
    page = await person.post("/sign-up", form | more)
    mail = await person.mail_to(email)
    await person.post("/confirm", {"id": person.field(page, "id"), "code": mail.code})
    await person.post("/sign-in", form)
    return person


async def _gone(day: Any) -> None:
    """An address that is none: the second try sends nothing."""
    form = {"name": "Customer Y", "email": f"bounce+marketplace@{SIMULATED}", "password": PASSWORD}
    await day.post("/sign-up", form)
    await day.until(9)
    await day.post("/sign-up", form)


async def _forget(day: Any, email: str) -> None:
    page = await day.post("/forgot", {"email": email})
    while "Reset" not in (mail := await day.mail_to(email)).subject:
        pass
    await day.post("/reset", {"id": day.field(page, "id"), "code": mail.code, "password": PASSWORD})


async def _subscribe(day: Any, email: str, topic: str) -> None:
    await day.post("/news", {"email": email, topic: "1"})
    while "/u/confirm/" not in (mail := await day.mail_to(email)).text:
        pass
    await day.post(mail.link("/u/confirm/"))


async def _book(day: Any, customer: Any, service: int) -> None:
    on = (day.now() + timedelta(days=1 + day.random.randrange(20))).date()
    await customer.post("/book", {"service": str(service), "day": on.isoformat()})


async def _work(providers: list[Any]) -> None:
    """Of each provider's bookings: the first is cancelled, the second accepted and done, the others wait."""
    for provider in providers:
        numbers = _bookings(await provider.get("/me"), "cancelled")
        for number, states in zip(numbers, (("cancelled",), ("accepted", "done")), strict=False):
            for state in states:
                await provider.post(f"/me/bookings/{number}/{state}")


def _bookings(page: str, state: str) -> list[str]:
    """Those that can become that, the oldest first."""
    parts = page.split(f'/{state}"')[:-1]
    return sorted((part.rpartition("/")[2] for part in parts), key=int)


async def _news(day: Any, staff: Any, customers: list[Any]) -> None:
    """One leaves a topic, one leaves all: neither gets the next issue."""
    issue = {"issue": "one", "title": "What is new", "text": "There are three new services.\n\nHave a look."}
    for topic in ("weekly", "categories"):
        await staff.post("/staff/newsletter", issue | {"topic": topic})
    await day.until(14)
    day.say("one leaves a topic, one leaves all")
    for email, what in (("customer0@example.net", "topic"), ("customer2@example.net", "all")):
        while "/u/leave/" not in (mail := await day.mail_to(email)).text or "What is new" not in mail.subject:
            pass
        await day.post(mail.link("/u/leave/"), {"what": what})
    for topic in ("weekly", "platform"):
        await staff.post("/staff/newsletter", issue | {"topic": topic, "issue": "two"})
