"""`franked send`: one mail, and what became of it."""

import getpass
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import Unusable, said
from franked.doors.cli.timeline import timeline

WAIT = 10.0  # seconds for an outcome
_UNDER_WAY = {"queued", "sending", "sent"}


def send(to: str, stream: str, var: Sequence[str], locale: str | None, config: Path | None, as_json: bool) -> int:
    return said(lambda: _send(_draft(to, stream, var, locale), client(config), as_json))


def _draft(to: str, stream: str, var: Sequence[str], locale: str | None) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    draft: dict[str, Any] = {
        "stream": stream,
        "to": to,
        "variables": dict(_pair(text) for text in var),
        "trigger": {"act": "franked send", "by": getpass.getuser(), "at": now},
    }
    return draft | ({"locale": locale} if locale else {})


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Unusable(f"--var {text!r} is not NAME=VALUE")
    return name, value


def _send(draft: dict[str, Any], franked: Client, as_json: bool) -> int:
    accepted = franked.call("POST", "/v1/messages", draft)
    story = _followed(accepted["id"], franked)
    if as_json:
        print(msgspec.json.encode(story).decode())  # noqa: T201
    else:
        Console(highlight=False).print(timeline(story))
    return 0 if story["state"] not in {"held", "dropped", "refused", "dead"} else 1


def _followed(message_id: str, franked: Client) -> Any:
    """The story once it has an outcome, or as it stands after a while."""
    ends = time.monotonic() + WAIT
    while True:
        story = franked.call("GET", f"/v1/messages/{message_id}")
        if story["state"] not in _UNDER_WAY or time.monotonic() > ends:
            return story
        time.sleep(0.2)
