"""What a server can't play about itself: credentials that expire and are renewed, a name that does not resolve."""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from franked.backends.aws.credentials import Chain, Fixed
from franked.backends.aws.ses import SesTransport
from franked.backends.aws.sigv4 import Credentials
from franked.backends.local import Fault, SendFault, Simulator, simulator
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.formats.mail import Mail
from franked.rules.address import Address
from franked.rules.message import State
from franked.rules.outcome import Delay, Sent, TryLater
from franked.wiring import Clock, Ses, system_clock
from tests.faults.test_faults import LATER_OR_SENT, MANY, attempted, later
from tests.product import MovableClock, settings_in
from tests.running import Product


def out_of_the_sandbox(folder: Path, clock: Clock) -> AbstractAsyncContextManager[Simulator]:
    return simulator(folder, now=clock, production=True, rate=500, quota=-1, verified=["backup.example.com"])


@asynccontextmanager
async def ses_at(folder: Path, endpoint: str, clock: MovableClock) -> AsyncIterator[Product]:
    """A Franked that believes in AWS, whose events come by no webhook."""
    change = ('region = "eu-central-1"', f'region = "eu-central-1"\nendpoint = "{endpoint}"')
    settings = settings_in(folder, change)
    async with running(settings, Ses.AWS, clock) as franked, aiohttp.ClientSession() as http:
        shown, record = make_key("test", frozenset(), frozenset(), clock())
        await franked.world.store.add_keys([record])
        yield Product(franked, clock, http, shown, folder)


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which whoever renews credentials puts them."""
    file = tmp_path / "credentials"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    renew(file, "AKIAOLD")
    return file


def renew(file: Path, access_key: str) -> None:
    file.write_text(f"[default]\naws_access_key_id = {access_key}\naws_secret_access_key = secret\n")


async def test_a_mail_waits_for_credentials_that_are_renewed(tmp_path: Path, profile: Path) -> None:
    clock = MovableClock()
    async with (
        out_of_the_sandbox(tmp_path / "ses", clock) as ses,
        ses_at(tmp_path / "franked", ses.url, clock) as product,
    ):
        ses.plan(Fault(SendFault.EXPIRED, times=1000))
        sent = await product.send("ana@example.net")
        for number in range(1, MANY):
            await attempted(product, sent["id"], number)
            await later(product, 13)
        await attempted(product, sent["id"], MANY)
        renew(profile, "AKIANEW")
        await later(product, 13)
        story = await product.until(sent["id"], State.SENT)
        assert [attempt.outcome for attempt in story.attempts] == LATER_OR_SENT
        assert "ExpiredToken" in story.attempts[0].detail
        assert [mail.tags["franked-message"] for mail in ses.taken()] == [sent["id"]]


async def test_a_mail_waits_for_a_name_that_does_not_resolve(tmp_path: Path, profile: Path) -> None:
    """What SES allows was learned before; then its name is gone, and comes back."""
    clock = MovableClock()
    async with out_of_the_sandbox(tmp_path / "ses", clock) as ses:
        async with ses_at(tmp_path / "franked", ses.url, clock):
            pass
        async with ses_at(tmp_path / "franked", "http://ses.invalid", clock) as product:
            sent = await product.send("ana@example.net")
            for number in range(1, MANY):
                await attempted(product, sent["id"], number)
                await later(product, 7)
            await attempted(product, sent["id"], MANY)
        clock.move(seconds=7)
        async with ses_at(tmp_path / "franked", ses.url, clock) as product:
            story = await product.until(sent["id"], State.SENT)
            assert [attempt.outcome for attempt in story.attempts] == LATER_OR_SENT
            assert story.attempts[0].detail.startswith(f"{Delay.CONNECTION}: nothing was sent")
            assert len(ses.taken()) == 1


async def test_a_name_that_does_not_resolve_is_no_call(tmp_path: Path) -> None:
    source = Fixed(Credentials("key", "secret"))
    async with SesTransport("http://ses.invalid", "eu-central-1", source, system_clock) as transport:
        outcome = await transport.send(a_mail(), system_clock() + timedelta(seconds=10))
    assert isinstance(outcome, TryLater)
    assert (outcome.why, outcome.why.costs_a_try) == (Delay.CONNECTION, False)


async def test_renewed_credentials_are_used_by_the_next_call(tmp_path: Path, profile: Path) -> None:
    async with (
        out_of_the_sandbox(tmp_path / "ses", system_clock) as ses,
        SesTransport(ses.url, "eu-central-1", Chain(time.monotonic), system_clock) as transport,
    ):
        ses.plan(Fault(SendFault.EXPIRED, times=1000))
        soon = system_clock() + timedelta(minutes=1)
        old = [await transport.send(a_mail(), soon) for _ in range(2)]
        assert [outcome.why for outcome in old if isinstance(outcome, TryLater)] == [Delay.CREDENTIALS] * 2
        renew(profile, "AKIANEW")
        assert isinstance(await transport.send(a_mail(), soon), Sent)


def a_mail() -> Mail:
    to = Address.of_spelled("ana@example.net")
    return Mail("Example Backup <no-reply@backup.example.com>", to, "Receipt", "<p>Thank you</p>", "Thank you")
