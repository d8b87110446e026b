"""Tickets: what a member asks of support, and what was decided. Franked carries both mails."""

import secrets
import sqlite3
from dataclasses import dataclass

from .accounts import Account
from .outbox import Owed

SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (
  ref TEXT PRIMARY KEY, account TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, franked TEXT, decision TEXT
) STRICT;
"""
KINDS = ("request", "suggestion", "feedback")
DECISIONS = ("approved", "declined")


@dataclass(frozen=True, slots=True)
class Ticket:
    ref: str
    account: str
    subject: str
    text: str
    franked: str | None  # its id there, once Franked has it
    decision: str | None


def open_ticket(db: sqlite3.Connection, account: Account, kind: str, subject: str, text: str) -> Owed:
    """What Franked is to be told of it."""
    ref = f"ticket {secrets.token_urlsafe(9)}"
    row = (ref, account.id, subject, text)
    db.execute("INSERT INTO tickets (ref, account, subject, text) VALUES (?, ?, ?, ?)", row)
    body = {"kind": kind, "subject": subject, "text": text, "account": account.id, "address": account.email}
    return Owed(ref, "/v1/tickets", body | {"locale": "en"})


def tickets(db: sqlite3.Connection, account: Account | None = None) -> list[Ticket]:
    """The newest first; of one account, or all."""
    query = "SELECT * FROM tickets WHERE account = ? OR ? ORDER BY rowid DESC LIMIT 100"
    rows = db.execute(query, (account.id if account else "", account is None))
    return [Ticket(*row) for row in rows]


def find(db: sqlite3.Connection, ref: str) -> Ticket | None:
    row = db.execute("SELECT * FROM tickets WHERE ref = ?", (ref,)).fetchone()
    return Ticket(*row) if row else None


def decided(db: sqlite3.Connection, ticket: Ticket, decision: str) -> None:
    db.execute("UPDATE tickets SET decision = ? WHERE ref = ?", (decision, ticket.ref))
