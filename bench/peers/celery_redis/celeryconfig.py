"""Celery as its page on optimizing advises for many short tasks."""

import os

broker_url = os.environ["BENCH_REDIS"]
broker_connection_retry_on_startup = True
task_acks_late = True  # a mail that a killed worker held is sent by another
task_ignore_result = True  # nobody asks: no result backend to write to
worker_prefetch_multiplier = 64  # many short tasks: 64 or 128, says the page
worker_disable_rate_limits = True
