"""The marketplace: sign up, book, pay, work, rate, ask; and what each of them finds in the mail (D1, D2)."""

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
from tests.doors.marketplace import PASSWORD, STAFF, Market, Person, as_email, code_of, field_of, market_in, settings_in
from tests.doors.pdfs import texts_of
from tests.product import MovableClock

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def market(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    async with market_in(tmp_path_factory.mktemp("market")) as started:
        yield started


# --- D1: transactional ------------------------------------------------------------------------------------------------


async def test_d1_a_booking_brings_its_confirmation_and_the_invoice_as_a_pdf(market: Market) -> None:
    await market.provider("invoice-p@example.org", "Fenster putzen", price="1234,56", name="Jürgen Müßig")
    customer = await market.member("invoice-c@example.net", "Zoë Größer")
    page = await customer.book("Fenster putzen")
    assert "Fenster putzen" in page
    confirmation, receipt = await customer.mail("booking-confirmed"), await customer.mail("receipt")
    for said in ("Hello Zoë Größer", "Fenster putzen", "Jürgen Müßig", "€1,234.56"):
        assert said in confirmation.text
    assert as_email(receipt)["From"] == "Marketplace <billing@marketplace.example.com>"
    [part] = as_email(receipt).iter_attachments()
    number = receipt.subject.split()[3]
    assert (part.get_filename(), part.get_content_type()) == (f"invoice-{number}.pdf", "application/pdf")
    shown = texts_of(part.get_content())
    assert {f"Invoice {number}", "Zoë Größer", "Fenster putzen, by Jürgen Müßig"} <= set(shown)
    assert [shown[shown.index(what) + 1] for what in ("VAT, 19 %", "Total")] == ["197.11 €", "1,234.56 €"]
    assert "€1,037.45" in receipt.text


async def test_d1_invoices_are_numbered_one_after_the_other(market: Market) -> None:
    await market.provider("row-p@example.org", "Tuning")
    customer = await market.member("row-c@example.net")
    for _ in range(3):
        await customer.book("Tuning")
    await customer.mail("receipt", 3)
    numbers = sorted(int(mail.subject.split()[3].rpartition("-")[2]) for mail in await customer.mails("receipt"))
    assert numbers == list(range(numbers[0], numbers[0] + 3))


async def test_d1_an_account_is_active_only_after_its_address_was_confirmed(market: Market) -> None:
    person = market.stranger()
    person.email = "verify@example.net"
    form = {"name": "Ana Muster", "email": person.email, "password": PASSWORD}
    page = await person.open("/sign-up", form)
    assert "do not fit" in await person.open("/sign-in", form, 422)
    code = code_of(await person.mail("verification"))
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    await person.open("/confirm", {"id": field_of(page, "id"), "code": wrong}, 422)
    assert "do not fit" in await person.open("/sign-in", form, 422)
    await person.open("/confirm", {"id": field_of(page, "id"), "code": code})
    assert "My bookings" in await person.open("/sign-in", form)


async def test_d1_the_link_of_the_mail_confirms_too_once_its_button_is_pressed(market: Market) -> None:
    person = market.stranger()
    person.email = "link@example.net"
    form = {"name": "Ana Muster", "email": person.email, "password": PASSWORD}
    await person.open("/sign-up", form)
    [link] = [one for one in (await person.mail("verification")).links if "/u/code/" in one]
    token = link.rpartition("/")[2].partition("?")[0]
    async with market.http.get(link) as looked:  # as a scanner does
        assert looked.status == 200
    await person.open(f"/confirmed?token={token}", status=422)
    async with market.http.post(link, allow_redirects=False) as pressed:
        assert pressed.headers["Location"].startswith("http://127.0.0.1:8400/confirmed?token=")
    assert "is confirmed" in await person.open(f"/confirmed?token={token}")
    assert "My bookings" in await person.open("/sign-in", form)


async def test_d1_a_password_is_set_anew_by_a_code_and_whoever_was_signed_in_is_no_more(market: Market) -> None:
    member = await market.member("forgets@example.net")
    stranger = market.stranger()
    page = await stranger.open("/forgot", {"email": "FORGETS@example.net"})
    new = {"id": field_of(page, "id"), "password": "another long one"}
    code = code_of(await market.mail("FORGETS@example.net", "password-reset"))
    await stranger.open("/reset", new | {"code": code})
    assert "Password" in await member.open("/me")  # the sign-in page
    await stranger.open("/sign-in", {"email": member.email, "password": PASSWORD}, 422)
    assert "My bookings" in await stranger.open("/sign-in", {"email": member.email, "password": "another long one"})


async def test_d1_a_reset_for_an_unknown_address_looks_the_same_and_mails_nobody(market: Market) -> None:
    await market.member("known@example.net")
    pages = [await market.stranger().open("/forgot", {"email": f"{who}@example.net"}) for who in ("known", "unknown")]
    known, unknown = (page.replace(field_of(page, "id"), "") for page in pages)
    assert known == unknown
    await market.mail("known@example.net", "password-reset")
    await market.settled()
    assert await market.mails("unknown@example.net") == []


async def test_d1_d2_work_goes_on_and_the_customer_hears_of_it(market: Market) -> None:
    """The provider is told of the booking; the customer of its status, of its end, and is asked once for a review."""
    provider = await market.provider("work-p@example.org", "Gardening")
    customer = await market.member("work-c@example.net")
    await customer.book("Gardening")
    told = await provider.mail("new-booking")
    assert told.subject == "New booking: Gardening – Marketplace"
    assert "Ana Muster has booked “Gardening”" in told.text
    [booking] = action_ids(await provider.open("/me"), "accepted")
    await provider.open(f"/me/bookings/{booking}/accepted", {})
    assert ": accepted – Marketplace" in (await customer.mail("booking-status")).subject
    await provider.open(f"/me/bookings/{booking}/done", {})
    assert "“Gardening”" in (await customer.mail("booking-completed")).text
    assert "rating from one to five" in (await customer.mail("review-request")).text
    await provider.open(f"/me/bookings/{booking}/done", {}, 404)  # once
    await customer.open(f"/me/bookings/{booking}/review", {"rating": "6"}, 422)
    page = await customer.open(f"/me/bookings/{booking}/review", {"rating": "5", "review": "<b>Good</b>"})
    assert "5 of 5: &lt;b&gt;Good&lt;/b&gt;" in page
    await customer.open(f"/me/bookings/{booking}/review", {"rating": "1"}, 422)
    await market.settled()
    per_stream = [len(await customer.mails(one)) for one in ("booking-status", "booking-completed", "review-request")]
    assert per_stream == [1, 1, 1]


async def test_d2_a_cancelled_booking_is_told_to_the_customer(market: Market) -> None:
    provider = await market.provider("cancel-p@example.org", "Painting")
    customer = await market.member("cancel-c@example.net")
    await customer.book("Painting")
    [booking] = action_ids(await provider.open("/me"), "cancelled")
    await provider.open(f"/me/bookings/{booking}/cancelled", {})
    assert "You get back what you paid" in (await customer.mail("booking-status")).text


async def test_d2_a_ticket_reaches_the_support_mailbox_and_its_decision_whoever_opened_it_once(market: Market) -> None:
    member, staff = await market.member("ticket@example.net"), await market.member(STAFF, "Sam Staff")
    before = len(await market.mails("support@marketplace.example.com"))
    ticket = {"kind": "request", "subject": "Nobody came", "text": "I waited until noon."}
    await member.open("/me/ticket", ticket)
    notice = await market.mail("support@marketplace.example.com", "ticket", before + 1)
    assert notice.subject == "Ticket: Nobody came – Marketplace"
    assert "I waited until noon." in notice.text
    await market.settled()
    decision = {"ticket": field_of(await staff.open("/staff"), "ticket"), "note": "You are paid back."}
    for _ in range(2):
        await staff.open("/staff/decision", decision | {"decision": "approved"})
    assert "already_decided" in await staff.open("/staff/decision", decision | {"decision": "declined"}, 422)
    mail = await member.mail("decision")
    assert as_email(mail)["From"] == "Marketplace Support <support@marketplace.example.com>"
    assert "We have approved it." in mail.text
    assert mail.headers["In-Reply-To"] == as_email(notice)["Message-ID"]
    await market.settled()
    assert len(await member.mails("decision")) == 1


def action_ids(page: str, to: str) -> list[str]:
    return [part.rpartition("/")[2] for part in page.split(f'/{to}"')[:-1]]


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
