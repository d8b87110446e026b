"""A product's own record, in a SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

_MAILS = "CREATE TABLE IF NOT EXISTS mails (ref TEXT PRIMARY KEY, message TEXT NOT NULL) STRICT;"


class Database:
    """One connection, and one transaction at a time: SQLite has one writer."""

    def __init__(self, file: Path, schema: str) -> None:
        self._turn = Lock()
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;\n{_MAILS}\n{schema}")

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """One transaction; what was not committed is rolled back."""
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def close(self) -> None:
        self._db.close()

    def remember(self, ref: str, message: str) -> None:
        """Under which id Franked knows a mail: whoever asks where it is gets its story."""
        with self.open() as db:
            db.execute("INSERT OR REPLACE INTO mails VALUES (?, ?)", (ref, message))

    def message(self, ref: str) -> str | None:
        with self.open() as db:
            row = db.execute("SELECT message FROM mails WHERE ref = ?", (ref,)).fetchone()
        return row["message"] if row else None
