"""What machines have backed up, and how much room is left; each tells the account's owner, in the same transaction."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..common.database import Database
from .accounts import Account
from .notices import Notice, add
from .plans import size

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
  account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, id TEXT NOT NULL, machine TEXT NOT NULL,
  ended_at TEXT NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL, error TEXT NOT NULL, PRIMARY KEY (account, id)
) STRICT;
CREATE TABLE IF NOT EXISTS machines (
  account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, name TEXT NOT NULL, stored INTEGER NOT NULL,
  ended_at TEXT NOT NULL, error TEXT NOT NULL, PRIMARY KEY (account, name)
) STRICT;
"""
LEVELS = (95, 80)  # percent of the storage at which the owner is warned, once


@dataclass(frozen=True, slots=True)
class Run:
    """Of one machine's backup, as its agent reports it. `error`: why it failed; empty: it is complete."""

    id: str
    machine: str
    ended_at: datetime
    files: int
    bytes: int
    stored: int  # bytes that all backups of the machine take now
    error: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    name: str
    stored: str
    ended_at: datetime  # its last run
    error: str


class Backups:
    def __init__(self, database: Database, now: Callable[[], datetime], url: str) -> None:
        self._database = database
        self._now = now
        self._url = url

    def report(self, account: Account, runs: Sequence[Run]) -> int:
        """How many of them were new. A report that comes again does no harm."""
        with self._database.open() as db:
            new = [run for run in runs if self._record(db, account, run)]
            if new:
                self._warn(db, account, new[-1].id)
        return len(new)

    def _record(self, db: sqlite3.Connection, account: Account, run: Run) -> bool:
        at = run.ended_at.isoformat()
        row = (account.id, run.id, run.machine, at, run.files, run.bytes, run.error)
        if not db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row).rowcount:
            return False
        db.execute(
            "INSERT INTO machines VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET stored = excluded.stored, "
            "ended_at = excluded.ended_at, error = excluded.error WHERE excluded.ended_at >= ended_at",
            (account.id, run.machine, run.stored, at, run.error),
        )
        add(db, self._told(account, run))
        return True

    def _told(self, account: Account, run: Run) -> Notice:
        said = {"name": account.name, "machine": run.machine, "at": run.ended_at.isoformat()}
        stream, more = "backup-completed", {"files": run.files, "size": size(run.bytes)}
        if run.error:
            stream, more = "backup-failed", {"why": run.error}
        return Notice(stream, account.email, account.id, stream, f"{account.id}-{run.id}", self._now(), said | more)

    def _warn(self, db: sqlite3.Connection, account: Account, run: str) -> None:
        """Once at each level, until less is used again."""
        used, storage = _used(db, account), account.plan.storage
        level = next((one for one in LEVELS if used * 100 >= storage * one), 0)
        warned = db.execute("SELECT warned FROM accounts WHERE id = ?", (account.id,)).fetchone()["warned"]
        db.execute("UPDATE accounts SET warned = ? WHERE id = ?", (level, account.id))
        if level > warned:
            said = {"name": account.name, "percent": level, "used": size(used), "storage": account.plan.room}
            variables, ref = said | {"url": f"{self._url}/settings"}, f"{account.id}-{level}-{run}"
            act = f"storage-{level}-percent"
            add(db, Notice("storage-warning", account.email, account.id, act, ref, self._now(), variables))

    def used(self, account: Account) -> int:
        with self._database.open() as db:
            return _used(db, account)

    def machines(self, account: Account) -> list[Machine]:
        with self._database.open() as db:
            rows = db.execute("SELECT * FROM machines WHERE account = ? ORDER BY name", (account.id,)).fetchall()
        return [
            Machine(row["name"], size(row["stored"]), datetime.fromisoformat(row["ended_at"]), row["error"])
            for row in rows
        ]


def _used(db: sqlite3.Connection, account: Account) -> int:
    asked = "SELECT coalesce(sum(stored), 0) FROM machines WHERE account = ?"
    return int(db.execute(asked, (account.id,)).fetchone()[0])
