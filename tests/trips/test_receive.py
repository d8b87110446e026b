"""What a stranger posts to the webhook changes nothing; what SNS signed for our topic is settled once."""

import json

import pytest

from franked.feedback.receive import Forged, Ignored, Settled, receive_queued, receive_webhook
from franked.rules.message import State
from franked.rules.suppression import Why
from tests.formats.test_eventbridge import SET, bus
from tests.formats.test_ses_event import bounce, notice
from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROBE = "http://127.0.0.1"


async def post(shared: Product, body: bytes) -> tuple[int, str]:
    async with shared.http.post(f"{shared.franked.url}/v1/events/sns", data=body) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"Type": "Notification", "TopicArn": "arn:aws:sns:eu-central-1:111122223333:other"}).encode(),
    ],
    ids=["empty", "array", "object", "bytes", "deep", "other-topic"],
)
async def test_what_is_no_message_of_our_topic_is_refused(shared: Product, body: bytes) -> None:
    status, text = await post(shared, body)
    assert (status, json.loads(text)["code"]) == (403, "forged_event")


async def test_a_message_too_large_is_refused_before_it_is_read_whole(shared: Product) -> None:
    status, text = await post(shared, b"x" * 300_001)
    assert (status, json.loads(text)["code"]) == (413, "too_large")


async def test_a_bounce_for_mail_we_never_sent_suppresses_and_counts_for_the_account(shared: Product) -> None:
    world = shared.franked.world
    text = notice("Bounce", bounce("Permanent", "General", "stranger@example.net"))
    assert await receive_queued(text, world) == Settled(fresh=1)
    [found] = await world.store.suppressed(["stranger@example.net"])
    assert found is not None and found.why is Why.HARD_BOUNCE
    assert (await world.store.counters())["", "bounced"] == 1


async def test_the_same_event_twice_is_settled_once(shared: Product) -> None:
    text = notice("Bounce", bounce())
    world = shared.franked.world
    assert [await receive_queued(text, world) for _ in range(2)] == [Settled(fresh=1), Settled(fresh=0)]


@pytest.mark.parametrize("kind", ["sns", "eventbridge", "raw"])
async def test_a_queue_may_wrap_the_event_as_it_likes(shared: Product, kind: str) -> None:
    world = shared.franked.world
    address = f"{kind}@example.net"
    text = notice("Bounce", bounce("Permanent", "General", address))
    topic = next(iter(world.declared.sns_topics))
    bodies = {
        "sns": json.dumps({"Type": "Notification", "TopicArn": topic, "Message": text}),
        "eventbridge": json.dumps({"source": "aws.ses", "detail-type": "Email Bounced", "detail": json.loads(text)}),
        "raw": text,
    }
    assert await receive_queued(bodies[kind], world) == Settled(fresh=1)
    assert (await world.store.suppressed([address]))[0] is not None


async def test_a_queue_message_of_another_topic_is_refused(shared: Product) -> None:
    body = json.dumps({"TopicArn": "arn:aws:sns:eu-central-1:1:x", "Message": notice("Bounce", bounce())})
    assert isinstance(await receive_queued(body, shared.franked.world), Forged)


async def test_by_eventbridge_and_by_sns_it_is_settled_once(shared: Product) -> None:
    world = shared.franked.world
    inner = json.loads(notice("Bounce", bounce("Permanent", "General", "both@example.net"), messageId="0100-both"))
    by_bus = json.dumps(bus("Email Bounced", inner))
    by_topic = json.dumps({"TopicArn": next(iter(world.declared.sns_topics)), "Message": json.dumps(inner)})
    assert [await receive_queued(body, world) for body in (by_bus, by_topic)] == [Settled(1), Settled(0)]


async def test_eventbridge_tells_that_sending_was_stopped_and_that_it_goes_on(shared: Product) -> None:
    world = shared.franked.world
    receipt = await receive_queued(json.dumps(bus("Sending Status Disabled", {})), world)
    assert isinstance(receipt, Ignored)
    [alarm] = [one for one in await world.store.alarms() if one.key == "sending_disabled"]
    assert "configuration-set/tx" in alarm.text
    await receive_queued(json.dumps(bus("Sending Status Enabled", {})), world)
    assert [one for one in await world.store.alarms() if one.key == "sending_disabled"] == []


async def test_what_else_eventbridge_tells_is_ignored(shared: Product) -> None:
    receipt = await receive_queued(json.dumps(bus("Advisor Recommendation Status Open", {})), shared.franked.world)
    assert receipt == Ignored("no SES event: EventBridge's Advisor Recommendation Status Open (" + SET + ")")


async def test_eventbridge_by_the_signed_topic_is_settled_by_the_webhook(shared: Product) -> None:
    inner = json.loads(notice("Bounce", bounce("Permanent", "General", "hook@example.net"), messageId="0100-hook"))
    signed = shared.simulator.office.topic.notice(bus("Email Bounced", inner))
    assert await receive_webhook(signed, shared.franked.world) == Settled(fresh=1)
    assert isinstance(
        await receive_webhook(json.dumps(bus("Email Bounced", inner)).encode(), shared.franked.world), Forged
    )


async def test_ses_own_test_text_is_acknowledged_and_ignored(shared: Product) -> None:
    text = "Successfully validated SNS topic for Amazon SES event publishing."
    assert isinstance(await receive_queued(text, shared.franked.world), Ignored)


async def test_not_spam_is_recorded_and_suppresses_nobody(shared: Product) -> None:
    world = shared.franked.world
    complaint = {"complainedRecipients": [{"emailAddress": "fan@example.net"}], "complaintFeedbackType": "not-spam"}
    assert await receive_queued(notice("Complaint", complaint), world) == Settled(fresh=1)
    assert await world.store.suppressed(["fan@example.net"]) == [None]


async def test_a_real_complaint_opens_an_alarm(shared: Product) -> None:  # A6, D4
    complaint = {"complainedRecipients": [{"emailAddress": "ana@example.net"}], "complaintFeedbackType": "abuse"}
    await receive_queued(notice("Complaint", complaint), shared.franked.world)
    _, ready = await shared.get("/readyz")
    assert any(warning.startswith("complaint") for warning in ready["warnings"])


async def test_a_notification_without_tags_finds_its_message_by_the_id_of_ses(shared: Product) -> None:
    sent = await shared.send("cy@example.net")
    story = await shared.until(sent["id"])
    body = notice("Bounce", bounce("Permanent", "General", "cy@example.net"), messageId=story.ses_id)
    await receive_queued(body, shared.franked.world)
    assert (await shared.story(sent["id"])).state is State.BOUNCED


async def test_nothing_is_fetched_for_a_foreign_certificate(shared: Product) -> None:
    topic = next(iter(shared.franked.world.declared.sns_topics))
    forged = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": topic,
        "Message": notice("Bounce", bounce("Permanent", "General", "dee@example.net")),
        "Timestamp": "2026-03-04T10:15:08.400Z",
        "SignatureVersion": "1",
        "Signature": "AAAA",
        "SigningCertURL": f"{PROBE}/SimpleNotificationService-abc.pem",
    }
    receipt = await receive_webhook(json.dumps(forged).encode(), shared.franked.world)
    assert isinstance(receipt, Forged)
    assert await shared.franked.world.store.suppressed(["dee@example.net"]) == [None]
