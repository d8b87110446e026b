"""What a queue may wrap SES's JSON in: an SNS envelope, an EventBridge event, one in the other, or nothing (raw
delivery)."""

from dataclasses import dataclass
from typing import Any

import msgspec

from franked.formats.eventbridge import Bridged, bridged, read


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The SES JSON; `topic` is the SNS topic it came through, None without SNS. `bridge`: EventBridge's envelope, where
    there was one."""

    text: str
    topic: str | None = None
    bridge: Bridged | None = None


def unwrap(body: str) -> Unwrapped:
    """Never fails: what is no envelope is taken as SES's own JSON, and the event parser says what it thinks of it."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return Unwrapped(body)
    if not isinstance(found, dict):
        return Unwrapped(body)
    topic, message = found.get("TopicArn"), found.get("Message")
    if isinstance(topic, str) and isinstance(message, str):
        return of_bridge(message, read(message), topic)
    return of_bridge(body, bridged(found))


def of_bridge(text: str, bridge: Bridged | None, topic: str | None = None) -> Unwrapped:
    """What is in EventBridge's envelope; the text itself where there is none."""
    return Unwrapped((bridge.event if bridge else None) or text, topic, bridge)
