"""A store is opened: on a file of SQLite's, or on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from franked.backends.sealing import Seal
from franked.backends.sql.agreement import agree
from franked.backends.sql.desk import Desk, keeps_none, may_be_left
from franked.backends.sql.engine import reading, url_of, writing
from franked.backends.sql.faults import translated
from franked.backends.sql.migrate import bring_up, migrate, refuse_another
from franked.backends.sql.reader import Reader
from franked.backends.sql.store import SqlStore
from franked.backends.sql.tasks import Asker, Tasks
from franked.backends.sql.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@asynccontextmanager
async def open_store(
    place: str | Path,
    seal: Seal,
    ring: Callable[[], None],
    now: Callable[[], datetime],
    keep_variables: Callable[[str], bool] = keeps_none,
    has_topic: Callable[[str], bool] = may_be_left,
    *,
    asks_canary: bool = False,
    at_limit_all: bool = False,
) -> AsyncIterator[SqlStore]:
    """`place`: an SQLite file's path or URL. Brings the schema up to date first. Raises StoreUnavailable.

    `ring` is called in the event loop after each commit that may have made something due. `keep_variables` says which
    streams keep their variables when a message has ended, `has_topic` which can be left; `at_limit_all` whether
    the governor may stop urgent mail too, `asks_canary` whether a first mail to an address waits for the canary.
    """
    url = url_of(place)
    await asyncio.to_thread(migrate, write_to := writing(url))
    read_from = reading(url)
    desk = Desk(seal, now, keep_variables, has_topic, at_limit_all=at_limit_all, asks_canary=asks_canary)
    store = SqlStore(Writer(write_to, ring), Reader(read_from), desk)
    try:
        yield store
    finally:
        await store.close()
        for engine in (read_from, write_to):
            engine.dispose()


@asynccontextmanager
async def open_shared_store(
    engine: "AsyncEngine",
    seal: Seal,
    ring: Callable[[], None],
    now: Callable[[], datetime],
    keep_variables: Callable[[str], bool] = keeps_none,
    has_topic: Callable[[str], bool] = may_be_left,
    *,
    at_limit_all: bool = False,
    migrates: bool = True,
    asks_canary: bool = False,
) -> AsyncIterator[SqlStore]:
    """On PostgreSQL, which any number of processes may share. One that does not migrate refuses another schema than
    this version's. Raises StoreUnavailable."""
    try:
        async with engine.begin() as conn:
            await conn.run_sync(bring_up if migrates else refuse_another)
    except Exception as error:
        raise translated(error) from error
    desk = Desk(seal, now, keep_variables, has_topic, at_limit_all=at_limit_all, asks_canary=asks_canary)
    store = SqlStore(Tasks(engine, ring), Asker(engine), desk)
    try:
        yield store
    finally:
        await store.close()


async def agreed(engine: "AsyncEngine", seal: Seal) -> None:
    """Raises StoreUnavailable where this process seals with another key than the others that share the record."""
    try:
        async with engine.begin() as conn:
            await conn.run_sync(agree, seal)
    except Exception as error:
        raise translated(error) from error
