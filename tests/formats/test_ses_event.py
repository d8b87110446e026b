"""SES's JSON, of both generations and in every odd shape it has been seen in, becomes events."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.formats import ses_event
from franked.formats.ses_event import NotAnEvent
from franked.rules.event import BounceType, Kind, state_of
from franked.rules.message import State

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)


def notice(kind: str, body: dict[str, Any], *, generation: str = "eventType", **mail: Any) -> str:
    bodies = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}
    return json.dumps(
        {
            generation: kind,
            bodies.get(kind, kind.lower()): body,
            "mail": {
                "timestamp": "2026-03-04T10:15:05.001Z",
                "messageId": "0100-ses-1",
                "destination": ["ana@example.com"],
                **mail,
            },
        }
    )


TAGS: dict[str, Any] = {
    "tags": {"franked-message": ["m_1"], "franked-attempt": ["m_1-1"], "ses:configuration-set": ["tx"]}
}


def bounce(kind: str = "Permanent", subtype: str = "NoEmail", *addresses: str) -> dict[str, Any]:
    recipients = [
        {"emailAddress": one, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no mailbox"}
        for one in addresses or ("ana@example.com",)
    ]
    return {
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": recipients,
        "timestamp": "2026-03-04T10:15:07.120Z",
        "feedbackId": "feedback-1",
    }


def test_a_permanent_bounce_names_its_message_recipient_and_cause() -> None:
    [event] = ses_event.parse(notice("Bounce", bounce(), **TAGS), NOW)
    assert (event.kind, event.bounce_type, event.subtype) == (Kind.BOUNCE, BounceType.PERMANENT, "NoEmail")
    assert (event.message_id, event.attempt_id, event.ses_id) == ("m_1", "m_1-1", "0100-ses-1")
    assert event.recipient == "ana@example.com"
    assert event.detail == "smtp; 550 5.1.1 no mailbox"
    assert event.at == datetime(2026, 3, 4, 10, 15, 7, 120000, tzinfo=UTC)


def test_an_identity_notification_has_no_tags_and_an_odd_timestamp() -> None:
    body = bounce() | {"timestamp": "2018-10-08T14:05:45 +0000"}
    [event] = ses_event.parse(notice("Bounce", body, generation="notificationType"), NOW)
    assert event.message_id is None
    assert event.at == datetime(2018, 10, 8, 14, 5, 45, tzinfo=UTC)


def test_both_generations_of_the_same_bounce_share_a_key() -> None:
    [first] = ses_event.parse(notice("Bounce", bounce(), **TAGS), NOW)
    [second] = ses_event.parse(notice("Bounce", bounce(), generation="notificationType"), NOW)
    assert first.key == second.key


def test_a_bounce_is_about_its_bounced_recipients_never_about_the_destination() -> None:
    text = notice("Bounce", bounce("Permanent", "General", "bo@example.com"), destination=["ana@example.com"])
    assert [event.recipient for event in ses_event.parse(text, NOW)] == ["bo@example.com"]


def test_every_recipient_of_the_event_counts_not_only_the_first() -> None:  # D4
    text = notice("Bounce", bounce("Permanent", "General", "a@example.com", "b@example.com"))
    events = ses_event.parse(text, NOW)
    assert [event.recipient for event in events] == ["a@example.com", "b@example.com"]
    assert len({event.key for event in events}) == 2


def test_keys_of_later_mail_lie_behind_those_of_earlier_mail() -> None:
    """In an index that millions are in, what is written at one time is written to one place."""
    ids = ("0107019a00000000-zzzz-000000", "0107019a00000001-mmmm-000000", "0107019b00000000-aaaa-000000")
    keys = [event.key for ses_id in ids for event in ses_event.parse(notice("Send", {}, messageId=ses_id), NOW)]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "spelled",
    [
        "rfc822;Ana@Example.com",
        "<ana@example.com>",
        "Ana <ana@example.com>",
        " ana@example.com ",
        "rfc822; <ana@example.com>",
    ],
)
def test_a_final_recipient_is_read_leniently(spelled: str) -> None:
    [event] = ses_event.parse(notice("Bounce", bounce("Permanent", "General", spelled)), NOW)
    assert event.recipient == "ana@example.com"


@pytest.mark.parametrize(
    ("kind", "body", "state"),
    [
        ("Send", {}, State.SENT),
        ("Delivery", {"recipients": ["ana@example.com"], "smtpResponse": "250 ok"}, State.DELIVERED),
        ("DeliveryDelay", {"delayedRecipients": [{"emailAddress": "ana@example.com"}]}, State.DELAYED),
        ("Bounce", bounce(), State.BOUNCED),
        ("Bounce", bounce("Transient", "MailboxFull"), State.SOFT_BOUNCED),
        ("Bounce", bounce("Undetermined", "Undetermined"), State.SOFT_BOUNCED),
        ("Bounce", bounce("SomethingNew", "New"), State.SOFT_BOUNCED),
        ("Complaint", {"complainedRecipients": [{"emailAddress": "ana@example.com"}]}, State.COMPLAINED),
        ("Complaint", {"complainedRecipients": [], "complaintFeedbackType": "not-spam"}, None),
        ("Reject", {"reason": "Bad content"}, State.REJECTED),
        ("Rendering Failure", {"errorMessage": "no such variable"}, State.REJECTED),
        ("Open", {"ipAddress": "192.0.2.1"}, None),
        ("Click", {"link": "https://example.com/"}, None),
        ("Subscription", {"contactList": "x"}, None),
        ("BrandNew", {}, None),
    ],
)
def test_each_kind_proves_its_state(kind: str, body: dict[str, Any], state: State | None) -> None:
    [event] = ses_event.parse(notice(kind, body, **TAGS), NOW)
    assert state_of(event) is state


def test_two_clicks_on_two_links_are_two_events() -> None:
    stamp = {"timestamp": "2026-03-04T11:00:00Z"}
    [one] = ses_event.parse(notice("Click", {"link": "https://example.com/a", **stamp}), NOW)
    [two] = ses_event.parse(notice("Click", {"link": "https://example.com/b", **stamp}), NOW)
    assert one.key != two.key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "[]",
        "null",
        "{}",
        '{"eventType": "Bounce"}',
        '{"eventType": "Bounce", "mail": []}',
        '{"eventType": 7, "mail": {"messageId": "x"}}',
        '{"eventType": "Bounce", "mail": {"messageId": 7}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_event_says_so(text: str) -> None:
    with pytest.raises(NotAnEvent):
        ses_event.parse(text, NOW)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_nothing_a_stranger_sends_breaks_the_parser(junk: Any) -> None:
    for text in (json.dumps(junk), notice("Bounce", {"bouncedRecipients": junk, "timestamp": junk}, tags=junk)):
        try:
            ses_event.parse(text, NOW)
        except NotAnEvent:
            continue


def test_nobody_elses_address_is_kept_with_an_event() -> None:
    """A mail of another application may have had many recipients."""
    many = [{"emailAddress": f"p{n}@example.net"} for n in range(50)]
    text = notice("Bounce", {"bounceType": "Permanent", "bouncedRecipients": many, "feedbackId": "f"})
    events = ses_event.parse(text, NOW)
    assert [event.recipient for event in events] == [one["emailAddress"] for one in many]
    assert [event.raw.count("@example.net") for event in events] == [1] * 50
    assert all(event.recipient and event.recipient in event.raw for event in events)
