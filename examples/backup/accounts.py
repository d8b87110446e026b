"""Accounts, the devices that have opened them, and their sessions. Of each secret only a hash is kept."""

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..common.database import Database
from .notices import Notice, add
from .plans import PLANS, Plan

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE, password BLOB NOT NULL,
  two_steps INTEGER NOT NULL DEFAULT 0, plan TEXT NOT NULL DEFAULT 'Solo', warned INTEGER NOT NULL DEFAULT 0,
  token BLOB, made_at INTEGER NOT NULL, active_at INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_active ON accounts (email) WHERE active_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS devices (
  account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, device BLOB NOT NULL, PRIMARY KEY (account, device)
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  secret BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, until INTEGER NOT NULL
) STRICT;
"""
SESSION = timedelta(days=30)
UNCONFIRMED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    email: str
    two_steps: bool
    plan: Plan
    has_token: bool  # for the agents on its machines


class Accounts:
    def __init__(self, database: Database, now: Callable[[], datetime], url: str) -> None:
        self.database = database
        self._now = now
        self._url = url

    # --- signing up and in --------------------------------------------------------------------------------------------

    def sign_up(self, name: str, email: str, password: str) -> str | None:
        """The id of a new account that is not active yet; None where the address has an active one.

        Each sign-up is an account of its own: who confirms gets the password he chose, not another's."""
        id_, hashed, now = secrets.token_urlsafe(12), _hashed(password), self._time()
        with self.database.open() as db:
            old = now - int(UNCONFIRMED.total_seconds())
            db.execute("DELETE FROM accounts WHERE active_at IS NULL AND made_at < ?", (old,))
            if _active(db, email):
                return None
            row = (id_, name, email, hashed, now)
            db.execute("INSERT INTO accounts (id, name, email, password, made_at) VALUES (?, ?, ?, ?, ?)", row)
        return id_

    def activate(self, id_: str) -> bool:
        with self.database.open() as db:
            row = db.execute("SELECT * FROM accounts WHERE id = ?", (id_,)).fetchone()
            if row is None or _active(db, row["email"]):
                return False
            db.execute("UPDATE accounts SET active_at = ? WHERE id = ?", (self._time(), id_))
            db.execute("DELETE FROM accounts WHERE email = ? AND active_at IS NULL", (row["email"],))
        return True

    def find(self, email: str) -> Account | None:
        with self.database.open() as db:
            return _account(_active(db, email))

    def get(self, id_: str) -> Account | None:
        with self.database.open() as db:
            return _account(db.execute("SELECT * FROM accounts WHERE id = ? AND active_at > 0", (id_,)).fetchone())

    def signed_in(self, email: str, password: str) -> Account | None:
        with self.database.open() as db:
            row = _active(db, email)
        known = row["password"] if row else bytes(80)  # as slow for a stranger as for a member
        return _account(row) if hmac.compare_digest(_hashed(password, known[:16]), known) else None

    def enter(self, account: Account, device: str, seen_as: str) -> str:
        """The secret of a session. A device that is new to the account brings a notice, but for its first."""
        secret = secrets.token_urlsafe(32)
        with self.database.open() as db:
            known = {row["device"] for row in db.execute("SELECT * FROM devices WHERE account = ?", (account.id,))}
            db.execute("INSERT OR IGNORE INTO devices VALUES (?, ?)", (account.id, _digest(device)))
            if known and _digest(device) not in known:
                title = "Sign-in from a new device"
                what = "somebody has signed in to your account from a device that we did not know."
                add(db, self._alert(account, "sign-in", title, what, seen_as))
            until = self._time() + int(SESSION.total_seconds())
            db.execute("DELETE FROM sessions WHERE until < ?", (self._time(),))
            db.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_digest(secret), account.id, until))
        return secret

    def of_session(self, secret: str) -> Account | None:
        asked = "SELECT accounts.* FROM accounts JOIN sessions ON account = id WHERE secret = ? AND until >= ?"
        with self.database.open() as db:
            return _account(db.execute(asked, (_digest(secret), self._time())).fetchone())

    def leave(self, secret: str) -> None:
        with self.database.open() as db:
            db.execute("DELETE FROM sessions WHERE secret = ?", (_digest(secret),))

    # --- what its owner changes ---------------------------------------------------------------------------------------

    def set_password(self, id_: str, password: str) -> None:
        """Whoever is signed in has to do so again, and the owner is told."""
        hashed = _hashed(password)
        with self.database.open() as db:
            db.execute("UPDATE accounts SET password = ? WHERE id = ?", (hashed, id_))
            db.execute("DELETE FROM sessions WHERE account = ?", (id_,))
            if account := _account(db.execute("SELECT * FROM accounts WHERE id = ?", (id_,)).fetchone()):
                what = "somebody who reads your mail has chosen a new password for your account."
                add(db, self._alert(account, "password-reset", "New password", what))

    def new_token(self, account: Account) -> str:
        """For the agents on the account's machines; the one before is good no longer."""
        secret = secrets.token_urlsafe(32)
        with self.database.open() as db:
            db.execute("UPDATE accounts SET token = ? WHERE id = ?", (_digest(secret), account.id))
            what = "somebody has made a token for your account, with which machines report their backups."
            add(db, self._alert(account, "new-token", "New token for machines", what))
        return f"{account.id}.{secret}"

    def of_token(self, token: str) -> Account | None:
        id_, _, secret = token.partition(".")
        with self.database.open() as db:
            row = db.execute("SELECT * FROM accounts WHERE id = ? AND active_at > 0", (id_,)).fetchone()
        known = (row and row["token"]) or bytes(32)
        return _account(row) if hmac.compare_digest(known, _digest(secret)) else None

    def set_two_steps(self, account: Account, *, wanted: bool) -> None:
        with self.database.open() as db:
            db.execute("UPDATE accounts SET two_steps = ? WHERE id = ?", (wanted, account.id))

    def choose(self, account: Account, plan: Plan) -> None:
        """The owner is told what it costs from now on."""
        at = self._now()
        told = {"name": account.name, "plan": plan.name, "storage": plan.room, "price": plan.price}
        ref = f"{account.id}-{secrets.token_urlsafe(9)}"
        variables = told | {"before": account.plan.name, "at": at.isoformat()}
        with self.database.open() as db:
            db.execute("UPDATE accounts SET plan = ?, warned = 0 WHERE id = ?", (plan.name, account.id))
            add(db, Notice("billing-update", account.email, account.id, "changed-plan", ref, at, variables))

    def delete(self, account: Account) -> None:
        """What was due for it goes with it."""
        with self.database.open() as db:
            db.execute("DELETE FROM notices WHERE account = ?", (account.id,))
            db.execute("DELETE FROM accounts WHERE id = ?", (account.id,))

    def _alert(self, account: Account, act: str, title: str, what: str, device: str | None = None) -> Notice:
        at, ref = self._now(), f"{account.id}-{secrets.token_urlsafe(9)}"
        said = {"name": account.name, "title": title, "what": what, "at": at.isoformat(), "url": f"{self._url}/forgot"}
        with_device = {"device": device} if device else {}
        return Notice("security-notice", account.email, account.id, act, ref, at, said | with_device)

    def _time(self) -> int:
        return int(self._now().timestamp())


def _active(db: sqlite3.Connection, email: str) -> sqlite3.Row | None:
    asked = "SELECT * FROM accounts WHERE email = ? AND active_at IS NOT NULL"
    found: sqlite3.Row | None = db.execute(asked, (email,)).fetchone()
    return found


def _account(row: sqlite3.Row | None) -> Account | None:
    if row is None:
        return None
    plan, has_token = PLANS[row["plan"]], row["token"] is not None
    return Account(row["id"], row["name"], row["email"], bool(row["two_steps"]), plan, has_token)


def _digest(secret: str) -> bytes:
    """Of what is long and random."""
    return hashlib.sha256(secret.encode()).digest()


def _hashed(password: str, salt: bytes | None = None) -> bytes:
    salt = salt or os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
