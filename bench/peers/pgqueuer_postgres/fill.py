"""Makes pgqueuer's tables where there are none, empties them, and puts every mail of the bench into the queue."""

import asyncio
import json

import asyncpg
from mails import mails
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries


async def main() -> None:
    connection = await asyncpg.connect()
    queries = Queries(AsyncpgDriver(connection))
    if not await queries.has_table("pgqueuer"):
        await queries.install()
    await queries.clear_queue()
    payloads = [json.dumps(mail).encode() for mail in mails()]
    await queries.enqueue(["send"] * len(payloads), payloads, [0] * len(payloads))
    await connection.execute("ANALYZE")  # as autovacuum would a little later
    await connection.close()


asyncio.run(main())
