"""meet, the whole way: a poll, votes, a pick, the invites in the calendars of who can come, a move, an end."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import icalendar
import pytest
import pytest_asyncio

from examples.meet.app import create_app
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving
from franked.settings import read
from franked.wiring import Ses
from tests.browser import chromium, found
from tests.product import MovableClock

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEET = Path(__file__).parents[2] / "examples" / "meet"


def address(name: str, creator: str) -> str:
    """Of one who votes in this poll only."""
    return f"{name.lower()}@{creator.split('/')[2].encode().hex()}.example.net"


@dataclass(frozen=True, slots=True)
class Meet:
    url: str
    franked: Running
    http: aiohttp.ClientSession
    clock: MovableClock

    async def open(self, path: str, form: dict[str, str] | None = None, status: int = 200) -> tuple[str, str]:
        """Where it led, and what stands there."""
        async with self.http.request("GET" if form is None else "POST", self.url + path, data=form) as said:
            text = await said.text()
            assert said.status == status, text
            return said.url.path, text

    async def poll(self, *hours: int, **changes: str) -> str:
        """The creator's page."""
        slots = [(self.clock() + timedelta(hours=one)).strftime("%Y-%m-%dT%H:00") for one in hours]
        form = {
            "title": "Kick-off",
            "place": "Room 2",
            "description": "We look at the plan.",
            "zone": "UTC",
            "minutes": "30",
            "name": "Bo Beispiel",
            "email": "bo@example.org",
            **{f"slot{number}": slot for number, slot in enumerate(slots)},
        }
        path, _ = await self.open("/", form | changes)
        return path

    async def vote(self, creator: str, name: str, *votes: str) -> None:
        form = {f"vote{number}": vote for number, vote in enumerate(votes)}
        who = {"name": name, "email": address(name, creator)}
        await self.open(f"/p/{creator.split('/')[2]}", form | who)

    async def mails(self, creator: str, name: str) -> list[Any]:
        """The calendars in all mail to one who voted, the oldest first."""
        assert self.franked.wired.simulator is not None
        to = address(name, creator)
        await self.settled()
        found = []
        for mail in self.franked.wired.simulator.taken():
            if mail.recipient == to:
                url = f"{self.franked.wired.simulator.url}/mail/{mail.ses_id}/raw?download"
                async with self.http.get(url) as said:
                    whole = message_from_bytes(await said.read(), policy=policy.default)
                [part] = [part for part in whole.walk() if part.get_content_type() == "text/calendar"]
                found.append((whole, icalendar.Calendar.from_ical(str(part.get_content()))))
        return found

    async def settled(self) -> None:
        while any((await self.franked.world.store.count_waiting()).values()):
            await asyncio.sleep(0.02)


@asynccontextmanager
async def meeting(folder: Path) -> AsyncIterator[Meet]:
    settings, clock = read(MEET / "franked.toml", {}), MovableClock()
    settings = replace(
        settings,
        canary=replace(settings.canary, enabled=False),  # its mails are none of the product's
        store=replace(settings.store, directory=folder / "record"),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=True, rate=500.0, quota=50_000.0),
    )
    async with running(settings, Ses.SIMULATED, clock, StringIO()) as franked, aiohttp.ClientSession() as http:
        shown, record = make_key("meet", frozenset(settings.streams), frozenset(), clock())
        await franked.world.store.add_keys([record])
        app = create_app(franked.url, shown, folder / "meet.db", clock, "https://meet.example.com", 100_000)
        async with serving(app, listening("127.0.0.1", 0)) as url:
            yield Meet(url, franked, http, clock)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Meet]:
    async with meeting(tmp_path_factory.mktemp("meet")) as started:
        yield started


