"""The directory of activities: whom its mail reaches, how much there is, what it says, and how its pages are used."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from franked.formats.lint import Finding, lint
from franked.formats.template import Template, parse
from franked.rules.message import State
from franked.rules.stream import Kind
from franked.settings import read
from franked.wiring import templates_of
from tests.activities import FOLDER, NO, STAFF, SUPPORT, YES, Browser, Directory, code_in, draft, opened, text_of
from tests.browser import chromium, found
from tests.commandline import franked

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def directory(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Directory]:
    async with opened(tmp_path_factory.mktemp("activities")) as started:
        yield started


# --- E9: to nobody else -----------------------------------------------------------------------------------------------


@pytest.mark.asyncio(loop_scope="function")
async def test_e9_mail_goes_to_a_verified_account_the_one_mailbox_and_nobody_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as directory, directory.person() as ana, directory.person() as eve:
        await ana.sign_in("ana.e9@example.net")
        await _try_to_mail_others(directory, ana, eve)
        number = await ana.submit(
            "Hers", email="victim@example.org", address="victim@example.org", to="victim@example.org"
        )
        await directory.staff({"ticket": number, "email": "victim@example.org"} | YES)
        await directory.settled()
        assert sorted(directory.recipients()) == ["ana.e9@example.net"] * 2 + ["joined@example.org", SUPPORT]
        [code] = await directory.mails_to("joined@example.org")
        assert "Hello,\n" in text_of(code)  # it was not its owner who typed that name
        assert str(directory.settings.tickets.mailbox) == SUPPORT


async def _try_to_mail_others(directory: Directory, ana: Browser, eve: Browser) -> None:
    """One who has joined and typed no code gets that code, and nothing else can be had for the address."""
    await eve.open("/join", {"name": "Cheap watches at cheap.example", "email": "joined@example.org"})
    form = {"once": "x", "kind": "request", "title": "Not mine", "text": "No account is signed in."}
    assert "New here?" in await eve.open("/tickets", form)
    assert "Not mine" not in await directory.staff()
    for typed in (
        "ana.e9@example.net, victim@example.org",
        "victim@example.org\r\nBcc: ana.e9@example.net",
        "<v@x.org>",
    ):
        await eve.open("/sign-in", {"email": typed}, status=422)
        await eve.open("/join", {"name": "Eve", "email": typed}, status=422)
    await eve.open("/sign-in", {"email": "victim@example.org"})
    at = directory.clock().isoformat()
    known = {"id": "t", "kind": "request", "subject": "x", "text": "y", "account": "a", "address": "b"}
    status, problem = await directory.ask("tickets", "POST", "/v1/messages", draft("ticket", known, at))
    assert (status, problem["code"]) == (403, "not_allowed")  # the stream of notices has one reader


async def test_e9_who_complained_or_bounced_hears_nothing_more(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("complaint+e9@simulator.amazonses.com")
        number = await ana.submit("Before the complaint came")
        await directory.settled()
        await directory.staff({"ticket": number} | YES)
    line = next(one for one in directory.product_lines()[::-1] if one["event"] == "decision_told")
    story = await directory.story(line["message"])
    assert (story.state, story.reason) == (State.DROPPED, "suppressed")


# --- E10: how much ----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio(loop_scope="function")
async def test_e10_a_day_has_fewer_than_200_mails_and_loses_none(tmp_path: Path) -> None:
    said = await asyncio.to_thread(franked, tmp_path, "demo", "activities", "--json", TMPDIR=str(tmp_path))
    told = json.loads(said.out)
    assert (said.status, told["lost"], told["doubled"]) == (0, 0, 0), said.err
    assert 100 <= told["accepted"] < 200


# --- E11: no advertising ----------------------------------------------------------------------------------------------


@pytest.mark.asyncio(loop_scope="function")
async def test_e11_no_mail_advertises_and_every_one_is_transactional() -> None:
    settings = read(FOLDER / "franked.toml", {})
    templates = templates_of(settings)
    assert {stream.kind for stream in settings.streams.values()} == {Kind.TRANSACTIONAL}
    assert {one.name for one in templates if isinstance(one, Template)} == set(settings.streams)
    assert [finding for one in templates for finding in findings(one)] == []
    spoilt = {"en.txt": '+++\nsubject = "Your code"\nvariables = []\n+++\nSpecial offer: buy now!'}
    assert "promotional" in {one.what for one in findings(parse("decision", spoilt, "en"))}


def findings(template: object) -> list[Finding]:
    settings = read(FOLDER / "franked.toml", {})
    contact = settings.sender
    sender = {"name": contact.name, "website": contact.website, "postal_address": contact.postal_address}
    assert isinstance(template, Template)
    return lint(template, [settings.streams[template.name]], sender)


# --- the pages --------------------------------------------------------------------------------------------------------


async def test_the_directory_shows_what_there_is_by_topic(directory: Directory) -> None:
    async with directory.person() as anybody:
        everything, music = await anybody.open("/"), await anybody.open("/?topic=music")
        assert "Open pottery studio" in everything
        assert ("Ukulele circle" in music, "Open pottery studio" in music) == (True, False)
        assert "nothing of that kind" in await anybody.open("/?topic=<script>")


async def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(directory: Directory) -> None:
    async with directory.person() as ana:
        for form in ({"name": "", "email": "a@example.net"}, {"name": "Bo <b@example.net>", "email": "a@example.net"}):
            assert 'role="alert">Please' in await ana.open("/join", form, status=422)
        await ana.sign_in("forms@example.net")
        good = {"once": "f", "kind": "request", "title": "Kept title", "text": "Kept text"}
        for wrong in (
            {"title": ""},
            {"title": "a" * 121},
            {"kind": "bill"},
            {"text": ""},
            {"text": "\x07"},
            {"once": ""},
        ):
            page = await ana.open("/tickets", good | wrong, status=422)
            assert 'role="alert">Please' in page
            assert [kept for kept in ("Kept title", "Kept text") if kept in page]
        assert "Kept title" not in await directory.staff()


async def test_the_same_form_twice_is_one_ticket_and_an_account_has_ten_a_day(directory: Directory) -> None:
    async with directory.person() as ana:
        await ana.sign_in("many@example.net")
        for number in (0, 0, *range(10)):
            form = {"once": f"f{number}", "kind": "feedback", "title": f"Number {number}", "text": "Again"}
            await ana.open("/tickets", form)
        assert (await ana.open("/tickets")).count("feedback: Number") == 10
        more = {"once": "f10", "kind": "feedback", "title": "Number 10", "text": "Again"}
        assert "tomorrow" in await ana.open("/tickets", more, status=422)
    await directory.settled()
    subjects = [mail["Subject"] for mail in await directory.mails_to(SUPPORT) if "Number" in mail["Subject"]]
    assert len(subjects) == len(set(subjects)) == 10


async def test_one_mailbox_gets_ten_codes_a_day(directory: Directory) -> None:
    async with directory.person() as eve:
        for tag in range(10):
            await eve.open("/join", {"name": "Eve", "email": f"flooded+{tag}@example.net"})
        page = await eve.open("/join", {"name": "Eve", "email": "flooded@example.net"}, status=429)
        assert "wait" in page
    await directory.settled()
    assert [one for one in directory.recipients() if one == "flooded@example.net"] == []


async def test_only_who_knows_the_staffs_page_decides(directory: Directory) -> None:
    async with directory.person() as eve:
        await eve.sign_in("eve@example.net")
        number = await eve.submit("Mine")
        for path in ("/staff/guess", "/staff/é", "/staff/"):
            await eve.open(path, status=404)
        await eve.open("/staff/guess/decide", {"ticket": number} | YES, status=404)
        assert await directory.number_of("Mine") == number
    for form in (
        {"ticket": "x"},
        {"ticket": "99999"},
        {"ticket": number, "word": "maybe"},
        {"ticket": number, "note": "é" * 501},
    ):
        assert 'role="alert"' in await directory.staff(NO | form, status=422)
    assert await directory.number_of("Mine") == number


async def test_from_the_first_page_to_the_mail_in_the_inbox_in_a_real_browser(directory: Directory) -> None:
    if program := found("chromium"):
        loop = asyncio.get_running_loop()

        def read_code() -> str:
            asked = directory.mails_to("click@example.net", 1)
            [mail] = asyncio.run_coroutine_threadsafe(asked, loop).result(10)
            return code_in(mail)

        await asyncio.to_thread(click_through, program, directory.url, read_code)
        mail = (await directory.mails_to("click@example.net", 2))[-1]
        assert mail["Subject"] == "Your suggestion: approved – Activities"
        assert "“Chess in the park”" in text_of(mail)


def click_through(program: str, url: str, read_code: Callable[[], str]) -> None:
    with chromium(program) as browser:
        page, staff = browser.new_page(), browser.new_page()
        page.goto(url)
        looked_at(page)
        page.get_by_role("link", name="Sign in").click()
        looked_at(page)
        page.get_by_label("Your name").fill("Ana Muster")
        page.get_by_label("Your email address").nth(1).fill("click@example.net")
        page.get_by_role("button", name="Join").click()
        looked_at(page)
        page.get_by_label("Code").fill(read_code())
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("suggestion").check()
        page.get_by_label("In a few words").fill("Chess in the park")
        page.get_by_label("What it is about").fill("Two tables would do.")
        page.get_by_role("button", name="Submit").click()
        assert "Chess in the park" in page.get_by_role("table").inner_text()
        looked_at(page)
        staff.goto(f"{url}/staff/{STAFF}")
        looked_at(staff)
        mine = staff.get_by_role("group", name="Chess in the park")
        mine.get_by_label("Note").fill("Good idea.")
        mine.get_by_role("button", name="Approve").click()
        assert "Decided." in staff.get_by_role("status").inner_text()


def looked_at(page: Page) -> None:
    """By whoever can't see it."""
    violations = Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in {"serious", "critical"}] == [], page.url
