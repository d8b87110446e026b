"""The marketplace's pages: nothing is lost, nobody gets at what is another's, and a person clicks through them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.sync_api import Page

from examples.marketplace.app import create_app
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.doors.serving import listening, serving, url_of
from franked.wiring import Ses
from tests.browser import chromium, found
from tests.doors.marketplace import PASSWORD, Market, Person, action_ids, market_in, settings_in
from tests.product import MovableClock

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def market(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    async with market_in(tmp_path_factory.mktemp("market")) as started:
        yield started


# --- nothing is lost, and nobody gets at what is another's ------------------------------------------------------------


async def test_d1_what_was_booked_while_franked_was_away_is_mailed_once_it_is_back(tmp_path: Path) -> None:
    with closing(listening("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings, clock = settings_in(tmp_path, port), MovableClock()
    key, record = make_key("marketplace", frozenset(), frozenset(), clock())
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(ClientSession())
        bound = stack.enter_context(closing(listening("127.0.0.1", 0)))
        app = create_app(f"http://127.0.0.1:{port}", key, tmp_path / "market.db", clock, url_of(bound), 100_000)
        await stack.enter_async_context(serving(app, bound))
        async with running(settings, Ses.SIMULATED, clock, StringIO()) as franked:
            await franked.world.store.add_keys([record])
            market = Market(url_of(bound), franked, http, clock)
            provider = await market.provider("away-p@example.org", "Cooking")
            customer = await market.member("away-c@example.net")
            await market.settled()
        assert "Cooking" in await customer.book("Cooking")  # it is booked, though nobody can be told
        assert "Please try again in a minute" in await customer.open("/forgot", {"email": customer.email}, 503)
        async with running(settings, Ses.SIMULATED, clock, StringIO()) as market.franked:
            for _ in range(2):
                await app.state.outbox.hand_over()
            await market.settled()
            told = [len(await customer.mails(stream)) for stream in ("booking-confirmed", "receipt", "password-reset")]
            assert (told, len(await provider.mails("new-booking"))) == ([1, 1, 0], 1)
            assert app.state.outbox.refused() == []


async def test_nobody_moves_or_rates_what_is_anothers(market: Market) -> None:
    provider = await market.provider("mine-p@example.org", "Repair")
    other = await market.provider("mine-o@example.org", name="Eve Beispiel")
    customer = await market.member("mine-c@example.net")
    await customer.book("Repair")
    [booking] = action_ids(await provider.open("/me"), "accepted")
    for who in (other, customer):
        await who.open(f"/me/bookings/{booking}/cancelled", {}, 404)
    await provider.open(f"/me/bookings/{booking}/done", {}, 404)  # not accepted yet
    await provider.open(f"/me/bookings/{booking}/review", {"rating": "5"}, 422)
    await other.open(f"/me/bookings/{booking}/review", {"rating": "1"}, 404)
    for path in ("/me/offer", f"/me/bookings/{booking}/accepted", "/book", "/me/ticket", "/staff/newsletter"):
        assert "<h1>Sign in</h1>" in await market.stranger().open(path, {"title": "x"})
    await market.settled()
    assert await customer.mails("booking-status") == []


async def test_the_staffs_pages_are_the_staffs(market: Market) -> None:
    member = await market.member("curious@example.net")
    await member.open("/staff", status=404)
    for path in ("newsletter", "decision", "import"):
        await member.open(f"/staff/{path}", {"topic": "weekly"}, 404)


async def test_whoever_signed_out_is_signed_out(market: Market) -> None:
    member = await market.member("leaves@example.net")
    before = dict(member.cookies)
    await member.open("/sign-out", {})
    member.cookies = before  # as if the browser had kept it
    assert "<h1>Sign in</h1>" in await member.open("/me")
    member.cookies = {"session": "guess"}
    assert "<h1>Sign in</h1>" in await member.open("/me")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-up", {"name": "Visit evil.example now", "email": "w@example.net", "password": PASSWORD}),
        ("/sign-up", {"name": "Ana", "email": "w@example", "password": PASSWORD}),
        ("/sign-up", {"name": "Ana", "email": "w@example.net", "password": "short"}),
        ("/forgot", {"email": "ana"}),
        ("/news", {"email": "w@example.net"}),
        ("/news", {"email": "w", "weekly": "1"}),
        ("/me/offer", {"title": "", "category": "Home", "price": "10"}),
        ("/me/offer", {"title": "a\u202eb", "category": "Home", "price": "10"}),
        ("/me/offer", {"title": "Free", "category": "Home", "price": "0"}),
        ("/me/offer", {"title": "Dear", "category": "Home", "price": "10000.01"}),
        ("/me/offer", {"title": "Odd", "category": "Home", "price": "1.5"}),
        ("/book", {"service": "999999", "day": "2999-01-01"}),
        ("/book", {"service": "999999"}),
        ("/book", {"service": "²"}),
        ("/me/ticket", {"kind": "threat", "subject": "x", "text": "x"}),
    ],
    ids=str,
)
async def test_a_form_that_is_wrong_says_so_and_mails_nobody(market: Market, path: str, form: dict[str, str]) -> None:
    member = await one_who_types_wrongly(market)
    before = len(market.simulator.taken())
    assert 'role="alert">' in await member.open(path, form, 422)
    await market.settled()
    assert len(market.simulator.taken()) == before


async def one_who_types_wrongly(market: Market) -> Person:
    """One for all forms."""
    email = "forms@example.org"
    if not await market.mails(email):
        return await market.provider(email)
    member = market.stranger()
    await member.open("/sign-in", {"email": email, "password": PASSWORD})
    return member


# --- in a browser -----------------------------------------------------------------------------------------------------


async def test_d1_a_person_clicks_from_sign_up_to_the_invoice_in_the_inbox(market: Market) -> None:
    """In headless Chromium; the inbox is the simulated account's."""
    if program := found("chromium"):
        await market.provider("clicks-p@example.org", "Piano lesson")
        day = (market.clock() + timedelta(days=5)).date().isoformat()
        await asyncio.to_thread(_clicked, program, market.url, market.simulator.url, day)


def _clicked(program: str, site: str, inbox: str, day: str) -> None:
    with chromium(program) as browser:
        page, reader, email = browser.new_page(), browser.new_page(), "clicks@example.net"
        page.goto(site)
        page.get_by_role("link", name="Sign up").click()
        _fill(page, Name="Ana Muster", Email_address=email, Password=PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        _open(reader, inbox, email, "Confirm your address")
        _fill(page, Code=reader.frame_locator("iframe").locator(".code").inner_text())
        page.get_by_role("button", name="Confirm").click()
        _fill(page, Email_address=email, Password=PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Services").click()
        page.get_by_label("Piano lesson").check()
        _fill(page, Day=day)
        page.get_by_role("button", name="Book and pay").click()
        number = page.locator("legend").first.inner_text().partition(":")[0]
        _open(reader, inbox, email, f"Receipt and invoice {number}")
        assert f"invoice-{number}.pdf" in reader.content()


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
    raise AssertionError(f"no mail {subject!r}")
