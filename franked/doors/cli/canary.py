"""`franked canary`: do bounces and complaints come back, through the Franked that runs."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute

_LOOKS = 0.5  # seconds between two
_STEPS = {
    "begun": "its mails are accepted",
    "sent": "two mails are out to SES's mailbox simulator",
    "heard": "a bounce and a complaint have come back",
    "suppressed": "both addresses are suppressed",
    "passed": "a second mail to each was dropped",
    "failed": "it has not come back",
}


def canary(config: Path | None, *, run: bool, as_json: bool) -> int:
    return said(lambda: _canary(client(config), run=run, as_json=as_json))


def _canary(franked: Client, *, run: bool, as_json: bool) -> int:
    told = _flown(franked, quiet=as_json) if run else franked.call("GET", "/v1/canary")
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        _show(told)
    return 0 if told["proven"] and not _broken(told) else 1


def _flown(franked: Client, *, quiet: bool) -> dict[str, Any]:
    """Until the run that is under way has ended: Franked itself gives it up in time."""
    console = Console(stderr=True, quiet=quiet, highlight=False)
    told: dict[str, Any] = franked.call("POST", "/v1/canary/run")
    with console.status("The canary flies …") as status:
        while told["current"]:
            status.update(f"{_STEPS[told['current']['step']]} …")
            time.sleep(_LOOKS)
            told = franked.call("GET", "/v1/canary")
    return told


def _show(told: dict[str, Any]) -> None:
    out = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    for line in _lines(told):
        out.print(line)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield told["says"]
    for finding in (told["last"] or {}).get("findings", []):
        yield f"  {finding['fault']}: {finding['way_out']}"
    if current := told["current"]:
        yield f"Under way since {minute(current['began_at'])}: {_STEPS[current['step']]}."
    if told["enabled"] and not told["proven"]:
        yield "First mails to an address wait, urgent ones aside; they go by themselves once it has passed."
    if not told["enabled"]:
        yield "[canary] enabled is false: it flies only when asked, and holds nothing."
    elif told["next_at"] and not told["current"]:
        yield f"It flies again {minute(told['next_at'])}."


def _broken(told: dict[str, Any]) -> bool:
    return bool(told["last"]) and bool(told["last"]["findings"])
