"""Accounts and their sessions. An address is verified by the first code that came back from it."""

import hashlib
import hmac
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from ..common.database import Database
from ..common.site import Clock

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE COLLATE NOCASE, made_at TEXT NOT NULL,
  verified_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  hash TEXT PRIMARY KEY, account TEXT REFERENCES accounts, code TEXT, ends_at TEXT NOT NULL
) STRICT;
"""
FOR_A_CODE = timedelta(minutes=15)
SIGNED_IN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    email: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Session:
    """Of one browser. `account` None: it waits for a code. `code`: which, by Franked's id."""

    hash: str
    account: str | None
    code: str | None


class Accounts:
    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def join(self, name: str, email: str) -> Account:
        """Who has an account already has no second one; a name counts only from who can read the address's mail."""
        with self._database.open() as db:
            db.execute(
                "INSERT INTO accounts VALUES (?, ?, ?, ?, NULL) ON CONFLICT (email) DO UPDATE SET name = excluded.name"
                " WHERE verified_at IS NULL",
                (f"a{secrets.token_hex(8)}", name, email, self._now().isoformat()),
            )
        found = self.find(email)
        assert found is not None
        return found

    def find(self, email: str) -> Account | None:
        return self._one("email = ?", email)

    def get(self, id_: str) -> Account | None:
        return self._one("id = ?", id_)

    def verify(self, id_: str) -> None:
        with self._database.open() as db:
            db.execute(
                "UPDATE accounts SET verified_at = coalesce(verified_at, ?) WHERE id = ?",
                (self._now().isoformat(), id_),
            )

    def _one(self, which: str, value: str) -> Account | None:
        with self._database.open() as db:
            row = db.execute(f"SELECT * FROM accounts WHERE {which}", (value,)).fetchone()  # noqa: S608  # our own words
        return Account(row["id"], row["name"], row["email"], row["verified_at"] is not None) if row else None


class Sessions:
    """A browser has a signed token; the row has its hash, so that the file opens nobody's session."""

    def __init__(self, database: Database, secret: str, now: Clock) -> None:
        self._database = database
        self._secret = secret.encode()
        self._now = now

    def begin(self, account: str | None = None) -> tuple[str, Session]:
        """What its cookie says, and the session."""
        token, now = secrets.token_urlsafe(32), self._now()
        session = Session(_hash(token), account, None)
        ends_at = now + (SIGNED_IN if account else FOR_A_CODE)
        with self._database.open() as db:
            db.execute("DELETE FROM sessions WHERE ends_at <= ?", (now.isoformat(),))
            db.execute("INSERT INTO sessions VALUES (?, ?, NULL, ?)", (session.hash, account, ends_at.isoformat()))
        return f"{token}.{self._signature(token)}", session

    def find(self, cookie: str) -> Session | None:
        token, _, signature = cookie.partition(".")
        if not hmac.compare_digest(self._signature(token).encode(), signature.encode()):
            return None
        with self._database.open() as db:
            row: sqlite3.Row | None = db.execute(
                "SELECT hash, account, code FROM sessions WHERE hash = ? AND ends_at > ?",
                (_hash(token), self._now().isoformat()),
            ).fetchone()
        return Session(*row) if row else None

    def waits_for(self, session: Session, code: str) -> None:
        with self._database.open() as db:
            db.execute("UPDATE sessions SET code = ? WHERE hash = ?", (code, session.hash))

    def end(self, session: Session) -> None:
        with self._database.open() as db:
            db.execute("DELETE FROM sessions WHERE hash = ?", (session.hash,))

    def _signature(self, token: str) -> str:
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
