"""Tickets: what people ask, suggest or say, and what was decided. How far each has come at Franked is kept with it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..common.database import Database
from ..common.site import Clock
from .accounts import Account

SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (
  id INTEGER PRIMARY KEY, once TEXT NOT NULL, account TEXT NOT NULL REFERENCES accounts, kind TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, made_at TEXT NOT NULL, request TEXT NOT NULL,
  word TEXT, note TEXT NOT NULL DEFAULT '', decided_at TEXT, decided_in TEXT,
  opened TEXT, mailed TEXT, refused TEXT,
  UNIQUE (account, once)
) STRICT;
"""
MOST_A_DAY = 10  # of one account


class Kind(StrEnum):
    REQUEST = "request"
    SUGGESTION = "suggestion"
    FEEDBACK = "feedback"


class Word(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"


class TooMany(Exception):
    """This account has submitted enough for today."""


@dataclass(frozen=True, slots=True)
class Ticket:
    id: int
    once: str  # of the form that it was submitted with
    account: str
    kind: str
    title: str
    text: str
    made_at: str
    request: str  # the id of the request that brought it,
    word: str | None
    note: str
    decided_at: str | None
    decided_in: str | None  # and of the one that decided it
    opened: str | None  # its id at Franked, once the mailbox has been told
    mailed: str | None  # the id of the mail about the decision
    refused: str | None  # Franked's code, where it won't


class Tickets:
    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def submit(self, account: Account, once: str, kind: Kind, title: str, text: str, request: str) -> Ticket:
        """The same form twice is one ticket. Raises TooMany."""
        now = self._now().isoformat()
        with self._database.open() as db:
            mine = "SELECT * FROM tickets WHERE account = ? AND once = ?"
            if (row := db.execute(mine, (account.id, once)).fetchone()) is None:
                today = "SELECT count(*) FROM tickets WHERE account = ? AND substr(made_at, 1, 10) = ?"
                if db.execute(today, (account.id, now[:10])).fetchone()[0] >= MOST_A_DAY:
                    raise TooMany
                db.execute(
                    "INSERT INTO tickets (once, account, kind, title, text, made_at, request) VALUES (?,?,?,?,?,?,?)",
                    (once, account.id, kind, title, text, now, request),
                )
                row = db.execute(mine, (account.id, once)).fetchone()
        return Ticket(*row)

    def decide(self, id_: int, word: Word, note: str, request: str) -> Ticket | None:
        """The first decision stands, whoever presses what, and however often. None: there is no such ticket."""
        with self._database.open() as db:
            db.execute(
                "UPDATE tickets SET word = ?, note = ?, decided_at = ?, decided_in = ? WHERE id = ? AND word IS NULL",
                (word, note, self._now().isoformat(), request, id_),
            )
        return self.find(id_)

    def find(self, id_: int) -> Ticket | None:
        return next(iter(self._all("WHERE id = ?", id_)), None)

    def of(self, account: Account) -> Sequence[Ticket]:
        return self._all("WHERE account = ? ORDER BY id DESC", account.id)

    def open(self) -> Sequence[Ticket]:
        return self._all("WHERE word IS NULL ORDER BY id")

    def decided(self, most: int = 50) -> Sequence[Ticket]:
        return self._all("WHERE word IS NOT NULL ORDER BY decided_at DESC, id DESC LIMIT ?", most)

    def due(self) -> Sequence[Ticket]:
        """What Franked has not been told yet: it could not be reached."""
        return self._all(
            "WHERE refused IS NULL AND (opened IS NULL OR (word IS NOT NULL AND mailed IS NULL)) ORDER BY id"
        )

    def opened(self, ticket: Ticket, franked_id: str) -> None:
        self._note(ticket, "opened", franked_id)

    def mailed(self, ticket: Ticket, message: str) -> None:
        self._note(ticket, "mailed", message)

    def refused(self, ticket: Ticket, code: str) -> None:
        """A person has to look: the same again would be refused again."""
        self._note(ticket, "refused", code)

    def _note(self, ticket: Ticket, column: str, value: str) -> None:
        with self._database.open() as db:
            db.execute(f"UPDATE tickets SET {column} = ? WHERE id = ?", (value, ticket.id))  # noqa: S608  # our own names

    def _all(self, which: str, *values: object) -> Sequence[Ticket]:
        with self._database.open() as db:
            rows: list[sqlite3.Row] = db.execute(f"SELECT * FROM tickets {which}", values).fetchall()  # noqa: S608
        return [Ticket(*row) for row in rows]
