"""What members do: offer, book, say how a booking goes on, rate it, open a ticket, subscribe to news."""

from datetime import date, timedelta
from typing import Any

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.response import Redirect, Template

from ..common.site import Form, Wrong, email, line
from . import bookings, letters, tickets
from .accounts import Account
from .bookings import Booking, State
from .outbox import owe
from .outgoing import TOPICS
from .visit import Visit, page

FURTHEST = timedelta(days=365)
DEAREST = 10_000_00  # cents


# --- book -------------------------------------------------------------------------------------------------------------


@get("/")
async def home(request: Visit) -> Template:
    return _home(request)


@post("/book", status_code=200)
async def book(request: Visit) -> Template | Redirect:
    """The booking and what Franked is to be told of it are written in one transaction."""
    customer, form = request.member(), await request.filled()
    try:
        day = _day(form, request)
        with request.database.open() as db:
            made = bookings.book(db, _number(form, "service"), customer, day, request.now())
            if made is None:
                raise Wrong("This service is not offered any more.")
            owe(db, letters.booked(made, request.site))
    except Wrong as wrong:
        return _home(request, form, str(wrong))
    await request.outbox.hand_over()
    return Redirect("/me", status_code=303)


def _home(request: Visit, form: Form | None = None, error: str = "") -> Template:
    with request.database.open() as db:
        offered = bookings.services(db)
    return page("home", services=offered, account=request.visitor(), form=form or {}, error=error)


def _day(form: Form, request: Visit) -> date:
    today = request.now().date()
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError:
        day = today - timedelta(days=1)
    if not today <= day <= today + FURTHEST:
        raise Wrong("Please choose a day between today and a year from now.")
    return day


def _number(form: Form, field: str) -> int:
    given = form.get(field, "")
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise Wrong(f"Please choose a {field}.")
    return int(given)


# --- one's own page ---------------------------------------------------------------------------------------------------


@get("/me")
async def me(request: Visit) -> Template:
    return _me(request, request.member())


@post("/me/offer", status_code=200)
async def offer(request: Visit) -> Template | Redirect:
    account, form = request.member(), await request.filled()
    try:
        title, category = line(form, "title", 80), line(form, "category", 40)
        cents = _cents(form)
    except Wrong as wrong:
        return _me(request, account, form, str(wrong))
    if not account.provides:
        return _me(request, account, form, "Only providers offer services.")
    with request.database.open() as db:
        bookings.offer(db, account, title, category, cents)
    return Redirect("/me", status_code=303)


@post("/me/bookings/{booking:int}/{to:str}", status_code=200)
async def move(request: Visit) -> Template | Redirect:
    """The provider says how it goes on."""
    account = request.member()
    with request.database.open() as db:
        found = _theirs(bookings.find(db, request.path_params["booking"]), account)
        wished = next((state for state in found.next if state == request.path_params["to"]), None)
        if wished is None or found.service.provider != account:
            raise NotFoundException("There is no such booking.")
        owe(db, letters.moved(bookings.move(db, found, wished), request.now(), request.site))
    await request.outbox.hand_over()
    return Redirect("/me", status_code=303)


@post("/me/bookings/{booking:int}/review", status_code=200)
async def review(request: Visit) -> Template | Redirect:
    account, form = request.member(), await request.filled()
    with request.database.open() as db:
        found = _theirs(bookings.find(db, request.path_params["booking"]), account)
        rating = form.get("rating", "")
        fits = found.can_be_rated and found.customer == account and rating in ("1", "2", "3", "4", "5")
        if fits:
            bookings.rate(db, found, int(rating), form.get("review", "")[:2000])
    return Redirect("/me", status_code=303) if fits else _me(request, account, form, "Please rate it from one to five.")


@post("/me/ticket", status_code=200)
async def ticket(request: Visit) -> Template:
    account, form = request.member(), await request.filled()
    text, kind = form.get("text", "")[:5000], form.get("kind", "")
    try:
        subject = line(form, "subject")
        if not text or kind not in tickets.KINDS:
            raise Wrong("Please say what it is about.")
    except Wrong as wrong:
        return _me(request, account, form, str(wrong))
    with request.database.open() as db:
        owe(db, [tickets.open_ticket(db, account, kind, subject, text)])
    await request.outbox.hand_over()
    return _me(request, account, note="Thank you. Support has your ticket, and you get mail once it is decided.")


def _me(request: Visit, account: Account, form: Form | None = None, error: str = "", note: str = "") -> Template:
    with request.database.open() as db:
        shown: dict[str, Any] = {"bookings": bookings.bookings_of(db, account), "tickets": tickets.tickets(db, account)}
    words: dict[str, Any] = {"State": State, "kinds": tickets.KINDS, "is_staff": request.is_staff(account)}
    return page("me", account=account, form=form or {}, error=error, note=note, **shown, **words)


def _theirs(booking: Booking | None, account: Account) -> Booking:
    if booking is None or account not in (booking.customer, booking.service.provider):
        raise NotFoundException("There is no such booking.")
    return booking


def _cents(form: Form) -> int:
    whole, point, rest = form.get("price", "").replace(",", ".").partition(".")
    digits = whole + (rest if point else "00")
    if not (whole and digits.isascii() and digits.isdigit() and len(digits) == len(whole) + 2 and len(whole) < 7):
        raise Wrong("Please give the price in euros, such as 49.90.")
    if not 0 < int(digits) <= DEAREST:
        raise Wrong(f"A price is at most {DEAREST // 100} euros.")
    return int(digits)


# --- news -------------------------------------------------------------------------------------------------------------


@get("/news")
async def news_page(request: Visit) -> Template:
    return _news(request)


@post("/news", status_code=200)
async def news(request: Visit) -> Template:
    """Each topic is agreed to by itself; the answer is the same for every address."""
    form = await request.filled()
    wished = [topic for topic in TOPICS if form.get(topic)]
    try:
        to = email(form)
        if not wished:
            raise Wrong("Please choose at least one topic.")
    except Wrong as wrong:
        return _news(request, form, str(wrong))
    for topic in wished:
        await request.outgoing.subscribe(to, topic, "/news", request.ip, request.headers.get("user-agent", ""))
    return _news(request, note="You have mail: only the button behind its link subscribes you.")


def _news(request: Visit, form: Form | None = None, error: str = "", note: str = "") -> Template:
    account = request.visitor()
    shown = form or ({"email": account.email} if account else {})
    return page("news", topics=TOPICS, form=shown, error=error, note=note)
