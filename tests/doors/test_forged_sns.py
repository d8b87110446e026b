"""What a stranger can post to the SNS webhook: over real HTTP, each kind is refused, and leads nowhere."""

import json
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from franked.backends.web import AiohttpWeb
from franked.doors.http.app import create_app
from franked.doors.http.context import Door
from franked.doors.http.strangers import LINES
from franked.doors.serving import listening, serving
from franked.formats.sns import CERTIFICATE_PATH
from franked.rules.alarm import ADMIN_STREAMS
from tests.doors.forgeries import Effect, Row, changed, genuine
from tests.doors.forgery_table import CERTIFICATES, ROWS
from tests.forging import ORIGIN, Forger, Origin, Posted, Trap, origin, posted, trap
from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
RECEIPT = {"forged_event": "forged", "sns_unreachable": "unreachable", "ignored": "ignored", "confirmed": "confirmed"}


@dataclass(slots=True)
class Webhook:
    """Of a Franked that believes SNS's name to lead to `origin`; all else of it is the running product's."""

    product: Product
    url: str
    origin: Origin
    trap: Trap
    numbers: Iterator[int]

    def forger(self) -> Forger:
        topic = self.product.simulator.office.topic
        return Forger(f"victim{next(self.numbers)}@example.net", topic, self.origin, self.trap)

    async def post(self, message: Posted, url: str | None = None) -> tuple[int, str]:
        body: Any = _pieces(message.body) if message.chunked else message.body
        to = (url or self.url) + "/v1/events/sns"
        async with self.product.http.post(
            to, data=body, headers=message.headers, skip_auto_headers=["Content-Type"]
        ) as answer:
            return answer.status, await answer.text()

    async def record(self, address: str) -> dict[str, Any]:
        store = self.product.franked.world.store
        counted = await store.counters()
        return {
            "counters": {key: n for key, n in counted.items() if key[0] not in ADMIN_STREAMS},  # told in its own time
            "alarms": {alarm.key for alarm in await store.alarms()},
            "suppressed": await store.suppressed([address, "evil@example.net"]),
            "visits": self.origin.confirmations,
        }


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


