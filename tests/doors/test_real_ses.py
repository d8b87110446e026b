"""Franked as it runs with real SES: the usual credential chain, AWS's own endpoint variables, feedback from outside.

The account is the simulator all the same, as a server that Franked knows nothing of.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from moto.server import ThreadedMotoServer

from franked.backends.local import Simulator, simulator
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.rules.message import State
from franked.wiring import Ses, system_clock
from tests.formats.test_ses_event import bounce, notice
from tests.product import MovableClock, settings_in
from tests.running import Product

REGION = "eu-central-1"
TOPIC = f"arn:aws:sns:{REGION}:111122223333:franked-events"
BOUNCE = "bounce+1@simulator.amazonses.com"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that were looked up; those that are not this machine's lead nowhere."""
    looked_up: set[str] = set()
    real = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **named: Any) -> Any:
        looked_up.add(str(host))
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name in a test")
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


@pytest.fixture(autouse=True)
async def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Simulator]:
    """Out of the sandbox; whoever has the machine's credentials finds it."""
    senders = ["backup.example.com"]
    async with simulator(
        tmp_path / "account", now=system_clock, production=True, rate=500, topic_arn=TOPIC, verified=senders
    ) as played:
        chain = {"ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": "testing", "EC2_METADATA_DISABLED": "true"}
        for name, value in (chain | {"ENDPOINT_URL_SESV2": played.url}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield played


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", url)
    yield boto3.client("sqs", region_name=REGION).create_queue(QueueName="events")["QueueUrl"]
    server.stop()


@asynccontextmanager
async def started(folder: Path, feedback: str, *changes: tuple[str, str]) -> AsyncIterator[Product]:
    settings = settings_in(folder, ("[server]", f"[feedback]\n{feedback}\n\n[server]"), *changes)
    clock, log = MovableClock(), StringIO()
    async with running(settings, Ses.AWS, clock, log) as franked, aiohttp.ClientSession() as http:
        shown, record = make_key("test", frozenset(), frozenset(), system_clock())
        await franked.world.store.add_keys([record])
        yield Product(franked, clock, http, shown, folder, log)


@asynccontextmanager
async def bridge(account: Simulator, queue: str) -> AsyncIterator[None]:
    """A subscription from SNS to SQS: it needs no confirmation, and puts each envelope into the queue as it is."""
    sqs = boto3.client("sqs", region_name=REGION)

    async def put(request: web.Request) -> web.Response:
        body = await request.text()
        envelope = json.loads(body)
        if envelope["Type"] == "SubscriptionConfirmation":
            account.office.topic.confirm(envelope["TopicArn"], envelope["Token"])
        else:
            await asyncio.to_thread(sqs.send_message, QueueUrl=queue, MessageBody=body)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", put)
    async with TestServer(app) as server:
        await account.subscribe(str(server.make_url("/")))
        yield


async def test_a_bounce_comes_back_by_queue_and_stops_the_next_mail(
    account: Simulator, queue: str, names: set[str], tmp_path: Path
) -> None:  # A5, A7, E7
    feedback = f'topics = ["{TOPIC}"]\nqueue_url = "{queue}"'
    async with bridge(account, queue), started(tmp_path / "product", feedback) as product:
        arrives, bounces = await product.send("ana@example.net"), await product.send(BOUNCE)
        assert (await product.until(arrives["id"], State.DELIVERED, within=10)).state is State.DELIVERED
        assert (await product.until(bounces["id"], State.BOUNCED, within=10)).state is State.BOUNCED
        again = await product.send(BOUNCE, "sign-in-code")
        assert (again["state"], again["reason"]) == ("dropped", "suppressed")
    assert sorted(mail.recipient for mail in account.taken()) == ["ana@example.net", BOUNCE]
    assert names <= {"127.0.0.1", "localhost"}


async def test_nothing_is_fetched_for_what_a_stranger_posts(
    account: Simulator, names: set[str], tmp_path: Path
) -> None:
    envelope = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": TOPIC,
        "Message": notice("Bounce", bounce("Permanent", "General", "ana@example.net")),
        "Timestamp": "2026-03-04T10:15:08.400Z",
        "SignatureVersion": "1",
        "Signature": "AAAA",
        "SigningCertURL": f"{account.url}{account.office.topic.key.path}",  # which the simulator's own mode would take
    }
    genuine = f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-{'ab' * 16}.pem"
    other_topic = TOPIC.replace("franked", "foreign")
    async with started(tmp_path / "product", f'topics = ["{TOPIC}"]') as product:
        for forged in (envelope, envelope | {"TopicArn": other_topic, "SigningCertURL": genuine}):
            async with product.http.post(f"{product.franked.url}/v1/events/sns", json=forged) as answer:
                assert (answer.status, (await answer.json())["code"]) == (403, "forged_event")
        assert (await product.send("ana@example.net"))["state"] == "queued"
        assert names <= {"127.0.0.1", "localhost"}
        await product.franked.world.web.certificate(genuine)
        assert f"sns.{REGION}.amazonaws.com" in names  # a fetch would have been seen


async def test_events_of_a_topic_that_is_not_ours_change_nothing(account: Simulator, tmp_path: Path) -> None:
    async with started(tmp_path / "product", "topics = []") as product:
        await account.subscribe(f"{product.franked.url}/v1/events/sns")
        sent = await product.send(BOUNCE)
        await product.until(sent["id"], State.SENT)
        await asyncio.sleep(0.2)
        assert (await product.story(sent["id"])).state is State.SENT
        assert not any(one.confirmed for one in account.office.topic.subscriptions.values())


async def test_a_lane_whose_configuration_set_is_unknown_waits_aloud_until_it_is_there(
    account: Simulator, tmp_path: Path
) -> None:
    """ses/02: stop the lane, keep the queue, alarm."""
    sets = ("[sender]", '[ses.configuration_sets]\nbulk = "shop-bulk"\n\n[sender]')
    async with started(tmp_path / "product", f'topics = ["{TOPIC}"]', sets) as product:
        waits = await product.send("ana@example.net", "digest")
        async with asyncio.timeout(10):
            while not product.logged("attempt"):
                await asyncio.sleep(0.01)
        [line] = product.logged("attempt")
        assert (line["level"], line["outcome"], line["why"]) == ("warning", "try_later", "lane_stopped")
        assert (await product.story(waits["id"])).state is State.QUEUED
        code = await product.send("ana@example.net", "sign-in-code")
        await product.until(code["id"], State.SENT)
        warnings = (await product.get("/readyz"))[1]["warnings"]
        assert [one.partition(":")[0] for one in warnings] == ["lane_stopped.bulk", "lane_waits"]
        assert "lane bulk waits" in warnings[0]
        account.account.add_configuration_set("shop-bulk")
        product.clock.move(minutes=2)
        product.franked.world.bell.ring()
        await product.until(waits["id"], State.SENT, within=10)
        assert (await product.get("/readyz"))[1]["warnings"] == []
    assert len(account.taken()) == 2
