"""Where the credentials for a send come from: botocore's chain, asked now and then, off the event loop."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import botocore.session
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import BotoCoreError, ClientError

from franked.backends.aws.boto import in_thread, sentence
from franked.backends.aws.sigv4 import Credentials

FRESH_FOR = 60.0  # seconds; botocore renews at least ten minutes before an expiry
MISSING_FOR = 5.0  # before the chain is asked again: a crowd of sends must not queue before a metadata server


@dataclass(frozen=True, slots=True)
class NoCredentials:
    why: str  # a sentence for an operator


class CredentialSource(Protocol):
    async def current(self) -> Credentials | NoCredentials: ...

    def forget(self, refused: Credentials) -> None:
        """SES did not accept these: the next `current` loads anew."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same ones: the simulator's, or a test's."""

    credentials: Credentials

    async def current(self) -> Credentials:
        return self.credentials

    def forget(self, refused: Credentials) -> None:
        """There are no others."""


class Chain:
    """Environment, files, SSO, container, instance role: what botocore finds, in its order."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._one_asks = asyncio.Lock()
        self._source: BotocoreCredentials | None = None
        self._held: Credentials | NoCredentials | None = None
        self._fresh_until = 0.0

    async def current(self) -> Credentials | NoCredentials:
        if (held := self._fresh()) is not None:
            return held
        async with self._one_asks:
            if (held := self._fresh()) is not None:
                return held
            held = await in_thread(self._ask)
            self._held = held
            self._fresh_until = self._monotonic() + (FRESH_FOR if isinstance(held, Credentials) else MISSING_FOR)
            return held

    def forget(self, refused: Credentials) -> None:
        if self._held == refused:
            self._source = self._held = None

    def _fresh(self) -> Credentials | NoCredentials | None:
        return self._held if self._monotonic() < self._fresh_until else None

    def _ask(self) -> Credentials | NoCredentials:
        """In a thread: files, a subprocess or a metadata server may be behind it."""
        try:
            source = self._source or botocore.session.get_session().get_credentials()
            if source is None:
                return NoCredentials("no AWS credentials were found: neither in the environment, files nor a role")
            self._source = source
            frozen = source.get_frozen_credentials()
        except (BotoCoreError, ClientError) as error:
            return NoCredentials(sentence(error, "SES"))
        if not (frozen.access_key and frozen.secret_key):
            return NoCredentials("the AWS credentials that were found lack the key or its secret")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def endpoint_for(region: str, environ: Mapping[str, str] = os.environ) -> str:
    """SES's endpoint, or the one that AWS's own variables name."""
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    named = environ.get("AWS_ENDPOINT_URL_SESV2") or environ.get("AWS_ENDPOINT_URL")
    return named.rstrip("/") if named and not ignored else f"https://email.{region}.amazonaws.com"
