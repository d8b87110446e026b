"""meet's day, played: who makes polls and who votes, and what the demo needs to know to put it on its stage."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar

from . import app

KEYS: Mapping[str, frozenset[str]] = {"polls": frozenset()}
RATE, QUOTA = 14.0, 50_000.0
POLLS, VOTERS = 8, 6
SIMULATED = "simulator.amazonses.com"


def create_app(
    franked_url: str, keys: Mapping[str, str], database: Path, now: Callable[[], datetime], site: str
) -> Litestar:
    return app.create_app(franked_url, keys["polls"], database, now, site, requests_a_minute=100_000)


async def play(day: Any) -> None:
    """`day`: see franked/doors/cli/demo/day.py."""
    await day.until(8)
    day.say("people make polls, and others vote")
    polls = [await _make(day, number) for number in range(POLLS)]
    for number, poll in enumerate(polls):
        for voter in range(VOTERS):
            await _vote(day, poll, f"voter{number}-{voter}@example.net", voter)
    await _vote(day, polls[0], f"bounce+meet@{SIMULATED}", 0)
    await _vote(day, polls[1], f"complaint+meet@{SIMULATED}", 0)
    await _vote(day, polls[2], f"ooto+meet@{SIMULATED}", 0)
    await day.until(10.5)
    day.say("the creators pick a time: whoever can come gets an invite")
    for poll in polls:
        await day.post(f"{poll}/choose", {"slot": "0"})
    await day.until(12)
    day.say("one does not want invites any more")
    mail = await day.mail_to("voter5-0@example.net")
    await day.post(mail.link("/u/leave/"), {"what": "this"})
    await day.until(15.5)
    day.say("two meetings move, one is called off")
    for poll in (polls[0], polls[5]):
        await day.post(f"{poll}/choose", {"slot": "1"})
    await day.post(f"{polls[1]}/cancel")


async def _make(day: Any, number: int) -> str:
    """The creator's page."""
    starts = [day.now() + timedelta(days=3 + number, hours=hours) for hours in (0, 24)]
    slots = {f"slot{place}": f"{start:%Y-%m-%dT%H:00}" for place, start in enumerate(starts)}
    about = {"title": f"Planning {number + 1}", "place": "Room 2", "description": "We look at the plan."}
    by = {"name": "Bo Beispiel", "email": f"creator{number}@example.org", "zone": "Europe/Zurich", "minutes": "30"}
    page = await day.post("/", about | by | slots)
    return str(day.action(page, "/choose"))


async def _vote(day: Any, poll: str, email: str, voter: int) -> None:
    """The first of a poll's voters can always come."""
    words = ["yes", "maybe"] if voter == 0 else [day.random.choice(("yes", "maybe", "no")) for _ in range(2)]
    form = {"name": f"Voter {voter + 1}", "email": email}
    await day.post(f"/p/{poll.split('/')[2]}", form | {f"vote{number}": vote for number, vote in enumerate(words)})
