"""What SES says of the mails it took, and how it comes: by queue or by SNS, late, twice, before the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from random import Random

import msgspec

from franked.backends.local.events import SUBJECT, aws_time, events_of
from franked.backends.local.letter import Letter
from franked.backends.local.signing import SigningKey
from franked.feedback.receive import Receipt, Unreachable, receive_webhook
from franked.formats import sns
from franked.ports import Delivery, Post, Posted, World
from franked.store import StoreUnavailable
from tests.simulate.life import NoAnswer
from tests.simulate.loop import OUTSIDE
from tests.simulate.plan import EventLuck
from tests.simulate.product import START, TOPIC
from tests.simulate.trace import Trace

REGION = "eu-central-1"
VISIBLE_AGAIN = 30.0  # seconds until what was received and not taken off the queue comes again
LONGEST_POLL = 600.0
POST_AGAIN = 20.0
_FATES = {"gone": "bounce", "angry": "complaint"}  # real people: what the mailbox simulator does for others

Ask = Callable[[Callable[[World], Awaitable[Receipt]]], "asyncio.Future[Receipt]"]


def told_of(letter: Letter) -> Iterator[tuple[str, str]]:
    """Kind and SES JSON of each event of one mail."""
    [to] = letter.recipients
    stand_in = f"{_FATES.get(to.partition('+')[0], 'success')}@simulator.amazonses.com"
    played = letter if to.endswith("amazonses.com") else replace(letter, recipients=(stand_in,))
    for event in events_of(played, REGION):
        kind = event["eventType"]
        for body in (event.get("bounce"), event.get("complaint")):
            if body:
                body["feedbackId"] = f"{letter.ses_id}-{kind}"
        yield kind, msgspec.json.encode(event).decode().replace(stand_in, to)


class Queue:
    """ports.Feed: at least once, in no order."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._waiting: list[str] = []
        self._out: dict[str, str] = {}  # receipt → body
        self._receipts = count(1)
        self._came = asyncio.Event()

    @property
    def outstanding(self) -> int:
        return len(self._waiting) + len(self._out)

    def put(self, body: str) -> None:
        self._waiting.append(body)
        self._came.set()

    async def receive(self) -> Sequence[Delivery]:
        try:
            async with asyncio.timeout(LONGEST_POLL):
                await self._came.wait()
        except TimeoutError:
            return []
        self._random.shuffle(self._waiting)
        some, self._waiting = self._waiting[:10], self._waiting[10:]
        if not self._waiting:
            self._came.clear()
        return [self._hand_out(body) for body in some]

    async def done(self, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            self._out.pop(receipt, None)

    def _hand_out(self, body: str) -> Delivery:
        receipt = f"receipt-{next(self._receipts)}"
        self._out[receipt] = body
        asyncio.get_running_loop().call_later(VISIBLE_AGAIN, self._again, receipt, context=OUTSIDE)
        return Delivery(body, receipt)

    def _again(self, receipt: str) -> None:
        if body := self._out.pop(receipt, None):
            self.put(body)


class PostOffice:
    """Brings events to Franked, until it takes them."""

    def __init__(self, luck: EventLuck, random: Random, ask: Ask | None, trace: Trace) -> None:
        """`ask`: how to post to the webhook; None: by queue."""
        self._luck, self._random, self._ask, self._trace = luck, random, ask, trace
        self.queue = Queue(random)
        self._on_the_way = 0
        self._numbers = count(1)

    @property
    def outstanding(self) -> int:
        return self._on_the_way + self.queue.outstanding

    def publish(self, letter: Letter) -> None:
        for kind, text in told_of(letter):
            if self._random.random() < (self._luck.lost_send if kind == "Send" else self._luck.lost):
                self._trace.say(f"the {kind} event of {letter.ses_id} is lost")
                continue
            is_untagged = self._random.random() < self._luck.untagged
            self.bring(f"{kind} of {letter.ses_id}", _untagged(text) if is_untagged else text)

    def bring(self, name: str, text: str) -> None:
        luck, draw = self._luck, self._random
        after = 0.0 if draw.random() < luck.early else draw.uniform(0.05, 2.0)
        if draw.random() < luck.delayed:
            after += draw.uniform(1.0, luck.late)
        self._send(name, text, after)
        if draw.random() < luck.doubled:
            self._send(name, text, after + draw.uniform(0.0, 5.0))

    def _send(self, name: str, text: str, after: float) -> None:
        self._on_the_way += 1
        asyncio.get_running_loop().create_task(self._bring(name, text, after), context=OUTSIDE)

    async def _bring(self, name: str, text: str, after: float) -> None:
        await asyncio.sleep(after)
        self._trace.say(f"event: {name}")
        fields = _fields(text, next(self._numbers))
        if self._ask is None:
            self.queue.put(msgspec.json.encode(fields).decode())
        else:
            signed = msgspec.json.encode(sns.sign(fields, key().private, "2"))
            while not await self._posted(signed, self._ask):
                await asyncio.sleep(POST_AGAIN)
        self._on_the_way -= 1

    async def _posted(self, body: bytes, ask: Ask) -> bool:
        try:
            receipt = await ask(lambda world: receive_webhook(body, world))
        except (NoAnswer, StoreUnavailable):
            return False
        return not isinstance(receipt, Unreachable)


def _untagged(text: str) -> str:
    event = msgspec.json.decode(text)
    event["mail"].pop("tags")
    return msgspec.json.encode(event).decode()


def _fields(text: str, number: int) -> dict[str, str]:
    host = f"https://sns.{REGION}.amazonaws.com"
    return {
        "Type": "Notification",
        "MessageId": f"notification-{number}",
        "TopicArn": TOPIC,
        "Subject": SUBJECT,
        "Message": text,
        "Timestamp": aws_time(START),
        "SigningCertURL": f"{host}{key().path}",
        "UnsubscribeURL": f"{host}/?Action=Unsubscribe",
    }


@cache
def key() -> SigningKey:
    return SigningKey.new(START)


class Certificates:
    """ports.Web: SNS's host, and nothing else."""

    async def fetch(self, url: str) -> bytes | None:
        return None

    async def certificate(self, url: str) -> bytes | None:
        return key().pem

    async def post(self, post: Post) -> Posted:
        return Posted(None, "no such host")
