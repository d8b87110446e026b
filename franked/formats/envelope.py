"""What a queue may wrap SES's JSON in: an SNS envelope, an EventBridge event, or nothing (raw delivery)."""

from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The SES JSON; `topic` is the SNS topic it came through, None without SNS."""

    text: str
    topic: str | None = None


def unwrap(body: str) -> Unwrapped:
    """Never fails: what is no envelope is taken as SES's own JSON, and the event parser says what it thinks of it."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return Unwrapped(body)
    if not isinstance(found, dict):
        return Unwrapped(body)
    topic, message, detail = found.get("TopicArn"), found.get("Message"), found.get("detail")
    if isinstance(topic, str) and isinstance(message, str):
        return Unwrapped(message, topic)
    if found.get("source") == "aws.ses" and isinstance(detail, dict):
        return Unwrapped(msgspec.json.encode(detail).decode())
    return Unwrapped(body)
