"""Events by queue, against moto's SQS over HTTP."""

import asyncio
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from boto3.session import Session
from moto.server import ThreadedMotoServer

from franked.backends.aws.feed import SqsFeed
from franked.backends.aws.sigv4 import Credentials
from franked.ports import FeedUnavailable

REGION = "eu-central-1"
KEYS = Credentials("testing", "testing")


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


class Queue:
    """A queue as its owner sees it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.sqs = Session(KEYS.access_key, KEYS.secret_key, region_name=REGION).client("sqs", endpoint_url=endpoint)
        self.url: str = self.sqs.create_queue(QueueName=uuid4().hex)["QueueUrl"]

    def put(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    @property
    def left(self) -> int:
        """Those that wait, and those that someone received and did not settle."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        said = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(said[name]) for name in names)

    def feed(self, wait: int = 1) -> SqsFeed:
        return SqsFeed(self.url, REGION, self.endpoint, KEYS, wait)


@pytest.fixture
def queue(moto: str) -> Queue:
    return Queue(moto)


async def test_an_event_comes_as_it_was_put_and_is_gone_when_done(queue: Queue) -> None:
    """E2, E7: events by way of SNS and SQS."""
    queue.put('{"eventType":"Bounce","note":"ü"}')
    feed = queue.feed()
    [event] = await feed.receive()
    assert (event.body, queue.left) == ('{"eventType":"Bounce","note":"ü"}', 1)
    await feed.done([event.receipt])
    assert queue.left == 0


async def test_an_event_that_was_not_done_comes_again(queue: Queue) -> None:
    queue.put("one")
    feed = queue.feed()
    [first] = await feed.receive()
    queue.sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=first.receipt, VisibilityTimeout=0)
    [again] = await feed.receive()
    assert first.body == again.body == "one"


async def test_more_than_ten_are_done_in_one_call(queue: Queue) -> None:
    queue.put(*(str(number) for number in range(25)))
    feed = queue.feed()
    events = [event for _ in range(3) for event in await feed.receive()]
    assert sorted(int(event.body) for event in events) == list(range(25))
    await feed.done([event.receipt for event in events])
    assert queue.left == 0


async def test_nothing_done_asks_nothing(queue: Queue) -> None:
    await SqsFeed(queue.url, REGION, "http://127.0.0.1:9", KEYS).done([])


async def test_a_receipt_that_is_none_is_said_and_the_others_are_done(queue: Queue) -> None:
    queue.put("one")
    feed = queue.feed()
    [event] = await feed.receive()
    with pytest.raises(FeedUnavailable, match="1 of 2 events stayed"):
        await feed.done(["no-receipt", event.receipt])
    assert queue.left == 0


async def test_a_queue_that_is_not_there_is_said(queue: Queue) -> None:
    with pytest.raises(FeedUnavailable, match="the queue answered with an error"):
        await SqsFeed(f"{queue.url}-gone", REGION, queue.endpoint, KEYS, 0).receive()
    with pytest.raises(FeedUnavailable, match="can't be reached"):
        await SqsFeed("http://127.0.0.1:9/1/q", REGION, "http://127.0.0.1:9", KEYS, 0).receive()


async def test_a_long_poll_holds_up_neither_the_loop_nor_the_end(queue: Queue) -> None:
    feed = queue.feed(wait=4)
    queue.put("one")
    await feed.receive()  # it is connected now
    polls = [asyncio.create_task(feed.receive()) for _ in range(8)]  # more than the loop has threads of its own
    started = time.monotonic()
    await asyncio.sleep(0.1)
    await asyncio.to_thread(lambda: None)
    for poll in polls:
        poll.cancel()
    ends = await asyncio.gather(*polls, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    assert time.monotonic() - started < 3
