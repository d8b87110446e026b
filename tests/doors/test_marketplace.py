"""The marketplace: sign up, book, pay, work, rate, ask; and what each of them finds in the mail (D1, D2)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.doors.marketplace import PASSWORD, STAFF, Market, action_ids, as_email, code_of, field_of, market_in
from tests.doors.pdfs import texts_of

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
