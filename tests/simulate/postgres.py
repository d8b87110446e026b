"""The record of a run on a real PostgreSQL: its own lines, its own SQL, all on the virtual clock.

While the database works, the virtual loop stands still: by its clock a transaction takes no time, and is answered a
moment later; a process may die between. What a process asks of others by NOTIFY nobody hears here.
"""

import asyncio
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import uvloop
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from franked.backends.sealing import Seal
from franked.backends.sql import schema
from franked.backends.sql.desk import Desk
from franked.backends.sql.engine import url_of
from franked.backends.sql.migrate import bring_up
from franked.backends.sql.tasks import Asker, Tasks
from tests.simulate.journal import WATCHED, Change, Changed, S, Totals, nobody

P = ParamSpec("P")
R = TypeVar("R")

_SEAL = Seal(bytes(range(32)))
_READ = text("WITH said AS (DELETE FROM journal RETURNING n, what, line) SELECT what, line FROM said ORDER BY n")
_COUNTERS = text("SELECT stream, what, n FROM counters WHERE n <> 0")
_MINUTES = text("SELECT minute, sent FROM sent_minutes")


class Ground:
    """One empty database, and the loop in which its driver works. It is emptied again for each run."""

    def __init__(self, url: str) -> None:
        self._loop = uvloop.new_event_loop()
        self._conn = self._stand_still(self._prepared(url))

    def do(self, act: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """In what transactions it likes."""
        return self._stand_still(self._conn.run_sync(act, *args, **kwargs))

    def ask(self, question: Callable[[Connection], R]) -> R:
        """In one transaction."""

        def asked(conn: Connection) -> R:
            with conn.begin():
                return question(conn)

        return self.do(asked)

    def close(self) -> None:
        self._stand_still(self._conn.close())
        self._stand_still(self._conn.engine.dispose())
        self._loop.close()

    def _stand_still(self, work: Awaitable[R]) -> R:
        """Whatever loop runs here does not until this is done."""
        running = _get_running_loop()
        _set_running_loop(None)
        try:
            return self._loop.run_until_complete(work)
        finally:
            _set_running_loop(running)

    async def _prepared(self, url: str) -> AsyncConnection:
        engine = create_async_engine(
            url_of(url).set(drivername="postgresql+asyncpg"),
            hide_parameters=True,
            connect_args={"server_settings": {"synchronous_commit": "off"}},  # it is processes that die here
        )
        conn = await engine.connect()
        async with conn.begin():
            await conn.run_sync(bring_up)
            for statement in _journal():
                await conn.exec_driver_sql(statement)
        return conn


def _journal() -> Iterator[str]:
    yield "CREATE TABLE journal (n BIGINT GENERATED ALWAYS AS IDENTITY, what TEXT, line JSONB)"
    for number, one in enumerate(WATCHED):
        line = f"INSERT INTO journal (what, line) VALUES ('{one.what}', jsonb_build_array({one.values}))"
        yield (
            f"CREATE FUNCTION watch{number}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {line}; RETURN NULL; END $$"
        )
        when = f"WHEN ({one.only_when})" if one.only_when else ""
        yield f"CREATE TRIGGER watch{number} AFTER {one.on} FOR EACH ROW {when} EXECUTE FUNCTION watch{number}()"


class PostgresRecord:
    """See journal.Record."""

    def __init__(self, ground: Ground, now: Callable[[], datetime]) -> None:
        self._desk = Desk(_SEAL, now)
        self.changed: Changed = nobody
        self._ground = ground
        ground.ask(_empty)

    def open(self, ring: Callable[[], None], commit: Callable[[], float], kind: type[S]) -> S:
        engine = cast(AsyncEngine, _Engine(self._ground, commit, self._look))
        return kind(Tasks(engine, ring), Asker(engine), self._desk)

    def totals(self) -> Totals:
        def read(conn: Connection) -> Totals:
            counters = {(row.stream, row.what): row.n for row in conn.execute(_COUNTERS)}
            return Totals(counters, {row.minute: row.sent for row in conn.execute(_MINUTES)})

        return self._ground.ask(read)

    def _look(self) -> None:
        rows = self._ground.ask(lambda conn: conn.execute(_READ).all())
        self.changed([Change(what, id_, tuple(of)) for what, (id_, *of) in rows])


def _empty(conn: Connection) -> None:
    for table in reversed(schema.messages.metadata.sorted_tables):
        conn.execute(table.delete())
    conn.exec_driver_sql("DELETE FROM journal")


@dataclass(frozen=True, slots=True)
class _Engine:
    """What Tasks and Asker ask of an AsyncEngine. A commit is durable as it begins, and answered as it ends."""

    ground: Ground
    commit: Callable[[], float]
    look: Callable[[], None]

    @asynccontextmanager
    async def connect(self) -> "AsyncIterator[_Engine]":
        yield self

    async def run_sync(self, act: Callable[..., R], *args: Any) -> R:
        done = self.ground.do(act, *args)
        self.look()
        await asyncio.sleep(self.commit())
        return done

    @asynccontextmanager
    async def begin(self) -> "AsyncIterator[_Question]":
        yield _Question(self.ground)


@dataclass(frozen=True, slots=True)
class _Question:
    ground: Ground

    async def run_sync(self, question: Callable[[Connection], R]) -> R:
        return self.ground.ask(question)
