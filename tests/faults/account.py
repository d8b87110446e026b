"""The SES account as a process of its own, which outlives every Franked that is killed.

`python -m tests.faults.account DIRECTORY` says where it is in one line of JSON, and ends when its standard input does.
Its events go to an SQS queue, which keeps what nobody takes, as an owner's queue at AWS does.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web

from franked.wiring import simulator, system_clock
from tests.faults.place import REGION, SENDERS, Addresses
from tests.faults.queue import Queue

RATE = 200.0  # a second: the load, and what piles up while Franked is dead
NO_QUOTA = -1.0

logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it writes a page for each client that is killed


@asynccontextmanager
async def sqs() -> AsyncIterator[str]:
    app = web.Application()
    Queue().add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def main(directory: Path) -> None:
    account = simulator(
        directory, now=system_clock, production=True, rate=RATE, quota=NO_QUOTA, verified=SENDERS, region=REGION
    )
    async with account as played, sqs() as queue:
        topic, endpoint = played.office.topic, f"{queue}/topic"
        topic.subscribe(endpoint)
        topic.confirm(topic.arn, topic.subscriptions[endpoint].token)
        said = msgspec.json.encode(Addresses(played.url, queue))
        sys.stdout.write(f"{said.decode()}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
