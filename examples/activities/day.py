"""The directory's day, played: who joins, asks and decides, and what the demo needs to know to put it on its stage."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Litestar

from . import app

KEYS: Mapping[str, frozenset[str]] = {  # the day begins in the sandbox
    "sign-in": frozenset({"sign-in-code"}),
    "tickets": frozenset({"ticket", "decision"}),
}
STAFF = "demo"  # the staff's page is /staff/demo
MEMBERS = 36
QUIET = 6  # of them have nothing to say
SIMULATED = "simulator.amazonses.com"


def create_app(
    franked_url: str, keys: Mapping[str, str], database: Path, now: Callable[[], datetime], site: str
) -> Litestar:
    secret = secrets.token_urlsafe(32)
    return app.create_app(
        franked_url, keys, database, secret=secret, staff=STAFF, now=now, url=site, requests_a_minute=100_000
    )


async def play(day: Any) -> None:
    """`day`: see franked/doors/cli/demo/day.py."""
    day.say("in the sandbox: a member's code is held, and worth nothing in the morning")
    await _ask_to_join(day, "early@example.net")
    await _join(day, f"success+1@{SIMULATED}", "The pool was closed")  # the mailbox is told when AWS says yes
    for what in ("bounce", "complaint"):
        await _ask_to_join(day, f"{what}+1@{SIMULATED}")
    await day.until(8)
    day.say("AWS lets the account out: a thousand mails a day")
    await day.aws_says_yes(rate=14, quota=1000)
    members = [f"member{number}@example.org" for number in range(1, MEMBERS + 1)]
    day.random.shuffle(members)
    await day.until(9)
    day.say("people sign in by code, and some say what is missing")
    half = MEMBERS // 2
    await day.crowd(_join(day, one, None if place < QUIET else "A course") for place, one in enumerate(members[:half]))
    await day.until(10.5)
    await day.crowd(_join(day, one, "Opening hours") for one in members[half:])
    odd = (f"complaint+2@{SIMULATED}", f"ooto+1@{SIMULATED}")
    await day.crowd(_join(day, one, "Is there a choir?") for one in odd)
    await day.crowd(_ask_to_join(day, f"{what}@{SIMULATED}") for what in ("bounce+2", "suppressionlist+1"))
    await day.until(12)
    day.say("the staff decides; who complained in between hears nothing")
    await _decide(day, of=2)
    await day.until(13)
    day.say("two who bounced, or complained, ask for a code: nothing is sent")
    await day.crowd(_ask(day, f"{what}+1@{SIMULATED}") for what in ("bounce", "complaint"))
    await day.until(15.5)
    day.say("some sign in again; the rest is decided, with a button pressed twice")
    await day.crowd(_come_back(day, one) for one in members[:10])
    await _decide(day, of=1)


async def _ask_to_join(person: Any, email: str) -> None:
    await person.post("/join", {"name": "Ana Muster", "email": email})


async def _ask(person: Any, email: str) -> None:
    await person.post("/sign-in", {"email": email})


async def _join(day: Any, email: str, about: str | None) -> None:
    async with day.person() as ana:
        await _ask_to_join(ana, email)
        page = await _type(ana, email)
        if about:
            once = ana.field(page, "once")
            form = {"once": once, "kind": "request", "title": about, "text": f"{about}: could you have a look?"}
            await ana.post("/tickets", form)


async def _come_back(day: Any, email: str) -> None:
    async with day.person() as ana:
        await _ask(ana, email)
        await _type(ana, email)


async def _type(ana: Any, email: str) -> str:
    """The code of the next mail that has one: decisions come in between."""
    mail = await ana.mail_to(email)
    while "code" not in mail.subject:
        mail = await ana.mail_to(email)
    return str(await ana.post("/code", {"code": mail.code}))


async def _decide(day: Any, of: int) -> None:
    """One of so many that are open."""
    for ticket in _open(day, await day.get(f"/staff/{STAFF}"))[::of]:
        form = {"ticket": ticket, "word": "approved" if int(ticket) % 3 else "declined", "note": "Thank you."}
        await day.post(f"/staff/{STAFF}/decide", form)
        await day.post(f"/staff/{STAFF}/decide", form)


def _open(day: Any, page: str) -> Sequence[str]:
    return [part.partition('"')[0] for part in page.split('name="ticket" value="')[1:]]
