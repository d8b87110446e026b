"""What all contenders stand on: the sink, the mails, a Redis and a PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.needs import PEERS
from bench.postgres import Postgres, postgres
from bench.processes import running
from bench.redis import redis
from bench.sink import Sink, sinks
from franked.doors.cli.bench.house import variables

MAILS = 5000  # a round
_PEERS = Path(__file__).with_name("peers")


@dataclass(frozen=True, slots=True)
class Stand:
    folder: Path
    quick: Sink
    slow: Sink
    redis: str
    fsynced: str  # another Redis, which writes each command to disk before it answers
    postgres: Postgres

    async def fill(self, peer: str, env: Mapping[str, str]) -> None:
        """A peer's queue, with every mail."""
        filling = (self.program("python"), "fill.py")
        async with running(f"{peer}-fill", filling, self.folder, env, self.home(peer)) as script:
            await script.ended()

    def program(self, name: str) -> Path:
        """Of the peers' environment."""
        return PEERS / name

    def home(self, peer: str) -> Path:
        return _PEERS / peer

    def env(self, sink: Sink, *paths: str) -> dict[str, str]:
        """What a peer is told: the account is anybody's, the sink does not look."""
        return {
            "AWS_ACCESS_KEY_ID": "sink",
            "AWS_SECRET_ACCESS_KEY": "sink",
            "AWS_EC2_METADATA_DISABLED": "true",
            "no_proxy": "127.0.0.1",
            "BENCH_SINK": sink.endpoint,
            "BENCH_REDIS": self.redis,
            "BENCH_MAILS": str(self.folder / "mails"),
            "PYTHONPATH": ":".join(str(_PEERS / path) for path in (".", *paths)),
        }


@asynccontextmanager
async def stand(folder: Path) -> AsyncIterator[Stand]:
    _write_mails(folder)
    async with (
        sinks(folder / "sink") as (quick, slow),
        redis(folder / "redis") as url,
        redis(folder / "redis-fsync", fsync=True) as fsynced,
        postgres(folder / "postgres") as server,
    ):
        yield Stand(folder, quick, slow, url, fsynced, server)


def _write_mails(folder: Path) -> None:
    mails = [{"to": f"p{number}@example.net", "variables": variables(number)} for number in range(MAILS)]
    (folder / "mails").write_bytes(b"\n".join(map(msgspec.json.encode, mails)))
