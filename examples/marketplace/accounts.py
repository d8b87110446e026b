"""Customers and providers, and who is signed in."""

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..common.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE, password BLOB NOT NULL,
  provides INTEGER NOT NULL, made_at INTEGER NOT NULL, active_at INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_active ON accounts (email) WHERE active_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS sessions (secret BLOB PRIMARY KEY, account TEXT NOT NULL, ends_at INTEGER NOT NULL) STRICT;
"""
SIGNED_IN = timedelta(hours=24)
UNCONFIRMED = timedelta(hours=24)  # as long as the code lives


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    email: str
    provides: bool


class Accounts:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def sign_up(self, name: str, email: str, password: str, *, provides: bool) -> Account | None:
        """A new account that is not active yet; None where the address has an active one.

        Each sign-up is an account of its own: who confirms gets the password he chose, not another's."""
        account, hashed, now = (
            Account(secrets.token_urlsafe(12), name, email, provides),
            _hashed(password),
            self._time(),
        )
        with self._database.open() as db:
            too_old = now - int(UNCONFIRMED.total_seconds())
            db.execute("DELETE FROM accounts WHERE active_at IS NULL AND made_at < ?", (too_old,))
            if _active(db, email):
                return None
            row = (account.id, name, email, hashed, provides, now)
            db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
        return account

    def activate(self, account_id: str) -> bool:
        with self._database.open() as db:
            row = db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
            if row is None or _active(db, row["email"]):
                return False
            db.execute("UPDATE accounts SET active_at = ? WHERE id = ?", (self._time(), account_id))
            db.execute("DELETE FROM accounts WHERE email = ? AND active_at IS NULL", (row["email"],))
        return True

    def find(self, email: str) -> Account | None:
        with self._database.open() as db:
            row = _active(db, email)
        return account_of(row) if row else None

    def sign_in(self, email: str, password: str) -> str | None:
        """The session's secret, for the cookie; None: an address that is nobody's, or another password."""
        with self._database.open() as db:
            row = _active(db, email)
        known = row["password"] if row else bytes(80)  # as slow for a stranger as for a member
        if not hmac.compare_digest(_hashed(password, known[:16]), known) or row is None:
            return None
        secret, now = secrets.token_urlsafe(32), self._time()
        with self._database.open() as db:
            db.execute("DELETE FROM sessions WHERE ends_at < ?", (now,))
            ends_at = now + int(SIGNED_IN.total_seconds())
            db.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_kept(secret), row["id"], ends_at))
        return secret

    def signed_in(self, secret: str) -> Account | None:
        query = "SELECT * FROM accounts WHERE id = (SELECT account FROM sessions WHERE secret = ? AND ends_at > ?)"
        with self._database.open() as db:
            row = db.execute(query, (_kept(secret), self._time())).fetchone()
        return account_of(row) if row else None

    def sign_out(self, secret: str) -> None:
        with self._database.open() as db:
            db.execute("DELETE FROM sessions WHERE secret = ?", (_kept(secret),))

    def set_password(self, account_id: str, password: str) -> None:
        """Whoever is signed in with the old one is so no more."""
        hashed = _hashed(password)
        with self._database.open() as db:
            db.execute("UPDATE accounts SET password = ? WHERE id = ?", (hashed, account_id))
            db.execute("DELETE FROM sessions WHERE account = ?", (account_id,))

    def _time(self) -> int:
        return int(self._now().timestamp())


def _active(db: sqlite3.Connection, email: str) -> sqlite3.Row | None:
    query = "SELECT * FROM accounts WHERE email = ? AND active_at IS NOT NULL"
    found: sqlite3.Row | None = db.execute(query, (email,)).fetchone()
    return found


def account_of(row: sqlite3.Row, prefix: str = "") -> Account:
    name, email, provides = (row[f"{prefix}{column}"] for column in ("name", "email", "provides"))
    return Account(row[f"{prefix}id"], name, email, bool(provides))


def _kept(secret: str) -> bytes:
    """Of a session's secret its hash: whoever reads the file opens nothing with it."""
    return hashlib.sha256(secret.encode()).digest()


def _hashed(password: str, salt: bytes | None = None) -> bytes:
    salt = salt or os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
