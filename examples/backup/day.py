"""The backup service's day, played: its people, the agents on their machines, and what the demo needs to know."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Litestar

from . import app

KEYS: Mapping[str, frozenset[str]] = {"backup": frozenset()}  # RATE and QUOTA: none yet, the day begins in the sandbox
PASSWORD = "correct horse battery"  # noqa: S105 (of people who don't exist)
DESK = "of-the-demo-only"
MEMBERS, MACHINES = 20, 50  # each of the machines is backed up in the night: 1,000 mails in the peak hour
GROWN = 200  # accounts, after six months: 10,000 mails in the peak hour, 50,000 a day
SIMULATED = "simulator.amazonses.com"
_CODE = re.compile(r"^(\d{6})$", re.MULTILINE)


def create_app(
    franked_url: str, keys: Mapping[str, str], database: Path, now: Callable[[], datetime], site: str
) -> Litestar:
    return app.create_app(franked_url, keys["backup"], database, now, site, DESK, requests_a_minute=1_000_000)


@dataclass(frozen=True, slots=True)
class Member:
    """An account, signed in on one device. `token` is its machines'."""

    email: str
    cookie: str
    token: str


async def play(day: Any) -> None:
    """`day`: see franked/doors/cli/demo/day.py."""
    early = await _in_the_sandbox(day)
    await day.until(2)
    day.say("AWS says yes; what was held goes")
    await day.aws_says_yes(rate=50, quota=50_000)
    await _confirm(day, *early)
    await day.until(4)
    day.say("people sign up, and give their machines a token")
    unwilling = [f"{what}+1@{SIMULATED}" for what in ("complaint", "ooto", "suppressionlist")]
    await day.crowd(_join(day, email) for email in unwilling)
    members = await _members(day, range(MEMBERS))
    await day.until(6)  # by then it is known what became of the first mails
    odd = await day.crowd(_enter(day, email) for email in unwilling)
    await day.until(10.5)
    day.say("some machines report while Amazon is out")
    await _report(day, [*members[:10], *odd], "morning", machines=3)
    await day.until(10.75)
    await _fill(day, members[:5])
    await day.until(12)
    await _forget_and_change(day, members)
    await _news(day, members)
    await day.until(15.5)
    day.say("some change their plan, while Amazon throttles")
    await day.crowd(_ask(day, member, "/settings/plan", {"plan": "Studio"}) for member in members[9:19])
    await _report(day, odd, "afternoon", machines=2)
    await day.until(20)
    day.say("the peak hour: every machine is backed up, 1,000 mails")
    await _report(day, members, "night", machines=MACHINES)
    if day.full:
        await _grow(day, members)


async def _in_the_sandbox(day: Any) -> tuple[str, str]:
    """The address and the code's id of one whose mail has to wait."""
    day.say("in the sandbox: one mail a second, and a stranger's is held")
    for email in (f"success+1@{SIMULATED}", f"bounce+1@{SIMULATED}", "tester@backup.example.com"):
        await _sign_up(day, email)
    email = "early@example.net"
    return email, await _sign_up(day, email)


async def _fill(day: Any, members: Sequence[Member]) -> None:
    """A disk that fills the plan: a warning at 80 %, and one at 95 %."""
    day.say("storage runs full")
    for stored in (81, 82, 96):
        runs = [_run(day, f"big-{stored}", "archive", stored=stored * 10**9)]
        await day.crowd(_tell(day, member, runs) for member in members)
    await _handed_over(day)


async def _forget_and_change(day: Any, members: Sequence[Member]) -> None:
    day.say("somebody bounced and signs up again, some leave a topic, some sign in elsewhere")
    await _sign_up(day, f"bounce+1@{SIMULATED}")
    for member in members[:2]:
        await day.post(await _link(day, member.email, "/u/leave/"), {"what": "this"})
    for member in members[2:6]:
        await _post(day, "/sign-in", {"email": member.email, "password": PASSWORD}, status=303)
    for member in members[6:9]:
        page = await day.post("/forgot", {"email": member.email})
        form = {"id": day.field(page, "id"), "code": await _code(day, member.email), "password": PASSWORD}
        await day.post("/reset", form)


