"""The record of a run: the real SQL verbs on one SQLite database in memory, which outlives every simulated process.

Triggers keep a journal of each change in its exact order; whoever inspects the run reads it after each commit.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from franked.backends.sealing import Seal
from franked.backends.sql.commits import Commits, Job
from franked.backends.sql.desk import Desk
from franked.backends.sql.lines import Lines
from franked.backends.sql.migrate import migrate
from franked.backends.sql.reader import Reader
from franked.backends.sql.store import SqlStore
from franked.backends.sql.writer import Writer

S = TypeVar("S", bound=SqlStore)

_SEAL = Seal(bytes(range(32)))
_JOURNAL = "CREATE TEMP TABLE journal (n INTEGER PRIMARY KEY, what, id, a, b, c, d, e, f)"
_WATCHED = (  # what to call it, when, and what of it
    ("accepted", "INSERT ON messages", "new.id, new.state, new.stream, new.address_key, new.reason, new.lane, NULL"),
    (
        "moved",
        "UPDATE ON messages WHEN old.state <> new.state OR old.lease_until IS NOT new.lease_until",
        "new.id, old.state, new.state, new.attempt, new.lease_until, new.contents IS NULL, new.reason",
    ),
    ("attempt", "INSERT ON attempts", "new.message_id, new.number, new.at, new.call_by, new.lease_until, NULL, NULL"),
    ("answered", "UPDATE ON attempts", "new.message_id, new.number, new.outcome, new.detail, new.ses_id, NULL, NULL"),
    ("ledger", "INSERT ON ledger", 'new.message_id, new.what, new.why, new."by", NULL, NULL, NULL'),
    ("suppressed", "INSERT ON suppressions", "new.address_key, new.scope, new.until, NULL, NULL, NULL, NULL"),
    ("suppressed", "UPDATE ON suppressions", "new.address_key, new.scope, new.until, NULL, NULL, NULL, NULL"),
    (
        "event",
        "INSERT ON events",
        "new.key, new.message_id, new.kind, new.ses_id, new.recipient, new.bounce_type, new.subtype",
    ),
    ("owned", "UPDATE OF message_id ON events", "new.key, new.message_id, NULL, NULL, NULL, NULL, NULL"),
    ("named", "INSERT ON idempotency", "new.key, new.message_id, NULL, NULL, NULL, NULL, NULL"),
    ("account", "INSERT ON account", "new.rate, new.quota, new.production, new.verified, NULL, NULL, NULL"),
    ("account", "UPDATE ON account", "new.rate, new.quota, new.production, new.verified, NULL, NULL, NULL"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal; what `of` holds differs by `what`, see the triggers above."""

    what: str
    id: Any
    of: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the record counts as it goes."""

    counters: Mapping[tuple[str, str], int]  # (stream, what)
    minutes: Mapping[int, int]  # minute → recipients, against the quota


class Record:
    """`changed` is called after each commit, before anybody is answered."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._desk = Desk(_SEAL, now)
        self.changed: Callable[[Sequence[Change]], None] = _nobody
        self._engine = _engine()
        self._engine.dispose()  # the statements it has compiled stay
        self._sqlite = _sqlite_of(self._engine)
        self._sqlite.deserialize(_empty())
        self._sqlite.execute(_JOURNAL)
        for number, (what, when, values) in enumerate(_WATCHED):
            line = f"INSERT INTO journal (what, id, a, b, c, d, e, f) VALUES ('{what}', {values})"
            self._sqlite.execute(f"CREATE TEMP TRIGGER watch{number} AFTER {when} BEGIN {line}; END")

    def open(self, ring: Callable[[], None], commit: Callable[[], float], kind: type[S]) -> S:
        """For one process. `commit`: how long the next commit takes."""
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

    @contextmanager
    def _open(self) -> Iterator[None]:
        with super()._open():
            yield
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


def _nobody(changes: Sequence[Change]) -> None:
    """Looks at them."""


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
