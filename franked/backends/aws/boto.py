"""What boto3 needs around it here: threads that stop nobody, and sentences instead of exceptions."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from franked.backends.aws.sigv4 import Credentials

T = TypeVar("T")

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
_WRONG = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


async def in_thread(call: Callable[[], T]) -> T:
    """A thread of its own per call, and a daemon: these calls are seldom and may last 20 seconds, and neither the
    loop's few executor threads nor the end of the process shall wait for one."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            value = call()
        except Exception as error:
            _tell(loop, partial(_fail, answer, error))
        else:
            _tell(loop, partial(_succeed, answer, value))

    threading.Thread(target=run, daemon=True, name="franked-aws").start()
    return await answer


def _tell(loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        loop.call_soon_threadsafe(tell)


def _succeed(answer: asyncio.Future[T], value: T) -> None:
    if not answer.done():  # the caller was cancelled meanwhile
        answer.set_result(value)


def _fail(answer: asyncio.Future[T], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def session(region: str, credentials: Credentials | None) -> Session:
    """`credentials` None: botocore's own chain."""
    if credentials is None:
        return Session(region_name=region)
    return Session(
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        region_name=region,
    )


def config(read_timeout: float, attempts: int = 2) -> Config:
    return Config(
        connect_timeout=5,
        read_timeout=read_timeout,
        retries={"total_max_attempts": attempts, "mode": "standard"},
    )


def is_denied(error: BotoCoreError | ClientError) -> bool:
    return isinstance(error, ClientError) and code_of(error) in _DENIED


def sentence(error: BotoCoreError | ClientError, who: str) -> str:
    """What an operator can do something with. `who`: SES, the queue."""
    match error:
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError() | TokenRetrievalError():
            return f"no AWS credentials for {who}: {error}"
        case ClientError() if is_denied(error):
            return f"{who} does not allow these credentials to do this: {error}"
        case ClientError() if code_of(error) in _WRONG:
            return f"{who} does not accept these credentials: {error}"
        case ClientError():
            return f"{who} answered with an error: {error}"
        case ConnectionError() | HTTPClientError():
            return f"{who} can't be reached: {error}"
        case _:
            return f"{who} can't be asked: {error}"


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
