"""A Redis as Debian ships it; or, for comparison, one that is as sure of what it took as a database is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jinja2

from bench.needs import program
from bench.processes import free_port, running, written

_CONFIG = Path(__file__).with_name("redis.conf")
_ASKED = ("save", "appendonly", "appendfsync")


@asynccontextmanager
async def redis(folder: Path, *, fsync: bool = False) -> AsyncIterator[str]:
    """Its URL."""
    port = free_port()
    file = written(folder, "redis.conf", config(folder, port, fsync=fsync))
    async with running("redis", (program("redis-server"), file), folder) as started:
        await started.answers(port)
        yield f"redis://127.0.0.1:{port}/0"


def config(folder: Path, port: int, *, fsync: bool) -> str:
    return str(jinja2.Template(_CONFIG.read_text()).render(folder=folder, port=port, fsync=fsync))


async def durability(url: str) -> str:
    """What the server itself says, as `save "3600 1", appendonly no, ...`."""
    port = url.split(":")[2].split("/", maxsplit=1)[0]
    asking = await asyncio.create_subprocess_exec(
        program("redis-cli"), "-p", port, "config", "get", *_ASKED, stdout=asyncio.subprocess.PIPE
    )
    lines = (await asking.communicate())[0].decode().splitlines()
    told = dict(zip(lines[::2], lines[1::2], strict=True))
    return ", ".join(f"{name} {told[name] or '(none)'}" for name in _ASKED)
