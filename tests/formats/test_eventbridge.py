"""EventBridge's envelope, as AWS documents it: SES's events in it, and what it says of the account."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.formats import ses_event
from franked.formats.envelope import unwrap
from franked.formats.eventbridge import bridged, read
from franked.rules.event import Kind
from tests.formats.test_ses_event import TAGS, bounce, notice

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
SET = "arn:aws:ses:eu-central-1:111122223333:configuration-set/tx"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:franked-events"


def bus(kind: str, detail: object, **more: Any) -> dict[str, Any]:
    envelope = {
        "version": "0",
        "id": "12a18625-3328-fafd-2809-a5e16004f112",
        "detail-type": kind,
        "source": "aws.ses",
        "account": "111122223333",
        "time": "2026-03-04T10:15:08Z",
        "region": "eu-central-1",
        "resources": [SET],
        "detail": detail,
    }
    return envelope | more


def detail(kind: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    return dict(json.loads(notice(kind, body or {}, **TAGS)))


@pytest.mark.parametrize("says_itself", [True, False])
@pytest.mark.parametrize(
    ("detail_type", "name", "kind"),
    [
        ("Email Sent", "Send", Kind.SEND),
        ("Email Delivered", "Delivery", Kind.DELIVERY),
        ("Email Bounced", "Bounce", Kind.BOUNCE),
        ("Email Complaint Received", "Complaint", Kind.COMPLAINT),
        ("Email Rejected", "Reject", Kind.REJECT),
        ("Email Opened", "Open", Kind.OPEN),
        ("Email Clicked", "Click", Kind.CLICK),
        ("Email Rendering Failed", "Rendering Failure", Kind.RENDERING_FAILURE),
        ("Email Delivery Delayed", "DeliveryDelay", Kind.DELIVERY_DELAY),
        ("Email Subscribed", "Subscription", Kind.SUBSCRIPTION),
    ],
)
def test_each_event_is_found_in_its_envelope(detail_type: str, name: str, kind: Kind, says_itself: bool) -> None:
    inner = detail(name)
    if not says_itself:
        del inner["eventType"]
    [event] = ses_event.parse(unwrap(json.dumps(bus(detail_type, inner))).text, NOW)
    assert (event.kind, event.message_id) == (kind, "m_1")


def test_it_is_the_same_event_as_by_sns() -> None:
    """So that what comes both ways is settled once."""
    inner = detail("Bounce", bounce())
    by_bus = unwrap(json.dumps(bus("Email Bounced", inner)))
    by_sns = unwrap(json.dumps({"Type": "Notification", "TopicArn": TOPIC, "Message": json.dumps(inner)}))
    [one], [other] = (ses_event.parse(found.text, NOW) for found in (by_bus, by_sns))
    assert one.key == other.key and one.recipient == "ana@example.com"


def test_a_rule_may_lead_to_the_topic() -> None:
    """Then EventBridge's envelope is in SNS's."""
    inner = json.dumps(bus("Email Bounced", detail("Bounce", bounce())))
    found = unwrap(json.dumps({"Type": "Notification", "TopicArn": TOPIC, "Message": inner}))
    [event] = ses_event.parse(found.text, NOW)
    assert (found.topic, event.kind) == (TOPIC, Kind.BOUNCE)


@pytest.mark.parametrize(
    "kind", ["Sending Status Disabled", "Advisor Recommendation Status Open", "Something New", "Email Bounced"]
)
def test_what_is_about_no_mail_is_no_event(kind: str) -> None:
    found = read(json.dumps(bus(kind, {"origin": "AWS"})))
    assert found is not None
    assert (found.kind, found.event, found.about) == (kind, None, SET)


@pytest.mark.parametrize(
    "odd",
    [
        bus("Email Bounced", detail("Bounce"), source="aws.s3"),
        bus("Email Bounced", "text"),
        bus("Email Bounced", None),
        [],
        "text",
        7,
        None,
    ],
)
def test_what_is_no_event_of_ses_is_left_as_it_is(odd: object) -> None:
    text = json.dumps(odd)
    assert bridged(odd) is None
    assert unwrap(text).text == text


def test_what_stands_there_is_told_at_no_length() -> None:
    found = bridged(bus("x" * 9999, {}, resources=["y" * 9999, 7, None]))
    assert found is not None
    assert len(found.kind) == len(found.about) == 300


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_nothing_makes_it_fail(found: object) -> None:
    envelope = {"source": "aws.ses", "detail-type": found, "detail": found, "resources": found}
    for one in (found, envelope, envelope | {"detail": {"mail": found, "eventType": found}}):
        bridged(one)
        unwrap(json.dumps(one))
