"""The backup service, the whole way: what its people and their machines do, and what comes by mail (C1–C3, C9, C11)."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from franked.formats.lint import lint
from franked.formats.template import parse
from franked.settings import read
from tests.doors.backup_service import (
    DESK,
    FOLDER,
    SANDBOX,
    Browser,
    Service,
    code_of,
    field_of,
    service_in,
)
from tests.letters import Arrived

pytestmark = pytest.mark.asyncio(loop_scope="module")
GB = 10**9


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with service_in(tmp_path_factory.mktemp("service")) as started:
        yield started


# --- C1: codes --------------------------------------------------------------------------------------------------------


async def test_c1_an_account_is_active_after_its_code(service: Service) -> None:
    """C1."""
    id_, browser = await service.sign_up("verify@example.org"), service.browser()
    mail = await service.mail("verify@example.org", "verification")
    assert "Hello Ana Muster" in mail.text
    await service.sign_in(browser, "verify@example.org", status=422)
    wrong = f"{(int(code_of(mail)) + 1) % 1_000_000:06}"
    assert "wrong, used or too old" in await browser.open("/confirm", {"id": id_, "code": wrong}, 422)
    await service.sign_in(browser, "verify@example.org", status=422)
    await browser.open("/confirm", {"id": id_, "code": code_of(mail)})
    assert await service.sign_in(browser, "verify@example.org") == "/machines"
    assert "Ana Muster, plan Solo" in await browser.open("/machines")


async def test_c1_a_second_factor_is_good_in_its_browser_only(service: Service) -> None:
    """C1: MFA by mail."""
    email = "steps@example.org"
    browser = await service.member(email)
    await browser.open("/settings/two-steps", {"wanted": "yes"})
    own, other = service.browser(), service.browser()
    page = await service.sign_in(own, email, status=200)
    assert "session" not in own.cookies  # the password alone opens nothing
    form = {"id": field_of(page, "id"), "code": code_of(await service.mail(email, "sign-in-code"))}
    await other.open("/second-factor", form, 422)
    assert await own.open("/second-factor", form, 303) == "/machines"
    await own.open("/second-factor", form, 422)  # once


async def test_c1_a_forgotten_password_is_replaced_by_a_code(service: Service) -> None:
    """C1; C3: the owner is told."""
    email = "forgot@example.org"
    browser = await service.member(email)
    page, unknown = [await browser.open("/forgot", {"email": one}) for one in (email, "nobody@example.org")]
    form = {"id": field_of(page, "id"), "code": code_of(await service.mail(email, "password-reset"))}
    assert page.replace(form["id"], "") == unknown.replace(field_of(unknown, "id"), "")
    assert await service.mails("nobody@example.org") == []
    await browser.open("/reset", form | {"password": "another battery staple"})
    assert await browser.open("/machines", status=303) == "/sign-in"  # whoever was signed in is out
    await service.sign_in(browser, email, status=422)
    await service.sign_in(browser, email, "another battery staple")
    assert "New password" in (await service.mail(email, "security-notice")).subject


# --- C2: notifications ------------------------------------------------------------------------------------------------


async def test_c2_a_backup_that_is_complete_is_told_once(service: Service) -> None:
    """C2."""
    email = "done@example.org"
    browser = await service.member(email)
    token = await service.token(browser)
    assert await service.report(token, service.run("r1", "office-laptop")) == {"new": 1, "known": 0}
    again = [service.run("r1", "office-laptop"), service.run("r2", "server", error="The disk could not be read.")]
    assert await service.report(token, *again) == {"new": 1, "known": 1}
    complete = await service.mail(email, "backup-completed")
    for said in ("office-laptop", "12 files", "3.2 GB"):
        assert said in complete.text
    assert "The disk could not be read." in (await service.mail(email, "backup-failed")).text
    await service.settled()
    assert len(await service.mails(email, "backup-completed")) == 1
    page = await browser.open("/machines")
    assert page.index("office-laptop") < page.index("complete") < page.index("The disk could not be read.")
    assert "backup-failed</td><td>delivered" in await browser.open("/mail")


async def test_c2_storage_is_warned_of_once_at_each_level(service: Service) -> None:
    """C2."""
    email = "full@example.org"
    browser = await service.member(email)
    token = await service.token(browser)
    for number, stored in enumerate((79, 80, 81, 95, 96)):
        await service.report(token, service.run(f"r{number}", "archive", stored=stored * GB))
    await service.settled()
    warnings = [mail.subject for mail in await service.mails(email, "storage-warning")]
    assert sorted(subject.partition(" of")[0] for subject in warnings) == ["80 %", "95 %"]  # two calls go at once
    await browser.open("/settings/plan", {"plan": "Team"})  # now it is a fifth
    await service.report(token, service.run("more", "archive", stored=410 * GB))
    assert "410 GB of 500 GB" in (await service.mail(email, "storage-warning", 3)).text
    assert "no room" in await browser.open("/settings/plan", {"plan": "Solo"}, 422)


async def test_c2_each_topic_is_left_by_itself(service: Service) -> None:
    """C2, C9: completed backups are turned off, warnings still come."""
    email = "leaves@example.org"
    browser = await service.member(email)
    token = await service.token(browser)
    await service.report(token, service.run("r1"))
    link = (await service.mail(email, "backup-completed")).link("leave")
    await service.look(link)  # a link scanner
    await service.report(token, service.run("r2"))
    await service.mail(email, "backup-completed", 2)
    await service.press(link, {"what": "this"})
    await service.report(token, service.run("r3"), service.run("r4", error="No room."))
    await service.mail(email, "backup-failed")
    await service.settled()
    assert len(await service.mails(email, "backup-completed")) == 2
    assert "backup-completed</td><td>dropped (left)" in await browser.open("/mail")


# --- C3: alerts -------------------------------------------------------------------------------------------------------


async def test_c3_a_new_device_and_a_new_plan_are_told_and_cannot_be_left(service: Service) -> None:
    """C3."""
    email = "alert@example.org"
    first = await service.member(email)
    await service.settled()
    assert await service.mails(email, "security-notice") == []  # of the first device
    token = await service.token(first)
    assert "token" in (await service.mail(email, "security-notice")).text
    await service.report(token, service.run("r1"))
    await service.press((await service.mail(email, "backup-completed")).link("leave"), {"what": "all"})
    await service.sign_in(service.browser(agent="Mozilla/5.0 (Windows) <b>Firefox/1</b>"), email)
    notice = await service.mail(email, "security-notice", 2)
    assert "Sign-in from a new device" in notice.subject
    assert "Firefox on Windows" in notice.text
    assert "You receive it because this concerns the security of your account" in notice.text
    await service.sign_in(first, email)  # known by its cookie
    await first.open("/settings/plan", {"plan": "Team"})
    billing = await service.mail(email, "billing-update")
    for said in ("Solo", "Team", "500 GB", "$9.00", "You receive it because what your account"):
        assert said in billing.text
    await service.settled()
    assert len(await service.mails(email, "security-notice")) == 2


# --- C9: what every mail has ------------------------------------------------------------------------------------------

LEFT = ("backup-completed", "backup-failed", "storage-warning", "product-news")
CONFIRMATION = "franked-confirmation"  # of a subscription
ALWAYS = ("verification", "password-reset", "sign-in-code", "security-notice", "billing-update")


async def test_c9_who_may_leave_can_and_every_mail_says_who_writes(service: Service) -> None:
    """C9: one mail of each stream, as it arrived."""
    email = "every@example.org"
    await _one_of_each(service, await service.member(email), email)
    sender = read(FOLDER / "franked.toml", {}).sender
    for stream in (*LEFT, *ALWAYS, CONFIRMATION):
        mail = await service.mail(email, stream)
        headers = mail.headers
        assert re.fullmatch(r"Example Backup( [a-z]+)? <[a-z-]+@backup\.example\.com>", mail.letter.source), stream
        for part in (mail.text, mail.html):
            assert sender.postal_address in part
            assert ("/u/leave/" in part) is (stream in LEFT), stream
        assert ("List-Unsubscribe" in headers) is (stream in LEFT), stream
        if stream in LEFT:
            assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        elif stream in ALWAYS:
            assert "This is a transactional message. You receive it because" in mail.text
    await _one_click(service, await service.mail(email, "storage-warning"))


async def _one_of_each(service: Service, browser: Browser, email: str) -> None:
    token = await service.token(browser)
    full = service.run("r2", "archive", error="No room.", stored=96 * GB)
    await service.report(token, service.run("r1"), full)
    await browser.open("/settings/plan", {"plan": "Team"})
    await browser.open("/forgot", {"email": email})
    await browser.open("/settings/news", {})
    await service.press((await service.mail(email, CONFIRMATION)).link("confirm"))
    issue = {"issue": "of-every-stream", "title": "What is new", "text": "One thing.\n\nAnother."}
    await browser.open(f"/desk/{DESK}", issue, 303)
    await browser.open("/settings/two-steps", {"wanted": "yes"})
    await service.sign_in(browser, email, status=200)


async def _one_click(service: Service, mail: Arrived) -> None:
    """As the mail program's own button does it (RFC 8058)."""
    url = mail.headers["List-Unsubscribe"].strip("<>")
    assert url.startswith("https://")
    await service.press(url, {"List-Unsubscribe": "One-Click"})


