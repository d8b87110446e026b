"""What the simulated account tells back: SES's events in envelopes that SNS could have signed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from yarl import URL

from franked.backends.local import Pacing
from franked.formats import sns
from tests.contract.test_simulator import START, SUCCESS, Played, playing


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


@dataclass
class Endpoint:
    """A webhook that keeps what was posted, confirms when told to, and says no as often as told."""

    url: str = ""
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refusals: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append((dict(request.headers), await request.read()))
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        return web.Response()

    @property
    def envelopes(self) -> list[sns.Envelope]:
        read = [sns.parse_envelope(body) for _, body in self.posts]
        assert all(isinstance(one, sns.Envelope) for one in read), read
        return [one for one in read if isinstance(one, sns.Envelope)]

    @property
    def notifications(self) -> list[sns.Envelope]:
        return [one for one in self.envelopes if one.type == sns.NOTIFICATION]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(one.message) for one in self.notifications]

    async def until(self, count: int) -> list[dict[str, Any]]:
        await eventually(lambda: len(self.notifications) >= count)
        return self.events


@asynccontextmanager
async def endpoint() -> AsyncIterator[Endpoint]:
    taking = Endpoint()
    app = web.Application()
    app.router.add_post("/sns", taking.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sns"
    yield taking
    await runner.cleanup()


@asynccontextmanager
async def listening(directory: Path, **how: Any) -> AsyncIterator[tuple[Played, Endpoint]]:
    """A simulator with one endpoint that subscribed and confirmed."""
    async with playing(directory, **({"rate": 100} | how)) as played, endpoint() as taking:
        await played.simulator.subscribe(taking.url)
        await confirm(played, taking)
        yield played, taking


async def confirm(played: Played, taking: Endpoint) -> str:
    await eventually(lambda: bool(taking.posts))
    return await fetch(played, taking.envelopes[0].subscribe_url or "")


async def fetch(played: Played, url: str) -> str:
    """As Franked's fetcher does while SES is simulated: Amazon's name leads to loopback."""
    target = URL(played.simulator.url).join(URL(url).relative())
    async with aiohttp.ClientSession() as http, http.get(target) as answer:
        return await answer.text()


async def key_of(played: Played, envelope: sns.Envelope) -> RSAPublicKey:
    assert sns.certificate_url_fault(envelope.cert_url, played.simulator.topic_arn) is None
    key = sns.certificate_key((await fetch(played, envelope.cert_url)).encode(), START)
    assert isinstance(key, RSAPublicKey), key
    return key


# --- subscriptions


async def test_a_subscription_is_asked_for_until_it_is_confirmed(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, endpoint() as taking:
        taking.refusals = 2
        await played.simulator.subscribe(taking.url)
        await eventually(lambda: len(taking.posts) >= 3)
        asked = taking.envelopes[2]
        assert asked.type == sns.SUBSCRIPTION
        assert sns.verify(asked, await key_of(played, asked))
        assert sns.subscribe_url_fault(asked.subscribe_url or "", played.simulator.topic_arn) is None
        assert "<SubscriptionArn>" in await fetch(played, asked.subscribe_url or "")
        posted = len(taking.posts)
        await asyncio.sleep(0.1)
        assert len(taking.posts) <= posted + 1


async def test_events_wait_for_the_confirmation(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, endpoint() as taking:
        await played.simulator.subscribe(taking.url)
        await played.send()
        await asyncio.sleep(0.05)
        assert taking.notifications == []
        await confirm(played, taking)
        assert {event["eventType"] for event in await taking.until(2)} == {"Send", "Delivery"}


async def test_a_wrong_token_confirms_nothing(tmp_path: Path) -> None:
    async with playing(tmp_path) as played, endpoint() as taking:
        await played.simulator.subscribe(taking.url)
        arn = played.simulator.topic_arn
        answer = await fetch(played, f"https://x.example.com/?Action=ConfirmSubscription&TopicArn={arn}&Token=guess")
        assert "InvalidParameter" in answer
        assert not any(one.confirmed for one in played.simulator.office.topic.subscriptions.values())


async def test_a_subscription_that_nobody_confirms_is_given_up(tmp_path: Path) -> None:
    pacing = Pacing(confirmations=2, confirm_after=0.01)
    async with playing(tmp_path, pacing=pacing) as played:
        await played.simulator.subscribe("http://127.0.0.1:9/nobody")
        await played.send()
        await played.simulator.quiet(5)


# --- events


async def test_a_delivery_comes_back_with_our_tags(tmp_path: Path) -> None:  # A7
    async with listening(tmp_path, configuration_sets=["urgent"]) as (played, taking):
        tags = [{"Name": "franked-message", "Value": "m_1"}, {"Name": "franked-attempt", "Value": "m_1-1"}]
        ses_id = await played.send(EmailTags=tags, ConfigurationSetName="urgent")
        events = {event["eventType"]: event for event in await taking.until(2)}
        mail = events["Send"]["mail"]
        assert (mail["messageId"], mail["destination"]) == (ses_id, [SUCCESS])
        assert mail["tags"]["franked-message"] == ["m_1"]
        assert mail["tags"]["franked-attempt"] == ["m_1-1"]
        assert mail["tags"]["ses:configuration-set"] == ["urgent"]
        assert mail["timestamp"] == "2026-03-04T10:15:00.000Z"
        assert mail["commonHeaders"]["subject"] == "Your receipt"
        assert events["Delivery"]["delivery"]["recipients"] == [SUCCESS]


async def test_mail_that_names_no_set_goes_by_the_one_of_its_identity(tmp_path: Path) -> None:
    async with listening(tmp_path, configuration_sets=["urgent"], verified=["example.com"], bare=True) as given:
        played, taking = given
        chosen = {"EmailIdentity": "example.com", "ConfigurationSetName": "urgent"}
        await played.ask("put_email_identity_configuration_set_attributes", **chosen)
        await played.send()
        assert [one["mail"]["tags"]["ses:configuration-set"] for one in await taking.until(2)] == [["urgent"]] * 2


@pytest.mark.parametrize(
    ("to", "kinds"),
    [
        ("success+a-label", {"Send", "Delivery"}),
        ("bounce+m_1", {"Send", ("Bounce", "Permanent", "General")}),
        ("suppressionlist", {"Send", ("Bounce", "Permanent", "Suppressed")}),
        ("Complaint+x", {"Send", "Delivery", "Complaint"}),
        ("ooto", {"Send", "Delivery", ("Bounce", "Transient", "General")}),
    ],
)
async def test_the_mailbox_simulator_answers_by_address(tmp_path: Path, to: str, kinds: set[object]) -> None:
    async with listening(tmp_path) as (played, taking):
        await played.send(f"{to}@simulator.amazonses.com")
        await taking.until(len(kinds))
        await played.simulator.quiet()
        assert {_kind(event) for event in taking.events} == kinds


def _kind(event: dict[str, Any]) -> object:
    bounce = event.get("bounce")
    return ("Bounce", bounce["bounceType"], bounce["bounceSubType"]) if bounce else event["eventType"]


async def test_simulated_bounces_of_one_mail_are_one_event(tmp_path: Path) -> None:  # D4
    async with listening(tmp_path) as (played, taking):
        await played.send("bounce+1@simulator.amazonses.com", SUCCESS, "bounce+2@simulator.amazonses.com")
        events = {event["eventType"]: event for event in await taking.until(3)}
        bounced = [one["emailAddress"] for one in events["Bounce"]["bounce"]["bouncedRecipients"]]
        assert bounced == ["bounce+1@simulator.amazonses.com", "bounce+2@simulator.amazonses.com"]
        assert events["Delivery"]["delivery"]["recipients"] == [SUCCESS]


@pytest.mark.parametrize("version", ["1", "2"])
async def test_every_event_is_signed_as_sns_signs(tmp_path: Path, version: str) -> None:
    async with listening(tmp_path) as (played, taking):
        played.simulator.sign_with(version)
        await played.send()
        await taking.until(2)
        for envelope in taking.notifications:
            assert (envelope.signature_version, envelope.topic_arn) == (version, played.simulator.topic_arn)
            assert envelope.subject == "Amazon SES Email Event Notification"
            assert sns.verify(envelope, await key_of(played, envelope))
        headers, body = taking.posts[-1]
        assert headers["Content-Type"] == "text/plain; charset=UTF-8"
        assert headers["x-amz-sns-message-type"] == "Notification"
        assert headers["x-amz-sns-topic-arn"] == played.simulator.topic_arn
        assert headers["x-amz-sns-message-id"] == msgspec.json.decode(body)["MessageId"]
        assert headers["x-amz-sns-subscription-arn"].startswith(played.simulator.topic_arn)


async def test_a_post_that_fails_is_tried_again_and_then_discarded(tmp_path: Path) -> None:
    async with listening(tmp_path) as (played, taking):
        taking.refusals = 3
        await played.send()
        await played.simulator.quiet()
        assert len(taking.notifications) == 5
        assert len({one.message_id for one in taking.notifications}) == 2
        taking.refusals = 8
        await played.send()
        await played.simulator.quiet()
        assert (len(taking.notifications), taking.refusals) == (13, 0)


async def test_an_event_may_come_later_than_the_answer(tmp_path: Path) -> None:
    slow = Pacing(event_delay=0.15, confirm_after=0.02)
    async with listening(tmp_path, pacing=slow) as (played, taking):
        await played.send()
        await asyncio.sleep(0.05)
        assert taking.notifications == []
        await taking.until(2)
