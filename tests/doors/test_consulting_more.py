"""The consulting portal: a second factor in an app, the end of an account, a whole day, a real browser."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import pyotp
from playwright.sync_api import Page

from examples.consulting.day import PASSWORD
from franked.doors.cli.demo.agenda import Agenda
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.products import products
from franked.doors.cli.demo.stage import staged
from franked.enquiry import Enquiry, Item
from franked.rules.message import State
from tests.browser import chromium, found
from tests.doors.test_consulting import GOOD_PASSWORD, Portal, portal, wrong

__all__ = ["portal"]
ANA = {"email": "ana@example.com", "password": GOOD_PASSWORD}
ANAS_PROMISE = {"sign-up-code": (10, 50), "second-factor": (5, 20), "password-reset": (2, 10)}


async def _with_an_app(portal: Portal) -> tuple[pyotp.TOTP, list[str]]:
    """What the person's app shows from now on, and the recovery codes."""
    await portal.member()
    page = await portal.post("/authenticator?lang=en", **ANA)
    [secret] = re.findall(r"<code>([A-Z2-7]{32})</code>", page.text)
    assert f"otpauth://totp/Consulting%20Portal:ana%40example.com?secret={secret}" in page.text
    app = pyotp.TOTP(secret)
    assert (await portal.post("/authenticator/confirm", **ANA, code="000000")).status_code == 422
    assert "You are signed in" in (await portal.sign_in()).text  # it does not count yet
    page = await portal.post("/authenticator/confirm?lang=en", **ANA, code=app.at(portal.clock()))
    assert "The app counts from the next sign-in on" in page.text
    return app, re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page.text)


def _token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_a2_a_second_factor_in_an_authenticator_app(portal: Portal) -> None:
    app, recovery = await _with_an_app(portal)
    assert len(recovery) == 10
    portal.clock.move(minutes=1)
    token = _token_in((await portal.sign_in()).text)
    code = app.at(portal.clock())
    assert (await portal.post("/second-factor", token="x" * 32, code=code)).status_code == 422
    assert (await portal.post("/second-factor", token=token, code=wrong(code))).status_code == 422
    assert "You are signed in" in (await portal.post("/second-factor?lang=en", token=token, code=code)).text
    assert (await portal.post("/second-factor", token=token, code=recovery[0])).status_code == 422  # it has led there
    token = _token_in((await portal.sign_in()).text)
    assert (await portal.post("/second-factor", token=token, code=code)).status_code == 422  # a code is good once
    assert (await portal.post("/second-factor", token=token, code=recovery[0])).status_code == 200
    token = _token_in((await portal.sign_in()).text)
    assert (await portal.post("/second-factor", token=token, code=recovery[0])).status_code == 422
    assert "has an app already" in (await portal.post("/authenticator?lang=en", **ANA)).text
    sent = await portal.franked.world.store.enquire(Enquiry())
    assert Counter(item.stream for item in sent.items) == {"sign-up-code": 1}  # no mail for any of it


async def test_a2_the_password_comes_first_and_not_long_before(portal: Portal) -> None:
    app, _ = await _with_an_app(portal)
    portal.clock.move(minutes=1)
    assert (await portal.sign_in("not hers!!")).status_code == 422
    token = _token_in((await portal.sign_in()).text)
    portal.clock.move(minutes=11)
    assert (await portal.post("/second-factor", token=token, code=app.at(portal.clock()))).status_code == 422


async def test_a8_with_the_account_ends_the_mail_that_waits_for_it(portal: Portal) -> None:
    """A code that waits for its turn is not sent to somebody who has just left."""
    await portal.member(two_steps="yes")
    simulator = portal.franked.wired.simulator
    assert simulator is not None
    simulator.vanish(5)
    await portal.sign_in()
    await portal.post("/delete", **ANA)
    mail: dict[str, Item] = {}
    async with asyncio.timeout(15):
        while "account-deleted" not in mail or mail["account-deleted"].state is not State.DELIVERED:
            page = await portal.franked.world.store.enquire(Enquiry())
            mail = {item.stream: item for item in page.items}
            await asyncio.sleep(0.05)
    assert (mail["second-factor"].state, mail["second-factor"].reason) == (State.DROPPED, "account_deleted")


async def test_a13_a_day_is_of_the_size_that_was_promised(tmp_path: Path) -> None:
    clock = MovableClock()
    agenda = Agenda(clock, clock(), 1)
    [product] = products(("consulting",))
    async with staged(product, tmp_path, 1, agenda, full=False, say=lambda product, does: None) as stage:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(agenda.conduct())
            await stage.product.play(stage.day)
            agenda.leave()
        stories = await stage.franked.world.store.find(await stage.recorded())
    sizes = Counter(story.stream for story in stories if story)
    for stream, (least, most) in ANAS_PROMISE.items():
        assert least <= sizes[stream] <= most, (stream, sizes)
    assert sum(sizes.values()) <= 200
    assert {story.trigger.by for story in stories if story and story.trigger}.isdisjoint({"", "nobody"})  # A14


async def test_a1_in_a_browser_from_the_form_to_the_code_in_the_inbox(portal: Portal) -> None:
    program = found("chromium")
    if program is None:
        return
    simulator = portal.franked.wired.simulator
    assert simulator is not None
    said = await asyncio.to_thread(_clicked, program, str(portal.client.base_url), simulator.url)
    assert said == ["Your account is active. Please sign in.", "You are signed in."]


def _clicked(program: str, url: str, inbox: str) -> list[str]:
    with chromium(program) as browser:
        page, mail = browser.new_page(locale="en"), browser.new_page()
        page.goto(url)
        page.fill("[name=name]", "Ana Muster")
        page.fill("[name=email]", "ana@example.com")
        page.fill("[name=password]", PASSWORD)
        page.click("button")
        code = _read(mail, inbox)
        page.fill("[name=code]", code)
        page.click("button")
        said = [page.inner_text("[role=status]")]
        page.fill("[name=email]", "ana@example.com")
        page.fill("[name=password]", PASSWORD)
        page.click("button")
        return [*said, page.inner_text("[role=status]")]


def _read(mail: Page, inbox: str) -> str:
    """As a person does: until it is there."""
    for _ in range(100):
        mail.goto(inbox)
        if mail.locator("a[href^='/mail/']").count():
            mail.locator("a[href^='/mail/']").first.click()
            text = "".join(frame.inner_text("body") for frame in mail.frames)
            codes = re.findall(r"\b(\d{6})\b", text)
            if codes:
                return str(codes[0])
        mail.wait_for_timeout(50)
    raise AssertionError("no code came")
