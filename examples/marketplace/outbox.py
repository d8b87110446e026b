"""What Franked is still to be told: it is written down with the act itself, and stays until Franked has it.

Whatever is killed in between, no act is without its mail; and the same key twice makes no second one.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..common.database import Database
from ..common.franked import Franked, NotReached, Refused

SCHEMA = """
CREATE TABLE IF NOT EXISTS owed (ref TEXT PRIMARY KEY, path TEXT NOT NULL, body TEXT NOT NULL, refused TEXT) STRICT;
"""
AGAIN = 20.0  # seconds
log = logging.getLogger("product")


@dataclass(frozen=True, slots=True)
class Owed:
    """A request to Franked. `ref`: its idempotency key, and what we know its mail by."""

    ref: str
    path: str
    body: Mapping[str, object] = field(repr=False)


def owe(db: sqlite3.Connection, requests: Sequence[Owed]) -> None:
    """In the transaction of the act that asks for it."""
    rows = [(one.ref, one.path, json.dumps(one.body)) for one in requests]
    db.executemany("INSERT INTO owed (ref, path, body) VALUES (?, ?, ?)", rows)


class Outbox:
    def __init__(self, database: Database, franked: Franked) -> None:
        self._database = database
        self._franked = franked
        self._turn = asyncio.Lock()

    async def hand_over(self) -> None:
        """All that is owed, the oldest first. What Franked can't be told now stays for the next time."""
        async with self._turn:
            for ref, path, body in self._owed():
                try:
                    self._settle(ref, await self._franked.ask("POST", path, body, once=ref))
                except NotReached:
                    return
                except Refused as no:
                    log.error("franked refuses %s: %s", ref, no.code)
                    self._keep(ref, no.code)

    async def hand_over_again(self) -> None:
        """As long as the pages are there."""
        while True:
            await self.hand_over()
            await asyncio.sleep(AGAIN)

    def refused(self) -> list[tuple[str, str]]:
        """What Franked won't have, and why: for a person to look at."""
        with self._database.open() as db:
            return [tuple(row) for row in db.execute("SELECT ref, refused FROM owed WHERE refused IS NOT NULL")]

    def _owed(self) -> list[tuple[str, str, object]]:
        with self._database.open() as db:
            rows = db.execute("SELECT * FROM owed WHERE refused IS NULL ORDER BY rowid").fetchall()
        return [(row["ref"], row["path"], json.loads(row["body"])) for row in rows]

    def _settle(self, ref: str, told: Mapping[str, object]) -> None:
        """A ticket has an id of its own, beside that of the mail about it."""
        notice = told.get("notice")
        message = notice["id"] if isinstance(notice, dict) else told["id"]
        with self._database.open() as db:
            db.execute("INSERT OR REPLACE INTO mails VALUES (?, ?)", (ref, message))
            db.execute("UPDATE tickets SET franked = ? WHERE ref = ?", (told["id"], ref))
            db.execute("DELETE FROM owed WHERE ref = ?", (ref,))

    def _keep(self, ref: str, code: str) -> None:
        """Asked again, the answer would be the same."""
        with self._database.open() as db:
            db.execute("UPDATE owed SET refused = ? WHERE ref = ?", (code, ref))
