"""Accounts, in a SQLite file of the portal's own."""

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ..common.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE, password BLOB NOT NULL,
  second TEXT NOT NULL, made_at INTEGER NOT NULL, active_at INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_active ON accounts (email) WHERE active_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS half_way (token TEXT PRIMARY KEY, account TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
"""
HALF_WAY = 600  # seconds between the password and the app's code


class Second(StrEnum):
    """What a sign-in asks for besides the password."""

    NOTHING = "nothing"
    MAIL = "mail"  # a code by mail
    APP = "app"  # a code of an authenticator app


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    email: str
    second: Second


class Accounts:
    def __init__(self, database: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self.database = Database(database, SCHEMA)

    def sign_up(self, name: str, email: str, password: str, second: Second = Second.NOTHING) -> Account | None:
        """A new account that is not active yet; None where the address has an active one.

        Each sign-up is an account of its own: who confirms gets the password he chose, not another's."""
        account, hashed, now = (
            Account(secrets.token_urlsafe(16), name, email, second),
            _hashed(password),
            self._time(),
        )
        with self.database.open() as db:
            db.execute("DELETE FROM accounts WHERE active_at IS NULL AND made_at < ?", (now - 86_400,))
            if _active(db, email):
                return None
            row = (account.id, name, email, hashed, second, now)
            db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
        return account

    def activate(self, account_id: str) -> bool:
        with self.database.open() as db:
            row = db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
            if row is None or _active(db, row["email"]):
                return False
            db.execute("UPDATE accounts SET active_at = ? WHERE id = ?", (self._time(), account_id))
            db.execute("DELETE FROM accounts WHERE email = ? AND active_at IS NULL", (row["email"],))
        return True

    def find(self, email: str) -> Account | None:
        with self.database.open() as db:
            row = _active(db, email)
        return _account(row) if row else None

    def signed_in(self, email: str, password: str) -> Account | None:
        with self.database.open() as db:
            row = _active(db, email)
        known = row["password"] if row else bytes(80)  # as slow for a stranger as for a member
        return _account(row) if hmac.compare_digest(_hashed(password, known[:16]), known) and row else None

    def set_password(self, account_id: str, password: str) -> None:
        hashed = _hashed(password)
        with self.database.open() as db:
            db.execute("UPDATE accounts SET password = ? WHERE id = ?", (hashed, account_id))

    def set_second(self, account: Account, second: Second) -> None:
        with self.database.open() as db:
            db.execute("UPDATE accounts SET second = ? WHERE id = ?", (second, account.id))

    def half_way(self, account: Account) -> str:
        """A token for whoever has just given the password, and owes the app's code."""
        token = secrets.token_urlsafe(24)
        with self.database.open() as db:
            db.execute("DELETE FROM half_way WHERE until < ?", (self._time(),))
            db.execute("INSERT INTO half_way VALUES (?, ?, ?)", (token, account.id, self._time() + HALF_WAY))
        return token

    def who_is_half_way(self, token: str) -> str | None:
        """The account's id."""
        with self.database.open() as db:
            found = db.execute("SELECT account FROM half_way WHERE token = ? AND until >= ?", (token, self._time()))
            row = found.fetchone()
        return row["account"] if row else None

    def arrived(self, token: str) -> None:
        with self.database.open() as db:
            db.execute("DELETE FROM half_way WHERE token = ?", (token,))

    def delete(self, account: Account) -> None:
        with self.database.open() as db:
            db.execute("DELETE FROM accounts WHERE id = ?", (account.id,))

    def _time(self) -> int:
        return int(self._now().timestamp())


def _active(db: sqlite3.Connection, email: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM accounts WHERE email = ? AND active_at IS NOT NULL", (email,)
    ).fetchone()
    return found


def _account(row: sqlite3.Row) -> Account:
    return Account(row["id"], row["name"], row["email"], Second(row["second"]))


def _hashed(password: str, salt: bytes | None = None) -> bytes:
    salt = salt or os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
