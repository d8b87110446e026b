"""Accounts and their codes, in a SQLite file of the portal's own."""

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock

GUESSES = 5  # at one code
CODES_AN_HOUR = 5  # to one address, of one kind: more codes would be more guesses

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA foreign_keys = ON;
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE, password BLOB NOT NULL,
  two_steps INTEGER NOT NULL, made_at INTEGER NOT NULL, active_at INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_active ON accounts (email) WHERE active_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS codes (
  id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, act TEXT NOT NULL,
  code BLOB NOT NULL, token BLOB NOT NULL UNIQUE, guesses INTEGER NOT NULL DEFAULT 0,
  made_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, used_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS codes_of ON codes (account, act);
CREATE TABLE IF NOT EXISTS mails (ref TEXT PRIMARY KEY, message TEXT NOT NULL) STRICT;
"""


class Act(StrEnum):
    SIGN_UP = "sign-up"
    RESET = "password-reset"
    SIGN_IN = "sign-in"


VALID = {Act.SIGN_UP: timedelta(hours=24), Act.RESET: timedelta(hours=1), Act.SIGN_IN: timedelta(minutes=10)}


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    email: str
    two_steps: bool


@dataclass(frozen=True, slots=True)
class Issued:
    """A code and a link's token: they exist in the clear only here and in the mail."""

    id: str
    account: Account
    act: Act
    code: str
    token: str
    at: datetime


class Accounts:
    def __init__(self, database: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._key = _key_beside(database)
        self._turn = Lock()  # SQLite has one writer, and lets others in by luck: on a slow disk some never get in
        self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)

    def sign_up(self, name: str, email: str, password: str, *, two_steps: bool) -> Account | None:
        """A new account that is not active yet; None where the address has an active one.

        Each sign-up is an account of its own: who confirms gets the password he chose, not another's."""
        account, hashed, now = Account(new_id(), name, email, two_steps), _hashed(password), self._time()
        with self._open() as db:
            db.execute("DELETE FROM accounts WHERE active_at IS NULL AND made_at < ?", (now - 86_400,))
            if _active(db, email):
                return None
            row = (account.id, name, email, hashed, two_steps, now)
            db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
        return account

    def activate(self, account: Account) -> bool:
        with self._open() as db:
            if _active(db, account.email):
                return False
            db.execute("UPDATE accounts SET active_at = ? WHERE id = ?", (self._time(), account.id))
            db.execute("DELETE FROM accounts WHERE email = ? AND active_at IS NULL", (account.email,))
        return True

    def find(self, email: str) -> Account | None:
        with self._open() as db:
            row = _active(db, email)
        return _account(row) if row else None

    def signed_in(self, email: str, password: str) -> Account | None:
        with self._open() as db:
            row = _active(db, email)
        known = row["password"] if row else bytes(80)  # as slow for a stranger as for a member
        return _account(row) if hmac.compare_digest(_hashed(password, known[:16]), known) and row else None

    def set_password(self, account: Account, password: str) -> None:
        hashed = _hashed(password)
        with self._open() as db:
            db.execute("UPDATE accounts SET password = ? WHERE id = ?", (hashed, account.id))

    def delete(self, account: Account) -> None:
        with self._open() as db:
            db.execute("DELETE FROM accounts WHERE id = ?", (account.id,))

    def issue(self, account: Account, act: Act) -> Issued | None:
        """A fresh code; those before it end. None where the address had its five within the hour."""
        code, at = f"{secrets.randbelow(1_000_000):06}", self._now()
        issued, now = Issued(new_id(), account, act, code, secrets.token_urlsafe(32), at), int(at.timestamp())
        with self._open() as db:
            if self._issued_lately(db, account, act) >= CODES_AN_HOUR:
                return None
            self._end(db, account.id, act)
            ends = now + int(VALID[act].total_seconds())
            hashes = (self._hash(act, account.id, code), self._hash(act, issued.token))
            row = (issued.id, account.id, act, *hashes, 0, now, ends, None)
            db.execute("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return issued

    def redeem_code(self, act: Act, account_id: str, code: str) -> Account | None:
        """Once. The guess is counted before it is compared."""
        with self._open() as db:
            row = db.execute(
                "UPDATE codes SET guesses = guesses + 1 WHERE account = ? AND act = ? AND used_at IS NULL"
                " AND ends_at > ? AND guesses < ? RETURNING code",
                (account_id, act, self._time(), GUESSES),
            ).fetchone()
            right = row and hmac.compare_digest(row["code"], self._hash(act, account_id, code.strip()))
            return self._redeemed(db, act, account_id) if right else None

    def redeem_token(self, act: Act, token: str) -> Account | None:
        with self._open() as db:
            row = db.execute(
                "SELECT account FROM codes WHERE token = ? AND used_at IS NULL AND ends_at > ?",
                (self._hash(act, token), self._time()),
            ).fetchone()
            return self._redeemed(db, act, row["account"]) if row else None

    def remember(self, ref: str, message: str) -> None:
        """Under which id Franked knows a mail: whoever asks where it is gets its story."""
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO mails VALUES (?, ?)", (ref, message))

    def _issued_lately(self, db: sqlite3.Connection, account: Account, act: Act) -> int:
        counted = db.execute(
            "SELECT count(*) FROM codes JOIN accounts ON accounts.id = account"
            " WHERE email = ? AND act = ? AND codes.made_at > ?",
            (account.email, act, self._time() - 3600),
        )
        return int(counted.fetchone()[0])

    def _redeemed(self, db: sqlite3.Connection, act: Act, account_id: str) -> Account:
        self._end(db, account_id, act)
        return _account(db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone())

    def _end(self, db: sqlite3.Connection, account_id: str, act: Act) -> None:
        ended = "UPDATE codes SET used_at = ? WHERE account = ? AND act = ? AND used_at IS NULL"
        db.execute(ended, (self._time(), account_id, act))

    def _hash(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "|".join(parts).encode(), "sha256")

    def _time(self) -> int:
        return int(self._now().timestamp())

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction; what was not committed is rolled back."""
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")


def new_id() -> str:
    return secrets.token_urlsafe(16)


def _active(db: sqlite3.Connection, email: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM accounts WHERE email = ? AND active_at IS NOT NULL", (email,)
    ).fetchone()
    return found


def _account(row: sqlite3.Row) -> Account:
    return Account(row["id"], row["name"], row["email"], bool(row["two_steps"]))


def _hashed(password: str, salt: bytes | None = None) -> bytes:
    salt = salt or os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def _key_beside(database: Path) -> bytes:
    """The key of the codes' hashes: not in the database, so that a copy of it opens nothing."""
    path = database.with_suffix(".key")
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(os.urandom(32))
    return path.read_bytes()
