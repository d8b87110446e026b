"""The backup service at volume: nothing is lost, and nobody is mailed against their will (C4, C5, C8)."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from examples.backup.app import create_app
from examples.backup.outgoing import WORDING
from franked.backends.local.events import events_of
from franked.backends.local.events import forged as complaint_after
from franked.doors.serving import listening, serving, url_of
from tests.doors.backup_service import (
    DESK,
    PRODUCTION,
    SITE,
    Browser,
    Service,
    franked_at,
    key_for,
    service_in,
    settings_for,
)
from tests.product import MovableClock

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONFIRMATION = "franked-confirmation"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with service_in(tmp_path_factory.mktemp("volume")) as started:
        yield started


# --- C4: the promised volume ------------------------------------------------------------------------------------------


async def test_c4_a_thousand_notices_of_one_hour_all_arrive_once_and_a_code_passes_them(tmp_path: Path) -> None:
    """C4: handed over in batches, sent at the account's rate; who resets a password does not wait for them."""
    async with service_in(tmp_path, (True, 200.0, 50_000.0)) as service:
        email = "office@example.org"
        browser = await service.member(email)
        token, before = await service.token(browser), len(service.simulator.taken())
        for hundred in range(10):
            runs = [service.run(f"{hundred}-{number}", f"machine-{number}") for number in range(100)]
            await service.report(token, *runs)
        await browser.open("/forgot", {"email": email})
        await service.mail(email, "password-reset")
        ahead = len(service.simulator.taken()) - before
        await service.settled()
        complete = await service.mails(email, "backup-completed")
        assert len(complete) == 1000
        assert ahead < 700, "the code waited for most of them"
        assert set((await _states(service, email)).values()) == {"delivered"}


async def test_c4_while_franked_is_away_notices_wait_and_then_go_once(tmp_path: Path) -> None:
    """C4: a table of what is due, and each with its own key; even what was handed over already is not mailed again."""
    clock, database = MovableClock(), tmp_path / "backup.db"
    with closing(listening("127.0.0.1", 0)) as free:
        port = int(url_of(free).rpartition(":")[2])
    settings = settings_for(tmp_path, PRODUCTION, port)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        async with franked_at(settings, clock) as franked:
            key = await key_for(franked, list(settings.streams))
            async with _pages(franked.url, key, database, clock) as url:
                service = Service(url, franked, http, clock, database)
                token = await service.token(await service.member("away@example.org"))
                await service.settled()
        async with _pages(f"http://127.0.0.1:{port}", key, database, clock) as url:
            away = Service(url, franked, http, clock, database)
            await away.report(token, away.run("r1"), away.run("r2"))
            assert await away.waiting() == 2
            shutil.copytree(tmp_path, copy := tmp_path.with_name("copy"), ignore=shutil.ignore_patterns("record"))
            async with franked_at(settings, clock) as franked:
                back = Service(url, franked, http, clock, database)
                await back.settled()
                assert len(await back.mails("away@example.org", "backup-completed")) == 2
                async with _pages(franked.url, key, copy / "backup.db", clock) as restored:  # it has forgotten that
                    again = Service(restored, franked, http, clock, copy / "backup.db")
                    await again.settled()
                    assert len(await again.mails("away@example.org", "backup-completed")) == 2
                    assert len(told := _remembered(back)) == 2
                    assert _remembered(again) == told


def _pages(franked: str, key: str, database: Path, clock: MovableClock) -> Any:
    return serving(create_app(franked, key, database, clock, SITE, DESK, 100_000), listening("127.0.0.1", 0))


def _remembered(service: Service) -> set[str]:
    with closing(sqlite3.connect(service.database)) as db:
        return {row[0] for row in db.execute("SELECT message FROM mails WHERE ref LIKE 'backup-completed %'")}


async def _states(service: Service, email: str) -> dict[str, str]:
    taken = [mail.tags["franked-message"] for mail in service.simulator.taken() if mail.recipient == email]
    stories = await service.franked.world.store.find(taken)
    return {story.id: story.state.value for story in stories if story}


# --- C5: bounces and complaints ---------------------------------------------------------------------------------------


