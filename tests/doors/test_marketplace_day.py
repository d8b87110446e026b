"""The marketplace's day, its invoices and its templates (D1, D11, D12)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree

import pytest

from examples.marketplace import invoice
from examples.marketplace.accounts import Account
from examples.marketplace.bookings import Booking, Service, State
from examples.marketplace.pdf import Line, page
from franked.doors.cli.demo.agenda import Agenda
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.products import products
from franked.doors.cli.demo.stage import staged
from franked.formats.lint import lint
from franked.formats.template import parse
from franked.rules.stream import Kind, Stream
from franked.settings import read
from tests.doors.marketplace import FOLDER
from tests.doors.pdfs import objects_of, texts_of

SETTINGS = read(FOLDER / "franked.toml", {})
CONTACT = {
    "name": SETTINGS.sender.name,
    "website": SETTINGS.sender.website,
    "postal_address": SETTINGS.sender.postal_address,
}


# --- D11: what it sends in a day --------------------------------------------------------------------------------------


async def test_d11_the_day_has_50_to_100_mails_most_of_them_transactional_and_the_least_news(tmp_path: Path) -> None:
    [product] = products(("marketplace",))
    clock = MovableClock()
    agenda = Agenda(clock, clock(), 1)
    async with staged(product, tmp_path, 1, agenda, full=False, say=lambda name, does: None) as stage:

        async def played() -> None:
            await product.play(stage.day)
            agenda.leave()

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(agenda.conduct())
            group.create_task(played())
        ids = await stage.recorded()
        stories = [story for story in await stage.franked.world.store.find(ids) if story]
        kinds = Counter(stage.franked.world.declared.streams[story.stream].kind for story in stories)
        assert 50 <= len(stories) <= 100
        assert kinds[Kind.TRANSACTIONAL] > 2 * kinds[Kind.NOTIFICATION] > 2 * kinds[Kind.MARKETING] > 0
        assert {story.stream for story in stories} >= set(SETTINGS.streams)
        assert {mail.recipient for mail in stage.simulator.taken()}.isdisjoint({"old1@example.net", "old2@example.net"})


# --- D12: what the mails say ------------------------------------------------------------------------------------------


def mails(folder: Path) -> dict[str, list[str]]:
    """What the lint finds in each template."""
    by_template: dict[str, list[Stream]] = {}
    for stream in SETTINGS.streams.values():
        by_template.setdefault(stream.template, []).append(stream)
    layout = {f"_layout/{file.name}": file.read_text() for file in (folder / "_layout").iterdir()}
    found = {}
    for name, streams in by_template.items():
        files = {file.name: file.read_text() for file in (folder / name).iterdir()}
        template = parse(name, files | layout, "en")
        found[name] = [finding.what for finding in lint(template, streams, CONTACT)]
    return found


def test_d12_no_mail_of_the_marketplace_has_a_finding() -> None:
    found = mails(FOLDER / "mail")
    assert {name: what for name, what in found.items() if what} == {}
    assert len(found) == len([one for one in (FOLDER / "mail").iterdir() if one.name != "_layout"]) == 11


@pytest.mark.parametrize("name", ["booking-confirmed", "receipt", "booking-completed", "verification", "ticket"])
def test_d12_promotion_in_a_transactional_mail_is_found(tmp_path: Path, name: str) -> None:
    copytree(FOLDER / "mail", tmp_path / "mail")
    file = tmp_path / "mail" / name / "en.html"
    file.write_text(file.read_text().replace("<p>Hello", "<p>Book again now: 20 % off with this coupon.</p>\n<p>Hello"))
    assert set(mails(tmp_path / "mail")[name]) == {"promotional"}


# --- D1: the invoice --------------------------------------------------------------------------------------------------

ANA = Account("c", "Ana Muster", "ana@example.com", False)
BO = Account("p", "Bo Beispiel", "bo@example.org", True)
BOOKED = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
BOOKING = Booking(
    *(42, Service(1, BO, "Piano lesson", "Lessons", 3800), ANA, date(2026, 3, 12), 3800, BOOKED, State.BOOKED),
    *(None, None),
)


def test_d1_an_invoice_says_who_what_when_and_how_much() -> None:
    shown = texts_of(invoice.pdf(BOOKING))
    assert shown[:6] == [*invoice.SELLER, "Ana Muster", "ana@example.com"]
    assert shown[6:] == [
        *("Invoice R-2026-00042", "Date of the invoice: 04.03.2026", "Day of the service: 12.03.2026"),
        *("What", "Amount", "Piano lesson, by Bo Beispiel", "31.93 €", "VAT, 19 %", "6.07 €", "Total", "38.00 €"),
        "Paid when it was booked. Nothing is left to pay.",
    ]
    assert "Invoice R-2026-00042".encode("utf-16-be").hex().encode() in objects_of(invoice.pdf(BOOKING))[7]


def test_d1_the_same_booking_is_the_same_file() -> None:
    """So that handing its mail over again is the same request."""
    assert invoice.pdf(BOOKING) == invoice.pdf(replace(BOOKING, state=State.DONE))


@pytest.mark.parametrize(
    ("cents", "net", "vat"), [(1, 1, 0), (119, 100, 19), (100, 84, 16), (1_000_000, 840_336, 159_664)]
)
def test_d1_net_and_vat_are_what_was_paid(cents: int, net: int, vat: int) -> None:
    found = invoice.sums(replace(BOOKING, cents=cents))
    assert (found.net, found.vat, found.total) == (net, vat, net + vat)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe (XL) \\ 12 €", "Größe (XL) \\ 12 €"),
        ("“quoted” – dash", "“quoted” – dash"),
        (") Tj ET (", ") Tj ET ("),
        ("endstream endobj", "endstream endobj"),
        ("Dvořák", "Dvorák"),  # no ř in WinAnsi
        ("東京", "??"),
        ("\x7f\x00", "\x7f\x00"),
    ],
)
def test_d1_whatever_somebody_is_called_the_page_is_whole(text: str, shown: str) -> None:
    assert texts_of(page("Title (", [Line(text)])) == [shown]


def test_d1_what_is_too_long_for_a_line_goes_on_in_the_next() -> None:
    words = " ".join(["window"] * 40)
    *lines, last = texts_of(page("x", [Line(words, "1.00 €"), Line("end")]))
    assert (lines[1], last) == ("1.00 €", "end")
    assert " ".join([lines[0], *lines[2:]]) == words
    assert len(lines) > 3


def test_the_reader_of_the_tests_is_strict() -> None:
    whole = invoice.pdf(BOOKING)
    for wrong in (
        whole[1:],
        whole.replace(b"/Length ", b"/Length 1"),
        whole.replace(b"6 0 obj", b"9 0 obj"),
        whole + b"x",
    ):
        with pytest.raises(AssertionError):
            texts_of(wrong)