async def _news(day: Any, members: Sequence[Member]) -> None:
    """Those who subscribe are asked; half of them say yes."""
    await day.until(13)
    day.say("some subscribe to the news, and confirm it")
    await day.crowd(_ask(day, member, "/settings/news") for member in members[9:19])
    for member in members[9:15]:
        await day.post(await _link(day, member.email, "/u/confirm/"))
    await day.until(14)
    day.say("an issue goes to all who confirmed")
    issue = {"issue": "first-issue", "title": "What is new", "text": "Restoring a file takes two steps now."}
    await _post(day, f"/desk/{DESK}", issue, status=303)


async def _grow(day: Any, members: list[Member]) -> None:
    """What is planned, not what is: ten times the accounts."""
    await day.until(20.5)
    day.say("planned: ten times the accounts sign up")
    await day.aws_says_yes(rate=200, quota=100_000)
    grown = members + await _members(day, range(MEMBERS, GROWN))
    await day.until(21)
    day.say("planned: a peak hour of 10,000 mails")
    await _report(day, grown, "peak", machines=MACHINES)
    for hour in (21.5, 22, 22.5, 23):
        await day.until(hour)
        day.say("planned: 50,000 mails in the day")
        await _report(day, grown, f"at-{hour}", machines=MACHINES)


# --- what people do ---------------------------------------------------------------------------------------------------


async def _sign_up(day: Any, email: str) -> str:
    """The code's id."""
    page = await day.post("/sign-up", {"name": "Ana Muster", "email": email, "password": PASSWORD})
    return str(day.field(page, "id"))


async def _code(day: Any, email: str) -> str:
    """In the next mail that has one."""
    while not (found := _CODE.search((await day.mail_to(email)).text)):
        pass
    return found[1]


async def _link(day: Any, email: str, part: str) -> str:
    """In the next mail that has one."""
    while part not in (mail := await day.mail_to(email)).text:
        pass
    return str(mail.link(part))


async def _confirm(day: Any, email: str, code: str) -> None:
    await day.post("/confirm", {"id": code, "code": await _code(day, email)})


async def _join(day: Any, email: str) -> None:
    await _confirm(day, email, await _sign_up(day, email))


async def _enter(day: Any, email: str) -> Member:
    cookie = await _post(day, "/sign-in", {"email": email, "password": PASSWORD}, status=303)
    page = await _ask(day, Member(email, cookie, ""), "/settings/token")
    return Member(email, cookie, page.partition('id="token">')[2].partition("<")[0])


async def _members(day: Any, numbers: Iterable[int]) -> list[Member]:
    async def member(email: str) -> Member:
        await _join(day, email)
        return await _enter(day, email)

    found: list[Member] = await day.crowd(member(f"member{number + 1}@example.org") for number in numbers)
    return found


async def _ask(day: Any, member: Member, path: str, form: Mapping[str, str] | None = None) -> str:
    async with day.http.post(
        day.url + path, data=form or {}, headers={"Cookie": member.cookie}, allow_redirects=False
    ) as answer:
        assert answer.status == 200, path
        return str(await answer.text())


async def _post(day: Any, path: str, form: Mapping[str, str], status: int) -> str:
    """From a device that nobody knows; the cookies that it has then."""
    async with day.http.post(day.url + path, data=form, allow_redirects=False) as answer:
        assert answer.status == status, path
        return "; ".join(f"{name}={one.value}" for name, one in answer.cookies.items())


# --- what machines do -------------------------------------------------------------------------------------------------


def _run(day: Any, id_: str, machine: str, stored: int, error: str = "") -> dict[str, object]:
    done = {"files": day.random.randrange(1, 5000), "bytes": day.random.randrange(10**6, 10**10)}
    return {"id": id_, "machine": machine, "ended_at": day.now().isoformat(), "stored": stored, "error": error, **done}


async def _report(day: Any, members: Sequence[Member], name: str, machines: int) -> None:
    """Of each machine one run; few fail."""
    reports = []
    for member in members:
        failed = ["The disk could not be read." if day.random.random() < 0.03 else "" for _ in range(machines)]
        runs = [
            _run(day, f"{name}-{number}", f"machine-{number}", 10**9, why) for number, why in enumerate(failed, start=1)
        ]
        reports.append(_tell(day, member, runs))
    await day.crowd(reports)
    await _handed_over(day)


async def _tell(day: Any, member: Member, runs: Sequence[Mapping[str, object]]) -> None:
    headers = {"Authorization": f"Bearer {member.token}"}
    async with day.http.post(f"{day.url}/api/runs", json={"runs": runs}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def _handed_over(day: Any) -> None:
    """Until Franked has what is due: then it is mail under way, for which the hours wait."""
    while '"notices_waiting":0' not in await day.get("/health"):  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.05)
