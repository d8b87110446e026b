"""The SNS topic the account publishes to: who subscribed, who confirmed, and which event goes out how.

Nothing is ordered, as at SNS. An event waits for a subscription that is not confirmed yet.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgspec

from franked.backends.local.events import SUBJECT, aws_time, elsewhere, forged
from franked.backends.local.faults import EventFault, Faults
from franked.backends.local.post import Parcel, Post
from franked.backends.local.signing import SigningKey
from franked.formats import sns

_AFTER_THE_NEXT = 0.1


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast the simulated SNS is, in seconds. The real one retries three times, 20 s apart."""

    event_delay: float = 0.0
    retries: int = 3
    retry_after: float = 1.0
    confirmations: int = 240  # posts of a SubscriptionConfirmation before it is given up
    confirm_after: float = 0.5


@dataclass(slots=True)
class Subscription:
    endpoint: str
    arn: str
    token: str = field(repr=False)
    confirmed: bool = False
    waiting: list[tuple[Parcel, float]] = field(default_factory=list)  # and how late each is to go


class Topic:
    def __init__(
        self, arn: str, now: Callable[[], datetime], faults: Faults, pacing: Pacing, log: Callable[..., None]
    ) -> None:
        self.arn, self.key, self.signature_version = arn, SigningKey.new(now()), "1"
        self.subscriptions: dict[str, Subscription] = {}  # by endpoint
        self._now, self._faults, self._pacing, self._log = now, faults, pacing, log
        self._post = Post(self._seal, pacing.retries, pacing.retry_after, log)
        self._held: list[dict[str, Any]] = []  # events that are to go after the next one
        self._early: list[dict[str, Any]] = []  # events that are to go before SendEmail's answer
        self._confirming: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._post.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        for task in self._confirming:
            task.cancel()
        await asyncio.gather(*self._confirming, return_exceptions=True)
        await self._post.close()

    @property
    def outstanding(self) -> int:
        """Posts that are neither delivered nor given up."""
        waiting = sum(len(subscription.waiting) for subscription in self.subscriptions.values())
        return self._post.outstanding + waiting + len(self._held) + len(self._early)

    # events

    def publish(self, event: dict[str, Any]) -> None:
        fault = self._faults.next_event()
        what, seconds = (fault.what, fault.seconds) if fault else (None, 0.0)
        match what:
            case EventFault.REORDERED:
                self._hold(event, seconds)
                return
            case EventFault.DOUBLED:
                self._send(event, copies=2)
            case EventFault.LATE:
                self._send(event, late=seconds)
            case EventFault.EARLY:
                self._early.append(event)
            case EventFault.LOST:
                pass
            case EventFault.OTHER_TOPIC:
                self._send(event, topic=f"{self.arn}-other")
            case EventFault.BADLY_SIGNED:
                self._send(event, instead={"MessageId": str(uuid4())})
            case EventFault.RAW:
                self._send(event, raw=_json(event).encode())
            case EventFault.OTHER_RECIPIENT:
                self._send(elsewhere(event))
            case EventFault.FORGED:
                self._send(event, instead={"Message": _json(forged(event))})
                self._send(event)
            case _:
                self._send(event)
        self._let_go_after(_AFTER_THE_NEXT)

    def _send(
        self,
        event: dict[str, Any],
        late: float = 0.0,
        copies: int = 1,
        instead: dict[str, str] | None = None,
        topic: str | None = None,
        raw: bytes | None = None,
    ) -> None:
        after = self._pacing.event_delay + late
        fields = self._about(event) | ({"TopicArn": topic} if topic else {})
        for subscription in self.subscriptions.values():
            parcel = Parcel(subscription.endpoint, subscription.arn, fields, instead or {}, raw)
            for _ in range(copies):
                if subscription.confirmed:
                    self._post.send(parcel, after)
                else:
                    subscription.waiting.append((parcel, after))

    async def post_early(self) -> None:
        """Called between taking a mail and answering for it: what is to come first goes now."""
        early, self._early = self._early, []
        for event in early:
            await self._post_now(event)

    async def _post_now(self, event: dict[str, Any]) -> None:
        fields = self._about(event)
        for subscription in list(self.subscriptions.values()):
            parcel = Parcel(subscription.endpoint, subscription.arn, fields)
            if subscription.confirmed:
                await self._post.send_now(parcel)
            else:
                subscription.waiting.append((parcel, 0.0))

    def _hold(self, event: dict[str, Any], seconds: float) -> None:
        self._held.append(event)
        asyncio.get_running_loop().call_later(seconds or 1.0, self._let_go)

    def _let_go_after(self, seconds: float) -> None:
        if self._held:
            asyncio.get_running_loop().call_later(seconds, self._let_go)

    def _let_go(self) -> None:
        held, self._held = self._held, []
        for event in held:
            self._send(event)

    # envelopes

    def notice(self, event: dict[str, Any]) -> bytes:
        """The event as it would be posted, signed, though nobody has subscribed."""
        return msgspec.json.encode(self._seal(self._about(event)))

    def _about(self, event: dict[str, Any]) -> dict[str, str]:
        return self._fields("Notification", _json(event)) | {"Subject": SUBJECT}

    def _fields(self, kind: str, message: str) -> dict[str, str]:
        host = f"https://sns.{sns.region_of(self.arn)}.amazonaws.com"
        return {
            "Type": kind,
            "MessageId": str(uuid4()),
            "TopicArn": self.arn,
            "Message": message,
            "Timestamp": aws_time(self._now()),
            "SigningCertURL": f"{host}{self.key.path}",
            "UnsubscribeURL": f"{host}/?Action=Unsubscribe&SubscriptionArn={self.arn}",
        }

    def _seal(self, fields: Mapping[str, str]) -> dict[str, str]:
        return sns.sign(fields, self.key.private, self.signature_version)

    # subscriptions

    def subscribe(self, endpoint: str) -> None:
        """Asks the endpoint for its confirmation until it comes; a confirmed one stays as it is."""
        found = self.subscriptions.get(endpoint)
        if found is None:
            found = Subscription(endpoint, f"{self.arn}:{uuid4()}", token_hex(64))
            self.subscriptions[endpoint] = found
        task = asyncio.create_task(self._ask(found))
        self._confirming.add(task)
        task.add_done_callback(self._confirming.discard)

    async def _ask(self, subscription: Subscription) -> None:
        parcel = Parcel(subscription.endpoint, "PendingConfirmation", self._confirmation(subscription))
        for _ in range(self._pacing.confirmations):
            if subscription.confirmed:
                return
            await self._post.post(parcel)
            await asyncio.sleep(self._pacing.confirm_after)
        self._log("subscription_given_up", endpoint=subscription.endpoint)
        subscription.waiting.clear()

    def _confirmation(self, subscription: Subscription) -> dict[str, str]:
        fields = self._fields(
            "SubscriptionConfirmation",
            f"You have chosen to subscribe to the topic {self.arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message.",
        )
        host = f"https://sns.{sns.region_of(self.arn)}.amazonaws.com"
        url = f"{host}/?Action=ConfirmSubscription&TopicArn={self.arn}&Token={subscription.token}"
        del fields["UnsubscribeURL"]
        return fields | {"Token": subscription.token, "SubscribeURL": url}

    def confirm(self, topic_arn: str, token: str) -> str | None:
        """The subscription's ARN; None when no such token was given out for this topic."""
        found = next((one for one in self.subscriptions.values() if one.token == token), None)
        if found is None or topic_arn != self.arn:
            return None
        found.confirmed = True
        waiting, found.waiting = found.waiting, []
        for parcel, after in waiting:
            self._post.send(parcel, after)
        return found.arn


def _json(event: dict[str, Any]) -> str:
    return msgspec.json.encode(event).decode()
