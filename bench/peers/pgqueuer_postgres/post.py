"""A worker of one process: one mail a job, rendered and sent with aiobotocore."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pgqueuer
import uvloop
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from letter import REGION, request
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.models import Job

# No check of each call's arguments, as with boto3.
_FAST = AioConfig(parameter_validation=False, max_pool_connections=64)


@asynccontextmanager
async def queue() -> AsyncIterator[PgQueuer]:
    to_ses = get_session().create_client(
        "sesv2", region_name=REGION, endpoint_url=os.environ["BENCH_SINK"], config=_FAST
    )
    async with asyncpg.create_pool(min_size=4, max_size=8) as pool, to_ses as ses:
        waiting = PgQueuer(AsyncpgPoolDriver(pool))

        @waiting.entrypoint("send")
        async def send(job: Job) -> None:
            to, variables = json.loads(job.payload)
            await ses.send_email(**request(to, variables))

        yield waiting


if __name__ == "__main__":
    # A batch as large as pays (10 is the default), and a bound, so that the first worker does not take all.
    uvloop.run(pgqueuer.run(queue, batch_size=250, max_concurrent_tasks=500))
