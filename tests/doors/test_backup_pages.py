"""The backup service's pages and API before strangers and mistakes, and in a browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.sync_api import Page

from franked.backends.local import Fault, SendFault
from tests.browser import chromium, found
from tests.doors.backup_service import DESK, PASSWORD, Service, service_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with service_in(tmp_path_factory.mktemp("pages")) as started:
        yield started


# --- who asks ---------------------------------------------------------------------------------------------------------


async def test_nobody_but_the_owner_sees_or_reports_anything(service: Service) -> None:
    browser = await service.member("owner@example.org")
    token = await service.token(browser)
    for path in ("/machines", "/mail", "/settings"):
        assert await service.browser().open(path, status=303) == "/sign-in"
    for path in ("two-steps", "token", "plan", "news", "delete"):
        assert await service.browser().open(f"/settings/{path}", {}, 303) == "/sign-in"
    for guess in ("", "x", f"{token}x", token.partition(".")[0], token.partition(".")[0] + "."):
        await service.report(guess, service.run("r1"), status=401)
    newer = await service.token(browser)
    await service.report(token, service.run("r1"), status=401)  # a new token ends the old one
    await service.report(newer, service.run("r1"))
    for guess in ("guess", DESK[:-1], "%F0%9F%92%A3"):
        await service.browser().open(f"/desk/{guess}", status=404)
        await service.browser().open(f"/desk/{guess}", {"title": "x", "text": "x"}, 404)
    assert await browser.open("/sign-out", {}, 303) == "/sign-in"
    await browser.open("/machines", status=303)


async def test_an_account_that_is_deleted_is_gone_with_all_it_had(tmp_path: Path) -> None:
    """What waits for it at Franked, too."""
    async with service_in(tmp_path) as service:
        await _deleted(service)


async def _deleted(service: Service) -> None:
    browser = await service.member("gone@example.org")
    token = await service.token(browser)
    await service.settled()
    service.simulator.plan(Fault(SendFault.ERROR_503, times=1_000))
    await service.report(token, service.run("r1"))
    assert "password is wrong" in await browser.open("/settings/delete", {"password": "guess"}, 422)
    while await service.waiting():
        await asyncio.sleep(0.01)
    await browser.open("/settings/delete", {"password": PASSWORD}, 303)
    service.simulator.clear_faults()
    await service.settled()
    assert await service.mails("gone@example.org", "backup-completed") == []
    await service.report(token, service.run("r1"), status=401)
    await service.sign_in(browser, "gone@example.org", status=422)
    await browser.open("/machines", status=303)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "a b"},
        {"machine": "<b>x</b>"},
        {"machine": "x" * 41},
        {"ended_at": "yesterday"},
        {"ended_at": "2999-01-01T00:00:00Z"},
        {"ended_at": "2026-01-01T00:00:00"},
        {"stored": -1},
        {"stored": 10**16},
        {"error": "x" * 201},
        {"more": 1},
    ],
    ids=str,
)
async def test_a_report_that_is_wrong_is_refused_whole(service: Service, changes: dict[str, Any]) -> None:
    token = await _reporter(service)
    await service.report(token, service.run("good"), service.run("wrong") | changes, status=400)
    assert await service.report(token, service.run("good", "only")) == {"new": 1, "known": 0}


async def _reporter(service: Service) -> str:
    email = f"reporter{len(service.simulator.taken())}@example.org"
    return await service.token(await service.member(email))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Visit evil.example now"},
        {"name": "http://evil"},
        {"name": "Call 0800 now"},
        {"name": ""},
        {"email": "ana"},
        {"email": "ana@x"},
        {"password": "short"},
    ],
    ids=str,
)
async def test_a_sign_up_that_is_wrong_says_so_and_mails_nobody(service: Service, changes: dict[str, str]) -> None:
    form = {"name": "Ana Muster", "email": "wrong@example.org", "password": PASSWORD}
    assert 'role="alert">Please' in await service.browser().open("/sign-up", form | changes, 422)
    await service.settled()
    assert await service.mails("wrong@example.org") == []


# --- in a browser -----------------------------------------------------------------------------------------------------


async def test_a_person_clicks_through_from_sign_up_to_the_mail_in_the_inbox(service: Service) -> None:
    """C1, C2, in headless Chromium; the inbox is the simulated account's."""
    if program := found("chromium"):
        await asyncio.to_thread(_clicked, program, service.url, service.simulator.url, service.clock().isoformat())


def _clicked(program: str, site: str, inbox: str, at: str) -> None:
    with chromium(program) as browser:
        page, email = browser.new_page(), "clicks@example.org"
        page.goto(site)
        _fill(page, Name="Ana Muster", Email_address=email, Password=PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        reader = browser.new_page()
        _open(reader, inbox, email, "Confirm your address")
        code = reader.frame_locator("iframe").locator(".code").inner_text()
        _fill(page, Code_from_the_email=code)
        page.get_by_role("button", name="Confirm").click()
        _fill(page, Email_address=email, Password=PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="settings", exact=True).click()
        page.get_by_role("button", name="Make a token").click()
        token = page.locator("#token").inner_text()
        run = {"id": "r1", "machine": "office-laptop", "ended_at": at, "files": 3, "bytes": 10**9}
        told = page.request.post(f"{site}/api/runs", data={"runs": [run]}, headers={"Authorization": f"Bearer {token}"})
        assert told.json() == {"new": 1, "known": 0}
        page.get_by_role("link", name="Machines").click()
        assert "office-laptop" in page.get_by_role("table").inner_text()
        _open(reader, inbox, email, "Backup complete: office-laptop")
        assert reader.frame_locator("iframe").get_by_role("link", name="Unsubscribe").is_visible()


def _fill(page: Page, **fields: str) -> None:
    for label, text in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(text)


def _open(reader: Page, inbox: str, email: str, subject: str) -> None:
    """The newest mail of this subject, once it is there."""
    link = reader.get_by_role("link", name=subject)
    for _ in range(100):
        reader.goto(f"{inbox}/?to={email}")
        if link.count():
            return link.first.click()
        reader.wait_for_timeout(50)
    raise AssertionError(f"no mail {subject!r} came")
