"""Notices that are due. They stand in a table until Franked has them, and go in batches: Franked may be away."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from ..common.database import Database
from ..common.franked import NotReached, Refused

SCHEMA = """
CREATE TABLE IF NOT EXISTS notices (
  id INTEGER PRIMARY KEY, stream TEXT NOT NULL, email TEXT NOT NULL, account TEXT NOT NULL, act TEXT NOT NULL,
  ref TEXT NOT NULL, at TEXT NOT NULL, variables TEXT NOT NULL, refused TEXT, UNIQUE (stream, ref)
) STRICT;
CREATE INDEX IF NOT EXISTS due ON notices (id) WHERE refused IS NULL;
"""
MOST = 500  # in one batch: Franked takes 1,000
AGAIN = 5.0  # seconds, when Franked is away
log = logging.getLogger("product")


@dataclass(frozen=True, slots=True)
class Notice:
    stream: str
    email: str
    account: str
    act: str  # which act of the account it follows,
    ref: str  # which one of these: asked for twice, it goes once,
    at: datetime  # and when
    variables: Mapping[str, object]

    @property
    def key(self) -> str:
        return f"{self.stream} {self.ref}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Franked said to one notice: the message's id, or the code of what is wrong with it."""

    message: str | None
    problem: str | None = None
    for_good: bool = False


HandOver = Callable[[Sequence[Notice]], Awaitable[Sequence[Answer]]]


def add(db: sqlite3.Connection, notice: Notice) -> None:
    """In the transaction of what it tells about: there is never one without the other."""
    db.execute(
        "INSERT OR IGNORE INTO notices (stream, email, account, act, ref, at, variables) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(notice.stream, notice.email, notice.account, notice.act, notice.ref),
            *(notice.at.isoformat(), json.dumps(notice.variables)),
        ),
    )


class Notices:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Something is due."""
        self._bell.set()

    def waiting(self) -> int:
        with self._database.open() as db:
            return int(db.execute("SELECT count(*) FROM notices WHERE refused IS NULL").fetchone()[0])

    async def run(self, hand_over: HandOver) -> None:
        """For good. What is due goes now, and when somebody rings."""
        while True:
            self._bell.clear()
            away = await self._round(hand_over)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait() if not away else asyncio.sleep(AGAIN), timeout=60)

    async def _round(self, hand_over: HandOver) -> bool:
        """Whether something is left, for which Franked has to be asked again later."""
        try:
            while due := self._due():
                answers = await hand_over([notice for _, notice in due])
                if self._settle(due, answers):
                    return True
        except (NotReached, Refused) as error:
            log.warning("notices wait: %s", error.code if isinstance(error, Refused) else "no answer")
            return True
        except Exception:
            log.exception("notices wait")
            return True
        return False

    def _due(self) -> list[tuple[int, Notice]]:
        with self._database.open() as db:
            rows = db.execute("SELECT * FROM notices WHERE refused IS NULL ORDER BY id LIMIT ?", (MOST,)).fetchall()
        return [(row["id"], _notice(row)) for row in rows]

    def _settle(self, due: Sequence[tuple[int, Notice]], answers: Sequence[Answer]) -> bool:
        """Whether some have to be asked for again."""
        told = list(zip(due, answers, strict=True))
        known = [(notice.key, answer.message) for (_, notice), answer in told if answer.message]
        gone = [(id_,) for (id_, _), answer in told if answer.message]
        refused = [(answer.problem, id_) for (id_, _), answer in told if answer.for_good]
        with self._database.open() as db:
            db.executemany("INSERT OR REPLACE INTO mails VALUES (?, ?)", known)
            db.executemany("DELETE FROM notices WHERE id = ?", gone)
            db.executemany("UPDATE notices SET refused = ? WHERE id = ?", refused)
        for problem, id_ in refused:
            log.error("notice %d was refused: %s", id_, problem)
        return len(gone) + len(refused) < len(told)


def _notice(row: sqlite3.Row) -> Notice:
    at, variables = datetime.fromisoformat(row["at"]), json.loads(row["variables"])
    return Notice(row["stream"], row["email"], row["account"], row["act"], row["ref"], at, variables)