async def test_c5_a_complaint_by_sns_unsubscribes_at_once(service: Service) -> None:
    """C5: signed, by the webhook; a forged one changes nothing."""
    email = "complains@example.org"
    browser = await service.member(email)
    token = await service.token(browser)
    await _subscribe(service, browser, email)
    await service.report(token, service.run("r1"))
    mail = await service.mail(email, "backup-completed")
    await service.settled()
    event = complaint_after(next(events_of(mail.letter, "us-east-1")))
    forgery = {"Type": "Notification", "Message": json.dumps(event), "TopicArn": service.simulator.topic_arn}
    async with service.http.post(f"{service.franked.url}/v1/events/sns", json=forgery) as answer:
        assert answer.status in (400, 403)
    await service.report(token, service.run("r2"))
    await service.mail(email, "backup-completed", 2)
    service.simulator.office.topic.publish(event)
    await service.settled()
    before = len(await service.mails(email))
    await service.report(token, service.run("r3"), service.run("r4", error="No room."))
    await browser.open("/settings/plan", {"plan": "Team"})
    told = await _publish(service, "after-the-complaint")
    await service.settled()
    assert len(await service.mails(email)) == before
    page = await browser.open("/mail")
    for stream in ("backup-completed", "backup-failed", "billing-update", "product-news"):
        assert f"{stream}</td><td>dropped (suppressed)" in page, told
    assert "backup-completed</td><td>complained" in page


async def test_c5_an_address_that_bounced_gets_no_second_mail(service: Service) -> None:
    """C5."""
    email = "bounce+again@simulator.amazonses.com"
    await service.sign_up(email)
    await service.mail(email, "verification")
    await service.settled()
    service.clock.move(minutes=5)
    await service.sign_up(email)
    await service.settled()
    assert len(await service.mails(email)) == 1


# --- C8: marketing ----------------------------------------------------------------------------------------------------


async def _subscribe(service: Service, browser: Browser, email: str) -> None:
    await browser.open("/settings/news", {})
    await service.press((await service.mail(email, CONFIRMATION)).link("confirm"))


async def _publish(service: Service, issue: str) -> str:
    """The desk's page, once the issue is written."""
    form = {"issue": issue, "title": f"Issue {issue}", "text": "Restoring takes two steps.\r\n\r\nThat is all."}
    where = await service.browser().open(f"/desk/{DESK}", form, 303)
    async with asyncio.timeout(20):
        while "The issue is written" not in (page := await service.browser().open(where)):
            await asyncio.sleep(0.05)
    return page


async def test_c8_news_come_after_a_yes_in_the_mailbox_and_stop_after_a_no(service: Service) -> None:
    """C8: double opt-in; what a person agreed to is on record, word for word."""
    browsers = {name: await service.member(f"{name}@example.org") for name in ("yes", "silent", "never")}
    assert WORDING in await browsers["yes"].open("/settings")
    await browsers["silent"].open("/settings/news", {})
    await service.look((await service.mail("silent@example.org", CONFIRMATION)).link("confirm"))  # a link scanner
    await _subscribe(service, browsers["yes"], "yes@example.org")
    for _ in range(2):  # a double click
        await _publish(service, "issue-one")
    news = await service.mail("yes@example.org", "product-news")
    assert (news.subject, "Restoring takes two steps." in news.text) == ("Issue issue-one – Example Backup", True)
    await service.press(news.link("leave"), {"what": "this"})
    await _publish(service, "issue-two")
    await service.settled()
    counts = {name: len(await service.mails(f"{name}@example.org", "product-news")) for name in browsers}
    assert counts == {"yes": 1, "silent": 0, "never": 0}
    assert [(line["what"], line["wording"]) for line in await _consents(service, "yes@example.org")] == [
        ("asked", WORDING),
        ("confirmed", WORDING),
        ("left", ""),
    ]


async def _consents(service: Service, address: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {service.franked.control_key}"}
    url = f"{service.franked.url}/v1/consents/export"
    async with service.http.get(url, params={"address": address}, headers=headers) as answer:
        return [json.loads(line) for line in (await answer.text()).splitlines()]
