"""`franked send`: one mail, and what became of it."""

import getpass
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import Unusable, said, settings_for
from franked.doors.cli.timeline import timeline

WAIT = 10.0  # seconds for an outcome
_UNDER_WAY = {"queued", "sending", "sent"}


def send(
    to: str | None,
    me: bool,
    stream: str | None,
    var: Sequence[str],
    locale: str | None,
    config: Path | None,
    as_json: bool,
) -> int:
    def sent() -> int:
        if me == (to is not None):
            raise Unusable("say to whom: --to ADDRESS, or --me for a test mail to yourself")
        if to is not None and stream is None:
            raise Unusable("say which: --stream NAME, one of franked.toml's")
        given = variables_of(var)
        franked = client(config)
        draft = _draft(to, stream or "", given) if to else _test(_myself(config), stream, given, franked)
        return _send(draft | ({"locale": locale} if locale else {}), franked, as_json)

    return said(sent)


def _draft(to: str, stream: str, variables: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    trigger = {"act": "franked send", "by": getpass.getuser(), "at": now}
    return {"stream": stream, "to": to, "variables": variables, "trigger": trigger}


def _myself(config: Path | None) -> str:
    found = settings_for(config)
    admins = found.settings.sender.admins
    if not admins:
        why = f"{found.file}: [sender] admins names nobody, so nobody is `me`"
        raise Unusable(f"{why}: name an address there, or say --to")
    return admins[0].spelled


def _test(to: str, stream: str | None, given: dict[str, str], franked: Client) -> dict[str, Any]:
    """What a template needs and nobody said is a sample."""
    streams = franked.call("GET", "/v1/streams")
    chosen = next((one for one in streams if stream in {None, one["name"]}), None)
    if chosen is None:
        raise Unusable(f"there is no stream {stream!r}; there are: {', '.join(one['name'] for one in streams)}")
    variables = chosen["sample"] | given
    draft = _draft(to, chosen["name"], variables)
    own = {"subject": f"A test mail of {chosen['name']}", "text": chosen["purpose"]}
    return draft | ({"content": own} if chosen["content"] == "inline" else {})


def variables_of(var: Sequence[str]) -> dict[str, str]:
    return dict(_pair(text) for text in var)


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
        out = Console(emoji=False, highlight=False)
        out.print(timeline(story))
        if story["hint"]:
            out.print(Text(story["hint"]), soft_wrap=True)
    return 0 if story["state"] not in {"held", "dropped", "refused", "dead"} else 1


def _followed(message_id: str, franked: Client) -> Any:
    """The story once it has an outcome, or as it stands after a while."""
    ends = time.monotonic() + WAIT
    while True:
        story = franked.call("GET", f"/v1/messages/{message_id}")
        if story["state"] not in _UNDER_WAY or time.monotonic() > ends:
            return story
        time.sleep(0.2)
