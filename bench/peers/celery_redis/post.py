"""The task: one mail, rendered and sent with boto3."""

import os

import boto3
from botocore.config import Config
from celery import Celery
from letter import REGION, request

app = Celery("post")
app.config_from_object("celeryconfig")

# No check of each call's arguments (botocore's own advice where speed counts), a connection for each of 32 threads.
_FAST = Config(parameter_validation=False, max_pool_connections=32)
_ses = boto3.client("sesv2", region_name=REGION, endpoint_url=os.environ["BENCH_SINK"], config=_FAST)


@app.task
def send(to: str, variables: dict) -> None:
    _ses.send_email(**request(to, variables))
