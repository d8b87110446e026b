"""What a stranger posts to the webhook changes nothing; what SNS signed for our topic is settled once."""

import json

import pytest

from franked.feedback.receive import Forged, Ignored, Settled, receive_queued, receive_webhook
from franked.rules.message import State
from franked.rules.suppression import Why
from tests.formats.test_ses_event import bounce, notice
from tests.running import Product

PROBE = "http://127.0.0.1"


async def post(product: Product, body: bytes) -> tuple[int, str]:
    async with product.http.post(f"{product.franked.url}/v1/events/sns", data=body) as answer:
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
async def test_what_is_no_message_of_our_topic_is_refused(product: Product, body: bytes) -> None:
    status, text = await post(product, body)
    assert (status, json.loads(text)["code"]) == (403, "forged_event")


async def test_a_message_too_large_is_refused_before_it_is_read_whole(product: Product) -> None:
    status, text = await post(product, b"x" * 300_001)
    assert (status, json.loads(text)["code"]) == (413, "too_large")


async def test_a_bounce_for_mail_we_never_sent_suppresses_and_counts_for_the_account(product: Product) -> None:
    world = product.franked.world
    text = notice("Bounce", bounce("Permanent", "General", "stranger@example.net"))
    assert await receive_queued(text, world) == Settled(fresh=1)
    [found] = await world.store.suppressed(["stranger@example.net"])
    assert found is not None and found.why is Why.HARD_BOUNCE
    assert (await world.store.counters())["", "bounced"] == 1


async def test_the_same_event_twice_is_settled_once(product: Product) -> None:
    text = notice("Bounce", bounce())
    world = product.franked.world
    assert [await receive_queued(text, world) for _ in range(2)] == [Settled(fresh=1), Settled(fresh=0)]


@pytest.mark.parametrize("kind", ["sns", "eventbridge", "raw"])
async def test_a_queue_may_wrap_the_event_as_it_likes(product: Product, kind: str) -> None:
    world = product.franked.world
    text = notice("Bounce", bounce("Permanent", "General", "bo@example.net"))
    topic = next(iter(world.declared.topics))
    bodies = {
        "sns": json.dumps({"Type": "Notification", "TopicArn": topic, "Message": text}),
        "eventbridge": json.dumps({"source": "aws.ses", "detail-type": "Email Bounced", "detail": json.loads(text)}),
        "raw": text,
    }
    assert await receive_queued(bodies[kind], world) == Settled(fresh=1)
    assert (await world.store.suppressed(["bo@example.net"]))[0] is not None


async def test_a_queue_message_of_another_topic_is_refused(product: Product) -> None:
    body = json.dumps({"TopicArn": "arn:aws:sns:eu-central-1:1:x", "Message": notice("Bounce", bounce())})
    assert isinstance(await receive_queued(body, product.franked.world), Forged)


async def test_ses_own_test_text_is_acknowledged_and_ignored(product: Product) -> None:
    text = "Successfully validated SNS topic for Amazon SES event publishing."
    assert isinstance(await receive_queued(text, product.franked.world), Ignored)


async def test_not_spam_is_recorded_and_suppresses_nobody(product: Product) -> None:
    world = product.franked.world
    complaint = {"complainedRecipients": [{"emailAddress": "fan@example.net"}], "complaintFeedbackType": "not-spam"}
    assert await receive_queued(notice("Complaint", complaint), world) == Settled(fresh=1)
    assert await world.store.suppressed(["fan@example.net"]) == [None]


async def test_a_real_complaint_opens_an_alarm(product: Product) -> None:  # A6, D4
    complaint = {"complainedRecipients": [{"emailAddress": "ana@example.net"}], "complaintFeedbackType": "abuse"}
    await receive_queued(notice("Complaint", complaint), product.franked.world)
    _, ready = await product.get("/readyz")
    assert any(warning.startswith("complaint") for warning in ready["warnings"])


async def test_an_early_event_finds_its_message_when_the_send_is_recorded(product: Product) -> None:
    """An identity notification has no tag: it is matched by SES's id once we know it."""
    sent = await product.send("ana@example.net")
    story = await product.until(sent["id"])
    body = notice("Bounce", bounce("Permanent", "General", "ana@example.net"), messageId=story.ses_id)
    await receive_queued(body, product.franked.world)
    assert (await product.story(sent["id"])).state is State.BOUNCED


async def test_nothing_is_fetched_for_a_foreign_certificate(product: Product) -> None:
    topic = next(iter(product.franked.world.declared.topics))
    forged = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": topic,
        "Message": notice("Bounce", bounce()),
        "Timestamp": "2026-03-04T10:15:08.400Z",
        "SignatureVersion": "1",
        "Signature": "AAAA",
        "SigningCertURL": f"{PROBE}/SimpleNotificationService-abc.pem",
    }
    receipt = await receive_webhook(json.dumps(forged).encode(), product.franked.world)
    assert isinstance(receipt, Forged)
    assert await product.franked.world.store.suppressed(["ana@example.com"]) == [None]
