"""The connections: to one SQLite file, one that writes and a few that read; to PostgreSQL, a pool."""

import os
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool

from franked.store import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

READERS = 4
CONNECTIONS = 8  # of one process to PostgreSQL
STANDS_STILL_FOR = "5s"  # a process that is paused or gone in the middle of a transaction: its locks stop all others
NO_DRIVER = (
    "a record on PostgreSQL needs the package asyncpg, which is not installed here: pip install 'franked[postgres]'"
)
_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",  # 202 means durable
    "foreign_keys=ON",
    "temp_store=MEMORY",
)


def url_of(place: str | Path) -> URL:
    """`place` is a URL, or the path of an SQLite file."""
    if isinstance(place, str) and "://" in place:
        return make_url(place)
    return URL.create("sqlite", database=str(place))


def writing(url: URL) -> Engine:
    """Every transaction takes the write lock as it begins: none has to give up half way."""
    _make_private(url)
    return _engine(url, 1, "BEGIN IMMEDIATE", "cache_size=-8000")  # kB; what else is read often, the system keeps


def reading(url: URL) -> Engine:
    return _engine(url, READERS, "BEGIN", "query_only=ON", "cache_size=-2000")


def _engine(url: URL, connections: int, begin: str, *more: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # no address gets into a traceback
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (*_PRAGMAS, *more):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def pooled(url: URL) -> "AsyncEngine":
    """PostgreSQL's. A connection that broke is found out before it is used. Raises StoreUnavailable without asyncpg."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 (SQLAlchemy's ORM comes with it: 7 MB)

    try:
        return create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"server_settings": {"idle_in_transaction_session_timeout": STANDS_STILL_FOR}},
        )
    except ModuleNotFoundError as error:
        raise StoreUnavailable(NO_DRIVER) from error


def _make_private(url: URL) -> None:
    """The file holds addresses: its owner reads it, and SQLite gives its companions the same rights."""
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"the database file {path} can't be opened: {error.strerror}") from error
