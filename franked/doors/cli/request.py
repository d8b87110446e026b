"""`franked request`: where the request to AWS stands, sending it, and what is written down about it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from franked.doors.cli.access import out
from franked.doors.cli.client import client
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute

PATH, NOTES, QUOTA = "/v1/access/request", "/v1/access/notes", "/v1/access/quota"


def show(config: Path | None, *, as_json: bool) -> int:
    """1: it may not go now, and was not granted either."""

    def shown() -> int:
        told = client(config).call("GET", PATH)
        out(told, _standing(told), as_json=as_json)
        return 0 if told["stage"] == "granted" or not told["objections"] else 1

    return said(shown)


def send(config: Path | None, by: str, *, yes: bool, as_json: bool) -> int:
    """1: it was not sent."""

    def sent() -> int:
        known = client(config)
        told = known.call("GET", PATH)
        if told["objections"]:
            out(told, _standing(told), as_json=as_json)
            return 1
        if not yes:
            out(None, _preview(told["fields"]), as_json=False)
            if not typer.confirm("Is this true, and shall it be sent to AWS?", err=True):
                return 1
        told = known.call("POST", PATH, {"by": by, "digest": told["digest"]})
        out(told, _standing(told), as_json=as_json)
        return 0

    return said(sent)


def note(config: Path | None, what: str, text: str, by: str) -> int:
    def noted() -> int:
        line = client(config).call("POST", NOTES, {"what": what, "by": by, "text": text})
        out(line, iter([_line(line)]), as_json=False)
        return 0

    return said(noted)


def quota(config: Path | None, name: str, value: float, *, as_json: bool) -> int:
    def raised() -> int:
        told = client(config).call("POST", QUOTA, {"name": name, "value": value})
        out(told, iter([f"{told['name']}: {told['value']:g} asked for, {told['status']}"]), as_json=as_json)
        return 0

    return said(raised)


def _preview(fields: Mapping[str, Any]) -> Iterator[str]:
    yield f"Mail type: {fields['mail_type']}"
    yield f"Website: {fields['website']}"
    yield f"Contacts: {', '.join(fields['contacts'])} ({fields['language']})"
    yield ""
    yield fields["use_case"]
    yield ""


def _standing(told: Mapping[str, Any]) -> Iterator[str]:
    state = told["state"] or "never asked"
    case = f", case {told['case_id']}" if told["case_id"] else ""
    yield f"{state}{case}"
    if told["hours"] is not None:
        yield f"Sent {minute(told['asked_at'])}, {told['hours']:g} hours ago. AWS says no time, and neither do we."
    yield from (f"Not now: {one}" for one in told["objections"])
    if told["stage"] == "ready" and not told["objections"]:
        yield "Nothing speaks against it: franked request send --by NAME"
    for point in told["after_approval"]:
        yield f"{'[ ]' if point['open'] else '[x]'} {point['name']}"
        yield from (f"    {one}" for one in point["open"])
    yield from told["escalation"]
    yield from map(_line, told["log"])


def _line(one: Mapping[str, Any]) -> str:
    text = f": {one['text']}" if one["text"] else ""
    return f"{minute(one['at'])} {one['what']}, by {one['by']}{text}"