async def test_b1_b2_only_who_can_come_is_invited_and_only_after_the_pick(meet: Meet) -> None:
    """B1, B2."""
    creator = await meet.poll(24, 48)
    await meet.vote(creator, "Yes", "no", "yes")
    await meet.vote(creator, "Maybe", "yes", "maybe")
    await meet.vote(creator, "No", "yes", "no")
    assert [await meet.mails(creator, name) for name in ("Yes", "Maybe", "No")] == [[], [], []]
    _, page = await meet.open(f"{creator}/choose", {"slot": "1"})
    assert "Whoever can come has mail" in page
    [yes], [maybe] = await meet.mails(creator, "Yes"), await meet.mails(creator, "Maybe")
    assert await meet.mails(creator, "No") == []
    mail, calendar = yes
    [event] = calendar.walk("VEVENT")
    assert mail["Subject"] == "📅 Calendar Invite: Kick-off"  # B4
    assert mail["Reply-To"] == "Bo Beispiel <bo@example.org>"  # B3
    body = mail.get_body(("plain",)).get_content()
    for said in ("Kick-off", "Room 2", "We look at the plan.", "https://meet.example.com/p/"):  # B4
        assert said in body
    assert event["uid"] == maybe[1].walk("VEVENT")[0]["uid"]
    assert b"maybe@" not in mail.as_bytes()  # B5: no list


async def test_b1_a_move_and_an_end_reach_the_same_event(meet: Meet) -> None:
    creator = await meet.poll(24, 48)
    await meet.vote(creator, "Both", "yes", "yes")
    await meet.vote(creator, "First", "yes", "no")
    await meet.vote(creator, "Second", "no", "yes")
    await meet.open(f"{creator}/choose", {"slot": "0"})
    await meet.open(f"{creator}/choose", {"slot": "1"})
    await meet.open(f"{creator}/cancel", {})
    both = [calendar for _, calendar in await meet.mails(creator, "Both")]
    assert [str(one["method"]) for one in both] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [int(one.walk("VEVENT")[0]["sequence"]) for one in both] == [0, 1, 2]
    assert len({str(one.walk("VEVENT")[0]["uid"]) for one in both}) == 1
    first = [str(calendar["method"]) for _, calendar in await meet.mails(creator, "First")]
    second = [str(calendar["method"]) for _, calendar in await meet.mails(creator, "Second")]
    assert (first, second) == (["REQUEST", "CANCEL"], ["REQUEST", "CANCEL"])
    _, page = await meet.open(creator)
    assert "You have called the meeting off" in page


async def test_the_same_click_twice_is_one_mail(meet: Meet) -> None:
    creator = await meet.poll(24)
    await meet.vote(creator, "Once", "yes")
    for _ in range(3):
        await meet.open(f"{creator}/choose", {"slot": "0"})
        await meet.open(f"{creator}/send", {})
    assert len(await meet.mails(creator, "Once")) == 1


async def test_b2_a_slot_that_has_passed_invites_nobody(meet: Meet) -> None:
    creator = await meet.poll(2)
    await meet.vote(creator, "Late", "yes")
    meet.clock.move(hours=3)
    _, page = await meet.open(f"{creator}/choose", {"slot": "0"}, status=422)
    assert "has passed" in page
    assert await meet.mails(creator, "Late") == []


async def test_b6_the_creator_sees_whose_mail_came_back(meet: Meet) -> None:
    creator = await meet.poll(24, 48)
    form = {"vote0": "yes", "vote1": "yes", "name": "Gone", "email": "bounce@simulator.amazonses.com"}
    await meet.open(f"/p/{creator.split('/')[2]}", form)
    await meet.open(f"{creator}/choose", {"slot": "0"})
    await meet.settled()
    page = ""
    while "bounced" not in page:
        _, page = await meet.open(creator)
    _, page = await meet.open(f"{creator}/choose", {"slot": "1"})
    assert "dropped (suppressed)" in page