@pytest.mark.parametrize("name", sorted(path.name for path in (FOLDER / "mail").iterdir() if path.name[0] != "_"))
async def test_each_template_has_no_findings(name: str) -> None:
    settings = read(FOLDER / "franked.toml", {})
    files = {
        f"{folder}/{path.name}".removeprefix(f"{name}/"): path.read_text("utf-8")
        for folder in (name, "_layout")
        for path in (FOLDER / "mail" / folder).iterdir()
    }
    streams = [stream for stream in settings.streams.values() if stream.template == name]
    sender = {part: getattr(settings.sender, part) for part in ("name", "website", "postal_address")}
    assert streams
    assert lint(parse(name, files, "en"), streams, sender) == []


# --- C11: the sandbox -------------------------------------------------------------------------------------------------


async def test_c11_in_the_sandbox_a_stranger_waits_and_a_verified_recipient_does_not(tmp_path: Path) -> None:
    """C11: 200 a day, 1 a second, verified recipients only."""
    async with service_in(tmp_path, SANDBOX) as service:
        assert (service.simulator.account.limits.rate, service.simulator.account.limits.quota) == (1.0, 200.0)
        stranger = await service.sign_up("stranger@example.org")
        tester = [f"tester{number}@backup.example.com" for number in range(3)]  # of the domain that was verified
        for email in tester:
            await service.sign_up(email)
        for email in tester:
            await service.mail(email, "verification")
        first, *_, last = (mail.at for mail in service.simulator.taken())
        assert (last - first).total_seconds() >= 1.0
        assert await service.mails("stranger@example.org") == []
        [held] = [one for one in await _listed(service) if one["to"] == "stranger@example.org"]
        assert (held["state"], held["reason"]) == ("held", "sandbox")
        service.simulator.grant_production(14.0, 50_000.0)
        await service.franked.refresh()
        code = code_of(await service.mail("stranger@example.org", "verification"))
        await service.browser().open("/confirm", {"id": stranger, "code": code})
        await service.sign_in(service.browser(), "stranger@example.org")


async def _listed(service: Service) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {service.franked.control_key}"}
    async with service.http.get(f"{service.franked.url}/v1/messages", headers=headers) as answer:
        return list((await answer.json())["messages"])
