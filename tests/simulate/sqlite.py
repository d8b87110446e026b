"""The record of a run: the real SQL verbs on one SQLite database in memory, which outlives every simulated process."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from franked.backends.sealing import Seal
from franked.backends.sql.commits import Commits, Job
from franked.backends.sql.desk import Desk
from franked.backends.sql.lines import Lines
from franked.backends.sql.migrate import migrate
from franked.backends.sql.reader import Reader
from franked.backends.sql.writer import Writer
from tests.simulate.journal import WATCHED, Change, Changed, S, Totals, nobody

_SEAL = Seal(bytes(range(32)))
_JOURNAL = "CREATE TEMP TABLE journal (n INTEGER PRIMARY KEY, what, id, a, b, c, d, e, f)"


class SqliteRecord:
    """See journal.Record."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._desk = Desk(_SEAL, now)
        self.changed: Changed = nobody
        self._engine = _engine()
        self._engine.dispose()  # the statements it has compiled stay
        self._sqlite = _sqlite_of(self._engine)
        self._sqlite.deserialize(_empty())
        self._sqlite.execute(_JOURNAL)
        for number, one in enumerate(WATCHED):
            when = f"AFTER {one.on}" + (f" WHEN {one.only_when}" if one.only_when else "")
            line = f"INSERT INTO journal (what, id, a, b, c, d, e, f) VALUES ('{one.what}', {one.values})"
            self._sqlite.execute(f"CREATE TEMP TRIGGER watch{number} {when} BEGIN {line}; END")

    def open(self, ring: Callable[[], None], commit: Callable[[], float], kind: type[S]) -> S:
        return kind(InlineWriter(self._engine, ring, commit, self._look), Reader(self._engine), self._desk)

    def totals(self) -> Totals:
        counters = self._sqlite.execute("SELECT stream, what, n FROM counters WHERE n <> 0")
        minutes = self._sqlite.execute("SELECT minute, sent FROM sent_minutes")
        return Totals({(stream, what): n for stream, what, n in counters}, dict(minutes.fetchall()))

    def _look(self) -> None:
        rows = self._sqlite.execute("SELECT what, id, a, b, c, d, e, f FROM journal ORDER BY n").fetchall()
        if rows:
            self._sqlite.execute("DELETE FROM journal")
        self.changed([Change(what, id_, tuple(of)) for what, id_, *of in rows])


class InlineWriter(Writer):
    """The writer without its thread: a commit takes its time by the loop's clock; what comes meanwhile goes together
    into the next one. It is durable as it begins and answered as it ends: a process may die between."""

    def __init__(
        self, engine: Engine, ring: Callable[[], None], commit: Callable[[], float], look: Callable[[], None]
    ) -> None:
        self._commits = Commits(self._begun)
        self._engine = engine
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._draining: deque[Job] = deque()
        self._bringing: Lines[Job] = Lines()
        self._closed = False
        self._commit_takes = commit
        self._look = look
        self._busy = False

    def _wake(self) -> None:
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        if not (self._draining or self._bringing):
            self._busy = False
            return
        outcomes = self._commits.commit(self._next())
        self._loop.call_later(self._commit_takes(), self._end, outcomes)

    def _end(self, outcomes: Any) -> None:
        self._answer(outcomes)
        self._begin()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self._engine.begin() as conn:
            yield conn
        self._look()


@cache
def _engine() -> Engine:
    engine = create_engine("sqlite://", creator=_connect, poolclass=StaticPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=OFF")
    return connection


@cache
def _empty() -> bytes:
    """A database that was just brought up to this version's schema."""
    engine = create_engine("sqlite://", creator=_connect, poolclass=StaticPool)
    migrate(engine)
    return _sqlite_of(engine).serialize()


def _sqlite_of(engine: Engine) -> sqlite3.Connection:
    with engine.connect() as conn:
        beneath = conn.connection.driver_connection
    assert isinstance(beneath, sqlite3.Connection)
    return beneath