async def test_b6_whoever_leaves_invites_gets_none_any_more(meet: Meet) -> None:
    """Though it is transactional, and the poll asked for it."""
    first, second = await meet.poll(24), await meet.poll(24)
    leaver = {"name": "Leaver", "email": "leaver@example.net", "vote0": "yes"}
    for poll in (first, second):
        await meet.open(f"/p/{poll.split('/')[2]}", leaver)
    await meet.open(f"{first}/choose", {"slot": "0"})
    await meet.settled()
    assert meet.franked.wired.simulator is not None
    [mail] = [one for one in meet.franked.wired.simulator.taken() if one.recipient == "leaver@example.net"]
    text = meet.franked.wired.simulator.text_of(mail.ses_id)
    [link] = re.findall(r"http://\S+/u/leave/\S+", text)
    async with meet.http.post(link, data={"List-Unsubscribe": "One-Click"}) as said:
        assert said.status == 200
    await meet.open(f"{second}/choose", {"slot": "0"})
    _, page = await meet.open(second)
    assert "dropped (left)" in page
    _, page = await meet.open(f"{first}/cancel", {})
    await meet.settled()
    assert sum(one.recipient == "leaver@example.net" for one in meet.franked.wired.simulator.taken()) == 1


async def test_b1_in_a_browser_from_the_poll_to_the_invite_in_the_inbox(meet: Meet) -> None:
    program = found("chromium")
    if program is None:
        return
    assert meet.franked.wired.simulator is not None
    slot = (meet.clock() + timedelta(days=2)).strftime("%Y-%m-%dT%H:00")
    said = await asyncio.to_thread(_clicked, program, meet.url, meet.franked.wired.simulator.url, slot)
    assert "📅 Calendar Invite: Clicked" in said
    assert "invite.ics" in said


def _clicked(program: str, url: str, inbox: str, slot: str) -> str:
    """What stands in the inbox in the end."""
    with chromium(program) as browser:
        page = browser.new_page()
        page.goto(url)
        for name, value in {"title": "Clicked", "name": "Bo", "email": "bo@example.org", "slot0": slot}.items():
            page.fill(f"[name={name}]", value)
        page.click("button")
        creator = page.url
        page.goto(url + str(page.get_attribute("a[href^='/p/']", "href")))
        page.check("[name=vote0][value=yes]")
        page.fill("[name=name]", "Ana")
        page.fill("[name=email]", "clicked@example.net")
        page.click("button")
        page.goto(creator)
        page.check("[name=slot]")
        page.click("button")
        page.wait_for_selector("[role=status]")
        for _ in range(100):
            page.goto(f"{inbox}/?to=clicked@example.net")
            if page.locator("a[href^='/mail/']").count():
                page.locator("a[href^='/mail/']").first.click()
                return page.inner_text("body")
            page.wait_for_timeout(50)
        raise AssertionError("no mail came")


async def test_nobody_else_picks(meet: Meet) -> None:
    creator = await meet.poll(24)
    poll = creator.split("/")[2]
    for path in (f"/c/{poll}/guess", f"/c/{poll}/guess/choose", f"/c/{poll}/guess/cancel"):
        await meet.open(path, {"slot": "0"} if path.count("/") > 3 else None, status=404)
    _, page = await meet.open(f"/p/{poll}")
    assert creator.split("/")[3] not in page
    assert "bo@example.org" not in page


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "a" * 200},
        {"name": "Bo <b@example.net>"},
        {"email": "bo"},
        {"email": "bo@-example_.org"},
        {"zone": "Mars/Phobos"},
        {"minutes": "soon"},
        {"slot0": "2020-01-01T10:00"},
        {"slot0": "tomorrow"},
    ],
    ids=str,
)
async def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(meet: Meet, changes: dict[str, str]) -> None:
    at = (meet.clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:00")
    form = {"title": "Kick-off", "zone": "UTC", "minutes": "30", "name": "Bo", "email": "bo@example.org", "slot0": at}
    _, page = await meet.open("/", form | changes, status=422)
    assert re.search(r'role="alert">Please|role="alert">A meeting', page)
    assert f'value="{(form | changes)["minutes"]}"' in page
