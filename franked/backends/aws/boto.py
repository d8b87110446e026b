"""What botocore needs around it here: threads that stop nobody, and sentences instead of exceptions."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any, TypeVar

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
from botocore.session import Session

from franked.backends.aws.sigv4 import Credentials

T = TypeVar("T")

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",  # SNS's
    "AuthorizationErrorException",
    "NotAuthorized",
    "UnauthorizedOperation",
}
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


def connect(service: str, region: str, endpoint: str | None, credentials: Credentials | None, config: Config) -> Any:
    """A client of boto3's shape. `endpoint` None: what botocore finds. `credentials` None: its own chain."""
    session = Session()
    session.register_component("data_loader", _models())
    if credentials:
        session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    return session.create_client(service, region, endpoint_url=endpoint, config=config)


@cache
def _models() -> Any:
    """What is read of botocore's files is read once, and not by each client anew: 70 ms."""
    return Session().get_component("data_loader")


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
