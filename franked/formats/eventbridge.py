"""EventBridge's envelope of what SES says: the same events as by SNS, and a few words about the account.

https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html
Its delivery is best effort, by the default bus only: a rule for the source `aws.ses` brings it to a queue or a topic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

SOURCE = "aws.ses"
SENDING_STOPPED = "Sending Status Disabled"
SENDING_RESUMED = "Sending Status Enabled"
_LONGEST = 300
_NAMES = {  # detail-type → eventType, should the detail not say it itself
    "Email Sent": "Send",
    "Email Delivered": "Delivery",
    "Email Bounced": "Bounce",
    "Email Complaint Received": "Complaint",
    "Email Rejected": "Reject",
    "Email Opened": "Open",
    "Email Clicked": "Click",
    "Email Rendering Failed": "Rendering Failure",
    "Email Delivery Delayed": "DeliveryDelay",
    "Email Subscribed": "Subscription",
}


@dataclass(frozen=True, slots=True)
class Bridged:
    """`kind`: the detail-type. `event`: SES's JSON about a mail; None: this is about the account, or what SES added
    since. `about`: the resources it names, for people."""

    kind: str
    event: str | None
    about: str


def bridged(found: object) -> Bridged | None:
    """None: no event of SES by EventBridge."""
    if not isinstance(found, dict) or found.get("source") != SOURCE:
        return None
    kind, detail = found.get("detail-type"), found.get("detail")
    if not isinstance(detail, dict):
        return None
    kind = kind[:_LONGEST] if isinstance(kind, str) else ""
    return Bridged(kind, _event(kind, detail), _about(found.get("resources")))


def read(text: str) -> Bridged | None:
    """Of a text that is not yet parsed."""
    try:
        return bridged(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


def _event(kind: str, detail: Mapping[str, Any]) -> str | None:
    """It is a mail's where it says so itself, or by its detail-type."""
    if not isinstance(detail.get("mail"), dict):
        return None
    said = detail.get("eventType") or detail.get("notificationType")
    name = said if isinstance(said, str) else _NAMES.get(kind)
    return msgspec.json.encode({"eventType": name, **detail}).decode() if name else None


def _about(resources: object) -> str:
    named = [one for one in resources if isinstance(one, str)] if isinstance(resources, list) else []
    return ", ".join(named)[:_LONGEST]
