"""The Franked behind a product of examples/, as its owner asks it, and what its admin is told."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp

from franked.doors.running import Running
from franked.reputation.alarms import tell
from franked.wiring import Simulator
from tests.commandline import franked as command
from tests.product import MovableClock

REPORT = "Mail report"


def played_by(franked: Running) -> Simulator:
    assert franked.wired.simulator is not None
    return franked.wired.simulator


async def said(franked: Running, *words: str) -> str:
    """By the command line, in a terminal of the product's owner."""
    owner = {"FRANKED_URL": franked.url, "FRANKED_KEY": franked.control_key}
    done = await asyncio.to_thread(command, Path.cwd(), *words, **owner)
    assert done.status == 0, done.err
    return done.out


async def asked(franked: Running, path: str) -> Any:
    headers = {"Authorization": f"Bearer {franked.control_key}"}
    async with aiohttp.ClientSession() as http, http.get(franked.url + path, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def told_admin(franked: Running, admin: str, *titles: str) -> dict[str, str]:
    """The texts of the mails with these titles, once they are all there."""
    await tell(franked.world)
    played = played_by(franked)
    async with asyncio.timeout(10):
        while set(titles) - (told := _mails(played, admin, titles)).keys():
            await asyncio.sleep(0.02)
    return told


def _mails(played: Simulator, admin: str, titles: Sequence[str]) -> dict[str, str]:
    found = (
        (dict(one.headers)["Subject"], one.text or "") for id_ in played.ids_to(admin) if (one := played.read(id_))
    )
    return {title: text for subject, text in found for title in titles if subject.startswith(title)}


def move_to(clock: MovableClock, day: date, hour: int) -> None:
    now = clock()
    then = now.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=1)
    clock.move(seconds=(then - now).total_seconds())
