"""The portal's day, played: how its people use it, and what the demo needs to know to put it on its stage."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Litestar

from . import app

KEYS: Mapping[str, frozenset[str]] = {"portal": frozenset()}  # RATE and QUOTA: none yet, the day begins in the sandbox
PASSWORD = "correct horse battery"  # noqa: S105 (of people who don't exist)
MEMBERS = 36  # people who sign up and confirm
FORGETFUL = 8  # of them ask for a new password
CAREFUL = 10  # sign in in two steps
SIMULATED = "simulator.amazonses.com"


def create_app(
    franked_url: str, keys: Mapping[str, str], database: Path, now: Callable[[], datetime], site: str
) -> Litestar:
    return app.create_app(franked_url, keys["portal"], database, now, requests_a_minute=100_000)


async def play(day: Any) -> None:
    """`day`: see franked/doors/cli/demo/day.py."""
    day.say("in the sandbox: one mail a second, and a stranger's is held")
    for email in ("early@example.net", *(f"{what}+1@{SIMULATED}" for what in ("success", "bounce", "complaint"))):
        await _sign_up(day, email)
    await day.until(8)
    day.say("two days later AWS lets the account out; what was held goes")
    await day.aws_says_yes(rate=14, quota=50_000)
    await day.until(9)
    members = [f"member{number}@example.org" for number in range(1, MEMBERS + 1)]
    day.random.shuffle(members)
    day.say("people sign up, and read their codes in the mail")
    await day.crowd([_join(day, email) for email in members[: MEMBERS // 2]])
    await day.until(10.5)
    await day.crowd([_join(day, email) for email in members[MEMBERS // 2 :]])
    gone = [f"bounce+{number}@{SIMULATED}" for number in range(2, 6)]
    odd = [f"complaint+2@{SIMULATED}", f"ooto+1@{SIMULATED}", f"suppressionlist+1@{SIMULATED}"]
    await day.crowd([_sign_up(day, email) for email in (*gone, *odd)])
    await day.until(12)
    day.say("two who bounced, or complained, try again: nothing is sent")
    await day.crowd([_sign_up(day, f"{what}+1@{SIMULATED}") for what in ("bounce", "complaint")])
    await day.until(15.5)
    day.say("some forget their password, some sign in in two steps")
    await day.crowd([_forget(day, email) for email in members[:FORGETFUL]])
    await day.crowd([_sign_in(day, email) for email in members[:CAREFUL]])
    await day.until(18)
    day.say("one deletes the account")
    await day.post("/delete?lang=en", {"email": members[-1], "password": PASSWORD})
    await day.mail_to(members[-1])  # it is handed over after the page was answered


async def _sign_up(day: Any, email: str, lang: str = "en") -> str:
    """The id of the code that makes the account active. All ask for a code at each sign-in."""
    form = {"name": "Ana Muster", "email": email, "password": PASSWORD, "two_steps": "yes"}
    return str(day.field(await day.post(f"/sign-up?lang={lang}", form), "id"))


async def _join(day: Any, email: str) -> None:
    code_id = await _sign_up(day, email, "de" if len(email) % 2 else "en")
    mail = await day.mail_to(email)
    await day.post("/confirm", {"id": code_id, "code": mail.code})


async def _sign_in(day: Any, email: str) -> None:
    page = await day.post("/sign-in?lang=en", {"email": email, "password": PASSWORD})
    mail = await day.mail_to(email)
    await day.post("/second-factor?lang=en", {"id": day.field(page, "id"), "code": mail.code})


async def _forget(day: Any, email: str) -> None:
    page = await day.post("/forgot?lang=en", {"email": email})
    mail = await day.mail_to(email)
    form = {"id": day.field(page, "id"), "code": mail.code, "password": PASSWORD}
    await day.post("/reset", form)
