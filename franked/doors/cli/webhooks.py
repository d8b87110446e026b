"""`franked webhooks`: who is told what, through the Franked that runs."""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute
from franked.rules.stream import parse_span
from franked.rules.webhook import MARK

SECRET_BYTES = 32


def list_webhooks(config: Path | None, as_json: bool) -> int:
    return said(lambda: _list(client(config), as_json))


def _list(franked: Client, as_json: bool) -> int:
    found = franked.call("GET", "/v1/webhooks")
    if as_json:
        print(msgspec.json.encode({"webhooks": found}).decode())  # noqa: T201
    else:
        _show(found)
    return 1 if any(one["failing_since"] or one["disabled_at"] for one in found) else 0


def _show(found: Sequence[dict[str, Any]]) -> None:
    console = Console(emoji=False, highlight=False)
    if not found:
        console.print("Nobody is told: franked.toml has no [webhooks.NAME].")
        return
    table = Table()
    for column in ("name", "told", "waiting", "given up"):
        table.add_column(column, no_wrap=True)
    for column in ("url", "state"):
        table.add_column(column, overflow="fold")
    for one in found:
        figures = (str(one[column]) for column in ("told", "waiting", "given_up"))
        table.add_row(*map(Text, (one["name"], *figures, one["url"], _state(one))))
    console.print(table)


def _state(one: dict[str, Any]) -> str:
    if one["disabled_at"]:
        return f"disabled since {minute(one['disabled_at'])}: {one['why']}"
    if one["failing_since"]:
        return f"fails since {minute(one['failing_since'])}: {one['why']}"
    return f"took one at {minute(one['told_at'])}" if one["told_at"] else "nothing told yet"


def try_out(name: str, config: Path | None) -> int:
    def ask() -> int:
        answer = client(config).call("POST", _path(name, "test"))
        _say(f"{name}: it answered {answer['status']}" if answer["told"] else f"{name}: {answer['why']}")
        return 0 if answer["told"] else 1

    return said(ask)


def replay(name: str, since: str, config: Path | None) -> int:
    def ask() -> int:
        answer = client(config).call("POST", _path(name, "replay"), {"since": _moment(since)})
        _say(f"{name}: {answer['replayed']} go again")
        return 0

    return said(ask)


def _moment(since: str) -> str:
    """Before now, where a span was said."""
    span = parse_span(since)
    return (datetime.now(UTC) - span).isoformat() if span else since


def enable(name: str, config: Path | None) -> int:
    def ask() -> int:
        answer = client(config).call("POST", _path(name, "enable"))
        what = f"it is called again; {answer['waiting']} wait" if answer["enabled"] else "it was not disabled"
        _say(f"{name}: {what}")
        return 0

    return said(ask)


def make_secret() -> int:
    print(MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode())  # noqa: T201
    return 0


def _path(name: str, verb: str) -> str:
    return f"/v1/webhooks/{quote(name, safe='')}/{verb}"


def _say(sentence: str) -> None:
    Console(emoji=False, highlight=False, soft_wrap=True, markup=False).print(sentence)
