"""A booking's invoice: what it adds up to, and the page that goes with the mail."""

from dataclasses import dataclass

from .bookings import Booking
from .pdf import Line, page

CURRENCY = "EUR"
VAT = 19  # per cent, in the price
SELLER = ("Marketplace Example GmbH", "Musterstraße 12", "10115 Berlin", "VAT ID DE000000000")


@dataclass(frozen=True, slots=True)
class Sums:
    """In cents."""

    net: int
    vat: int
    total: int


def sums(booking: Booking) -> Sums:
    """Halves of a cent are rounded up."""
    vat = (booking.cents * VAT * 2 + 100 + VAT) // (2 * (100 + VAT))
    return Sums(booking.cents - vat, vat, booking.cents)


def decimal(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def euros(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02} €"


def file_name(booking: Booking) -> str:
    return f"invoice-{booking.number}.pdf"


def pdf(booking: Booking) -> bytes:
    of, service = sums(booking), booking.service
    return page(
        f"Invoice {booking.number}",
        [
            Line(SELLER[0], bold=True, size=12),
            *(Line(one, below=14) for one in SELLER[1:]),
            Line(booking.customer.name, below=48),
            Line(booking.customer.email, below=14),
            Line(f"Invoice {booking.number}", size=18, bold=True, below=56),
            Line(f"Date of the invoice: {booking.made_at:%d.%m.%Y}", below=26),
            Line(f"Day of the service: {booking.day:%d.%m.%Y}"),
            Line("What", "Amount", bold=True, below=40),
            Line(f"{service.title}, by {service.provider.name}", euros(of.net), below=22),
            Line(f"VAT, {VAT} %", euros(of.vat), below=20),
            Line("Total", euros(of.total), bold=True, below=24),
            Line("Paid when it was booked. Nothing is left to pay.", below=40),
        ],
    )
