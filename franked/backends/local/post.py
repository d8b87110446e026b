"""Envelopes on their way to an endpoint: sealed off the event loop, posted, and posted again when that failed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import aiohttp
import msgspec

CARRIERS = 16
_TIMEOUT = aiohttp.ClientTimeout(total=15)  # what SNS waits for an endpoint

Seal = Callable[[Mapping[str, str]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Parcel:
    endpoint: str
    subscription_arn: str
    fields: Mapping[str, str]  # of the envelope, not signed yet
    instead: dict[str, str] = field(default_factory=dict)  # forged: put in after the signature was made
    sealed: bytes | None = None
    tries: int = 1

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
            "x-amz-sns-message-type": self.fields["Type"],
            "x-amz-sns-message-id": self.fields["MessageId"],
            "x-amz-sns-topic-arn": self.fields["TopicArn"],
            "x-amz-sns-subscription-arn": self.subscription_arn,
        }


class Post:
    def __init__(self, seal: Seal, retries: int, retry_after: float, log: Callable[..., None]) -> None:
        self.outstanding = 0  # neither delivered nor given up
        self._seal, self._retries, self._retry_after, self._log = seal, retries, retry_after, log
        self._line: asyncio.Queue[Parcel] = asyncio.Queue()
        self._carriers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._carriers = [asyncio.create_task(self._carry()) for _ in range(CARRIERS)]

    async def close(self) -> None:
        """What is on its way is lost, as a topic's messages are when nobody takes them."""
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def send(self, parcel: Parcel, after: float = 0.0) -> None:
        self.outstanding += 1
        self._queue(parcel, after)

    async def send_now(self, parcel: Parcel) -> None:
        """Returns when the endpoint has answered. What failed is posted again like all others."""
        self.outstanding += 1
        await self._deliver(parcel)

    def _queue(self, parcel: Parcel, after: float) -> None:
        if after > 0:
            asyncio.get_running_loop().call_later(after, self._line.put_nowait, parcel)
        else:
            self._line.put_nowait(parcel)

    async def _carry(self) -> None:
        while True:
            await self._deliver(await self._line.get())

    async def _deliver(self, parcel: Parcel) -> None:
        sealed = await self._sealed(parcel)
        if not await self.post(sealed) and sealed.tries <= self._retries:
            self._queue(replace(sealed, tries=sealed.tries + 1), self._retry_after)
        else:
            self.outstanding -= 1

    async def _sealed(self, parcel: Parcel) -> Parcel:
        """An RSA signature is a third of a millisecond: too long for the loop that answers sends."""
        if parcel.sealed is not None:
            return parcel
        signed = await asyncio.to_thread(self._seal, parcel.fields)
        return replace(parcel, sealed=msgspec.json.encode(signed | parcel.instead))

    async def post(self, parcel: Parcel) -> bool:
        """One try; True when the endpoint took it."""
        sealed = (await self._sealed(parcel)).sealed
        if self._session is None:
            return False
        try:
            asked = self._session.post(parcel.endpoint, data=sealed, headers=parcel.headers, allow_redirects=False)
            async with asked as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._log("post_failed", endpoint=parcel.endpoint, tries=parcel.tries, error=type(error).__name__)
            return False
