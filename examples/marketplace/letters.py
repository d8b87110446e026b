"""Which mails a booking brings, and to whom: said once, in words of Franked's API."""

import base64
from collections.abc import Mapping
from datetime import datetime

from ..common.franked import act
from . import invoice
from .accounts import Account
from .bookings import Booking, State
from .outbox import Owed


def booked(booking: Booking, site: str) -> list[Owed]:
    return [_confirmation(booking, site), _receipt(booking), _to_the_provider(booking, site)]


def moved(booking: Booking, at: datetime, site: str) -> list[Owed]:
    """It is in this state since the provider said so."""
    asked_by, link = act(booking.state, booking.service.provider.id, at, booking.number), {"url": f"{site}/me"}
    if booking.state is State.DONE:
        return [
            _mail("booking-completed", booking.customer, _known(booking) | link, asked_by),
            _mail("review-request", booking.customer, _without(booking, "number", "day") | link, asked_by),
        ]
    status = {"status": booking.state.value} | link
    return [_mail("booking-status", booking.customer, _known(booking) | status, asked_by)]


def _confirmation(booking: Booking, site: str) -> Owed:
    paid = {"total": invoice.decimal(booking.cents), "currency": invoice.CURRENCY, "url": f"{site}/me"}
    return _mail("booking-confirmed", booking.customer, _known(booking) | paid, _booked(booking))


def _receipt(booking: Booking) -> Owed:
    of = invoice.sums(booking)
    items = [
        {"name": booking.service.title, "amount": invoice.decimal(of.net)},
        {"name": f"VAT, {invoice.VAT} %", "amount": invoice.decimal(of.vat)},
    ]
    variables = {
        "name": booking.customer.name,
        "number": booking.number,
        "date": booking.made_at.date().isoformat(),
        "items": items,
        "total": invoice.decimal(of.total),
        "currency": invoice.CURRENCY,
    }
    content = base64.b64encode(invoice.pdf(booking)).decode()
    attachment = {"name": invoice.file_name(booking), "media_type": "application/pdf", "content": content}
    return _mail("receipt", booking.customer, variables, _booked(booking), attachments=[attachment])


def _to_the_provider(booking: Booking, site: str) -> Owed:
    to = booking.service.provider
    variables = _without(booking, "provider") | {"customer": booking.customer.name, "url": f"{site}/me"}
    return _mail("new-booking", to, variables | {"name": to.name}, _booked(booking))


def _booked(booking: Booking) -> dict[str, str]:
    return act("booked", booking.customer.id, booking.made_at, booking.number)


def _mail(
    stream: str, to: Account, variables: Mapping[str, object], trigger: Mapping[str, str], **more: object
) -> Owed:
    body = {"stream": stream, "to": to.email, "locale": "en", "variables": dict(variables), "trigger": dict(trigger)}
    return Owed(f"{stream} {trigger['act']} {trigger['ref']}", "/v1/messages", body | more)


def _known(booking: Booking) -> dict[str, object]:
    return {
        "name": booking.customer.name,
        "number": booking.number,
        "service": booking.service.title,
        "provider": booking.service.provider.name,
        "day": booking.day.isoformat(),
    }


def _without(booking: Booking, *names: str) -> dict[str, object]:
    return {name: value for name, value in _known(booking).items() if name not in names}
