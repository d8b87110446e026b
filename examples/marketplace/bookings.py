"""Services, who books them, and how each booking goes on."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .accounts import Account, account_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS services (
  id INTEGER PRIMARY KEY, provider TEXT NOT NULL, title TEXT NOT NULL, category TEXT NOT NULL, cents INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS bookings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, service INTEGER NOT NULL, customer TEXT NOT NULL, day TEXT NOT NULL,
  cents INTEGER NOT NULL, made_at TEXT NOT NULL, state TEXT NOT NULL, rating INTEGER, review TEXT
) STRICT;
"""
_SERVICES = """
SELECT s.id, s.title, s.category, s.cents, p.id AS p_id, p.name AS p_name, p.email AS p_email, p.provides AS p_provides
FROM services s JOIN accounts p ON p.id = s.provider
"""
_BOOKINGS = """
SELECT b.id AS b_id, b.day, b.cents AS paid, b.made_at, b.state, b.rating, b.review, s.id, s.title, s.category, s.cents,
  p.id AS p_id, p.name AS p_name, p.email AS p_email, p.provides AS p_provides,
  c.id AS c_id, c.name AS c_name, c.email AS c_email, c.provides AS c_provides
FROM bookings b JOIN services s ON s.id = b.service
JOIN accounts p ON p.id = s.provider JOIN accounts c ON c.id = b.customer
"""


class State(StrEnum):
    BOOKED = "booked"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    DONE = "done"


NEXT = {State.BOOKED: (State.ACCEPTED, State.CANCELLED), State.ACCEPTED: (State.DONE, State.CANCELLED)}


@dataclass(frozen=True, slots=True)
class Service:
    id: int
    provider: Account
    title: str
    category: str
    cents: int


@dataclass(frozen=True, slots=True)
class Booking:
    id: int
    service: Service
    customer: Account
    day: date
    cents: int  # that were paid, VAT included
    made_at: datetime
    state: State
    rating: int | None
    review: str | None

    @property
    def number(self) -> str:
        """The invoice's, too: each once, in the order that they were made."""
        return f"R-{self.made_at.year}-{self.id:05}"

    @property
    def next(self) -> Sequence[State]:
        return NEXT.get(self.state, ())

    @property
    def can_be_rated(self) -> bool:
        return self.state is State.DONE and self.rating is None


def offer(db: sqlite3.Connection, provider: Account, title: str, category: str, cents: int) -> None:
    row = (provider.id, title, category, cents)
    db.execute("INSERT INTO services (provider, title, category, cents) VALUES (?, ?, ?, ?)", row)


def services(db: sqlite3.Connection) -> list[Service]:
    return [_service(row) for row in db.execute(f"{_SERVICES} ORDER BY s.category, s.title, s.id")]


def book(db: sqlite3.Connection, service_id: int, customer: Account, day: date, now: datetime) -> Booking | None:
    """Booked and paid; None: there is no such service."""
    found = db.execute(f"{_SERVICES} WHERE s.id = ?", (service_id,)).fetchone()
    if found is None:
        return None
    row = (service_id, customer.id, day.isoformat(), found["cents"], now.isoformat(), State.BOOKED)
    made = db.execute(
        "INSERT INTO bookings (service, customer, day, cents, made_at, state) VALUES (?, ?, ?, ?, ?, ?)", row
    )
    return find(db, made.lastrowid or 0)


def find(db: sqlite3.Connection, booking_id: int) -> Booking | None:
    row = db.execute(f"{_BOOKINGS} WHERE b.id = ?", (booking_id,)).fetchone()
    return _booking(row) if row else None


def bookings_of(db: sqlite3.Connection, account: Account) -> list[Booking]:
    """As customer and as provider, the newest first."""
    query = f"{_BOOKINGS} WHERE b.customer = ? OR s.provider = ? ORDER BY b.id DESC LIMIT 100"
    return [_booking(row) for row in db.execute(query, (account.id, account.id))]


def move(db: sqlite3.Connection, booking: Booking, to: State) -> Booking:
    """Asked of whoever may, and along NEXT only."""
    db.execute("UPDATE bookings SET state = ? WHERE id = ?", (to, booking.id))
    moved = find(db, booking.id)
    assert moved is not None
    return moved


def rate(db: sqlite3.Connection, booking: Booking, rating: int, review: str) -> None:
    db.execute("UPDATE bookings SET rating = ?, review = ? WHERE id = ?", (rating, review, booking.id))


def _service(row: sqlite3.Row) -> Service:
    return Service(row["id"], account_of(row, "p_"), row["title"], row["category"], row["cents"])


def _booking(row: sqlite3.Row) -> Booking:
    return Booking(
        *(row["b_id"], _service(row), account_of(row, "c_"), date.fromisoformat(row["day"]), row["paid"]),
        *(datetime.fromisoformat(row["made_at"]), State(row["state"]), row["rating"], row["review"]),
    )
