"""SES's events by way of SNS and an SQS queue: nothing of ours has to be reachable from outside."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from franked.backends.aws.boto import config, connect, in_thread, sentence
from franked.backends.aws.sigv4 import Credentials
from franked.ports import Delivery, FeedUnavailable

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient
    from types_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef

T = TypeVar("T")

MOST = 10  # a receive and a batch delete take no more


class SqsFeed:
    """The port `Feed`. Whatever is not `done` comes again after the queue's visibility timeout."""

    def __init__(
        self,
        queue_url: str,
        region: str,
        endpoint: str | None = None,
        credentials: Credentials | None = None,
        wait: int = 20,
    ) -> None:
        """`wait`: seconds of the long poll, 0 to 20. `endpoint`, `credentials` None: what botocore finds."""
        self._queue_url = queue_url
        self._region = region
        self._endpoint = endpoint
        self._credentials = credentials
        self._wait = wait
        self._client: SQSClient | None = None

    async def receive(self) -> Sequence[Delivery]:
        return await in_thread(partial(self._ask, self._receive))

    async def done(self, receipts: Sequence[str]) -> None:
        """Raises FeedUnavailable: those that stayed on the queue come again, which hurts nobody."""
        if receipts:
            await in_thread(partial(self._ask, partial(self._delete, receipts)))

    def _ask(self, what: Callable[["SQSClient"], T]) -> T:
        try:
            return what(self._connected())
        except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: an endpoint that is no URL
            self._client = None  # the next one finds credentials that were changed meanwhile
            raise FeedUnavailable(_why(error)) from error

    def _connected(self) -> "SQSClient":
        client: SQSClient = self._client or connect(
            "sqs", self._region, self._endpoint, self._credentials, config(read_timeout=self._wait + 10)
        )
        self._client = client
        return client

    def _receive(self, sqs: "SQSClient") -> list[Delivery]:
        answer = sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=MOST, WaitTimeSeconds=self._wait)
        return [Delivery(message["Body"], message["ReceiptHandle"]) for message in answer.get("Messages", [])]

    def _delete(self, receipts: Sequence[str], sqs: "SQSClient") -> None:
        stayed = []
        for start in range(0, len(receipts), MOST):
            entries = _entries(receipts[start : start + MOST])
            stayed += sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries).get("Failed", [])
        if stayed:
            raise FeedUnavailable(f"{len(stayed)} of {len(receipts)} events stayed on the queue: {stayed[0]['Code']}")


def _entries(receipts: Sequence[str]) -> "list[DeleteMessageBatchRequestEntryTypeDef]":
    return [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)]


def _why(error: BotoCoreError | ClientError | ValueError) -> str:
    return f"the queue can't be asked: {error}" if isinstance(error, ValueError) else sentence(error, "the queue")
