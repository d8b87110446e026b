"""Polls, their slots and their votes, in a SQLite file. An address is here because somebody voted or made a poll."""

import hmac
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from ..common.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS polls (
  id TEXT PRIMARY KEY, secret TEXT NOT NULL, title TEXT NOT NULL, place TEXT NOT NULL, description TEXT NOT NULL,
  name TEXT NOT NULL, email TEXT NOT NULL, zone TEXT NOT NULL, minutes INTEGER NOT NULL, made_at TEXT NOT NULL,
  chosen TEXT, chosen_at TEXT, invite TEXT, called_off INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS slots (poll TEXT NOT NULL, start TEXT NOT NULL, PRIMARY KEY (poll, start));
CREATE TABLE IF NOT EXISTS votes (
  poll TEXT NOT NULL, start TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, vote TEXT NOT NULL,
  PRIMARY KEY (poll, start, email)
);
"""


class Vote(StrEnum):
    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Poll:
    id: str
    secret: str  # the creator's link has it
    title: str
    place: str
    description: str
    name: str
    email: str
    zone: str
    minutes: int
    made_at: datetime
    chosen: datetime | None = None
    chosen_at: datetime | None = None
    invite: str | None = None  # Franked's id, once the invites are out
    called_off: bool = False

    def end(self, start: datetime) -> datetime:
        return start + timedelta(minutes=self.minutes)

    def local(self, start: datetime) -> datetime:
        return start.astimezone(ZoneInfo(self.zone))

    def is_creators(self, secret: str) -> bool:
        return hmac.compare_digest(self.secret.encode(), secret.encode())


@dataclass(frozen=True, slots=True)
class Voter:
    name: str
    email: str
    votes: dict[datetime, Vote]


class Polls:
    def __init__(self, database: Path, now: Callable[[], datetime]) -> None:
        self.database = Database(database, _SCHEMA)
        self._now = now

    def make(self, poll: Poll, slots: Sequence[datetime]) -> None:
        with self.database.open() as db:
            db.execute(
                "INSERT INTO polls (id, secret, title, place, description, name, email, zone, minutes, made_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(poll.id, poll.secret, poll.title, poll.place, poll.description, poll.name, poll.email),
                    *(poll.zone, poll.minutes, _text(poll.made_at)),
                ),
            )
            db.executemany("INSERT OR IGNORE INTO slots VALUES (?, ?)", [(poll.id, _text(slot)) for slot in slots])

    def find(self, id_: str) -> Poll | None:
        with self.database.open() as db:
            row = db.execute("SELECT * FROM polls WHERE id = ?", (id_,)).fetchone()
        return None if row is None else _poll(row)

    def slots(self, poll: Poll) -> list[datetime]:
        with self.database.open() as db:
            rows = db.execute("SELECT start FROM slots WHERE poll = ? ORDER BY start", (poll.id,))
            return [datetime.fromisoformat(row["start"]) for row in rows]

    def vote(self, poll: Poll, voter: Voter) -> None:
        """A second vote of the same person takes the place of the first."""
        rows = [(poll.id, _text(start), voter.email, voter.name, vote) for start, vote in voter.votes.items()]
        with self.database.open() as db:
            db.executemany("INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?)", rows)

    def voters(self, poll: Poll) -> list[Voter]:
        found: dict[str, Voter] = {}
        with self.database.open() as db:
            for row in db.execute("SELECT * FROM votes WHERE poll = ? ORDER BY rowid", (poll.id,)):
                voter = found.setdefault(row["email"].casefold(), Voter(row["name"], row["email"], {}))
                voter.votes[datetime.fromisoformat(row["start"])] = Vote(row["vote"])
        return list(found.values())

    def invited(self, poll: Poll, start: datetime) -> list[Voter]:
        """Only who can come, or may."""
        return [voter for voter in self.voters(poll) if voter.votes.get(start) in (Vote.YES, Vote.MAYBE)]

    def choose(self, poll: Poll, start: datetime) -> Poll:
        return self._change(poll, chosen=_text(start), chosen_at=_text(self._now()))

    def remember(self, poll: Poll, invite: str) -> Poll:
        return self._change(poll, invite=invite)

    def call_off(self, poll: Poll) -> Poll:
        return self._change(poll, called_off=1)

    def _change(self, poll: Poll, **columns: object) -> Poll:
        names = ", ".join(f"{name} = ?" for name in columns)
        with self.database.open() as db:
            db.execute(f"UPDATE polls SET {names} WHERE id = ?", (*columns.values(), poll.id))  # noqa: S608  # our own names
        changed = self.find(poll.id)
        assert changed is not None
        return changed


def new_id() -> str:
    return secrets.token_urlsafe(9)


def new_secret() -> str:
    return secrets.token_urlsafe(24)


def _text(at: datetime) -> str:
    return at.isoformat()


def _poll(row: sqlite3.Row) -> Poll:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118  # a Row's own iteration gives values
    for name in ("made_at", "chosen", "chosen_at"):
        values[name] = values[name] and datetime.fromisoformat(values[name])
    return Poll(**values | {"called_off": bool(values["called_off"])})