@pytest.fixture(scope="module")
def names() -> Iterator[set[str]]:
    """What was looked up in the DNS; what is not this machine's leads nowhere."""
    looked_up: set[str] = set()
    real = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **named: Any) -> Any:
        looked_up.add(str(host))
        return real(host, *more, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", look_up)
        yield looked_up


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def webhook(names: set[str], shared: Product) -> AsyncIterator[Webhook]:
    minutes = count(0.0, 60.0)  # each forgery has a line in the log, as if it came a minute after the other
    async with (
        trap() as laid,
        origin(shared.simulator.url) as stands,
        _door(shared, stands, lambda: next(minutes)) as url,
    ):
        await shared.simulator.quiet()
        yield Webhook(shared, url, stands, laid, count(1))


@asynccontextmanager
async def _door(product: Product, stands: Origin, monotonic: Callable[[], float]) -> AsyncIterator[str]:
    web = AiohttpWeb({ORIGIN: stands.url}, within=4.0)
    world = replace(product.franked.world, web=web, monotonic=monotonic)
    app = create_app(Door(world, product.franked.keyring))
    async with serving(app, listening("127.0.0.1", 0)) as url:
        yield url


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
async def test_what_comes_of_each_kind_of_message(webhook: Webhook, row: Row) -> None:
    forger = webhook.forger()
    message = row.make(forger)
    before, logged = await webhook.record(forger.address), len(webhook.product.log.getvalue())
    status, text = await webhook.post(message)
    assert (status, _said(text), row.why in text) == (row.status, row.said, True), text
    assert _effect(before, await webhook.record(forger.address)) == row.effect
    lines = webhook.product.log.getvalue()[logged:].splitlines()
    for one in (text, *lines):
        _is_harmless(one, forger)
    receipts = [json.loads(line)["receipt"] for line in lines if json.loads(line)["event"] == "sns"]
    assert receipts == [RECEIPT[row.said]] if row.said in RECEIPT else receipts == []
    assert webhook.trap.visits == 0


def _said(text: str) -> str:
    return str(json.loads(text)["code"]) if text.startswith("{") else text


def _effect(before: dict[str, Any], after: dict[str, Any]) -> Effect:
    bounced = after["counters"].get(("", "bounced"), 0) - before["counters"].get(("", "bounced"), 0)
    victim, other = after["suppressed"]
    assert other is None
    return Effect(bounced, victim is not None, after["alarms"] != before["alarms"], after["visits"] - before["visits"])


def _is_harmless(text: str, forger: Forger) -> None:
    """Short, printable, and nothing of what the stranger wrote."""
    assert len(text) < 500, text[:500]
    assert not UNPRINTABLE.search(text), ascii(text)
    assert "evil" not in text
    assert forger.address not in text
    assert forger.token not in text


# --- the same message again


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_genuine_notification_that_comes_again_is_settled_once(webhook: Webhook, version: str) -> None:
    forger = webhook.forger()
    message = genuine(version)(forger)
    assert await webhook.post(message) == (200, "settled 1")
    before = await webhook.record(forger.address)
    assert await webhook.post(message) == (200, "settled 0")
    webhook.product.clock.move(days=90)  # SNS retries for an hour, a dead-letter queue is redriven after weeks
    try:
        assert await webhook.post(message) == (200, "settled 0")
    finally:
        webhook.product.clock.move(days=-90)
    assert await webhook.record(forger.address) == before


async def test_the_same_event_in_another_genuine_envelope_is_settled_once(webhook: Webhook) -> None:
    forger = webhook.forger()
    assert await webhook.post(genuine()(forger)) == (200, "settled 1")
    again = genuine(MessageId="another", Timestamp="2026-03-04T11:15:08.400Z")(forger)
    assert await webhook.post(again) == (200, "settled 0")


async def test_a_genuine_confirmation_that_comes_again_changes_nothing(webhook: Webhook) -> None:
    forger, subscriptions = webhook.forger(), webhook.product.simulator.office.topic.subscriptions
    message = posted(forger.signed(forger.confirmation()))
    before = {endpoint: (one.arn, one.confirmed) for endpoint, one in subscriptions.items()}
    answers = [await webhook.post(message) for _ in range(2)]
    assert answers == [(200, "confirmed")] * 2
    assert {endpoint: (one.arn, one.confirmed) for endpoint, one in subscriptions.items()} == before


async def test_the_end_of_the_subscription_that_comes_again_opens_no_second_alarm(webhook: Webhook) -> None:
    forger, store = webhook.forger(), webhook.product.franked.world.store
    message = posted(forger.signed(forger.confirmation(Type="UnsubscribeConfirmation")))
    visits = webhook.origin.confirmations
    answers = [await webhook.post(message) for _ in range(2)]
    assert answers == [(200, "ignored")] * 2
    assert [alarm.key for alarm in await store.alarms()].count("feedback_unsubscribed") == 1
    assert webhook.origin.confirmations == visits


# --- all of them


async def test_the_product_itself_refuses_them_too(webhook: Webhook) -> None:
    """As wired for the simulator, where SNS's name leads to loopback."""
    refused = [row for row in ROWS if row.status in {403, 413} and row not in CERTIFICATES]
    assert len(refused) > 100
    forger, url = webhook.forger(), webhook.product.franked.url
    before = await webhook.record(forger.address)
    answers = {row.name: await webhook.post(row.make(forger), url) for row in refused}
    assert {name: (status, _said(text)) for name, (status, text) in answers.items()} == {
        row.name: (row.status, row.said) for row in refused
    }
    assert await webhook.record(forger.address) == before
    assert await webhook.post(genuine()(forger), url) == (200, "settled 1")


async def test_a_flood_of_forgeries_fills_no_log(webhook: Webhook) -> None:
    told = len(webhook.product.logged("sns"))
    async with _door(webhook.product, webhook.origin, lambda: 0.0) as url:
        forger = webhook.forger()
        for make in [changed(Signature=""), changed(SigningCertURL=f"{ORIGIN}/SimpleNotificationService-0a.pem")] * 20:
            await webhook.post(make(forger), url)
        assert await webhook.post(genuine()(forger), url) == (200, "settled 1")
    assert len(webhook.product.logged("sns")) - told == LINES


async def test_nothing_was_asked_of_anybody_but_sns(webhook: Webhook, names: set[str]) -> None:
    """The last test: all that came before it is in these counts."""
    assert names <= {"127.0.0.1", "::1"}
    asked = {path for path in webhook.origin.asked if not CERTIFICATE_PATH.fullmatch(path)}
    forger = webhook.forger()
    confirm = f"/?Action=ConfirmSubscription&TopicArn={forger.topic.arn}&Token="
    assert asked <= {confirm + forger.token, confirm + "evil"}
    assert webhook.origin.confirmations > 0
    assert webhook.trap.visits == 0
    assert await AiohttpWeb().fetch(f"https://localhost:{webhook.trap.port}/") is None
    assert webhook.trap.visits > 0  # a visit before would have been counted,
    assert "localhost" in names  # and a name looked up
