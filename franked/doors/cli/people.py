"""`franked people` and `franked why`: what is known of an address or a message, through the Franked that runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.importing import Room, import_addresses
from franked.doors.cli.reasons import show_reasons
from franked.doors.cli.start import Unusable, said
from franked.doors.cli.timeline import minute, timeline

_WORDS = {"added": "added", "known": "known before", "erased": "erased", "invalid": "invalid"}
ROOM = Room("/v1/people/import", _WORDS)


def import_file(file: Path, source: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: import_addresses(file, source, ROOM, client(config), as_json))


def export(address: str, out: Path | None, config: Path | None) -> int:
    return said(lambda: _export(address, out, client(config)))


def _export(address: str, out: Path | None, franked: Client) -> int:
    found = franked.call("GET", f"/v1/people/{quote(address, safe='')}/export")
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    if out is None:
        print(text)  # noqa: T201
        return 0
    try:
        out.touch(mode=0o600)  # it is a person's
        out.write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise Unusable(f"{out} can't be written: {error.strerror}") from error
    return 0


def erase(address: str, why: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: _erase(address, why, client(config), as_json))


def _erase(address: str, why: str, franked: Client, as_json: bool) -> int:
    done = franked.call("DELETE", f"/v1/people/{quote(address, safe='')}?{urlencode({'why': why})}")
    if as_json:
        print(msgspec.json.encode(done).decode())  # noqa: T201
    else:
        Console(emoji=False, highlight=False, soft_wrap=True, markup=False).print(
            f"Erased: {done['messages']} messages ({done['dropped']} of them still waited), {done['events']} events. "
            f"{done['stands_as']} stays on the list of suppressions, so that the address is not mailed again."
        )
    return 0


def why(what: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: _why(what.strip(), client(config), as_json))


def _why(what: str, franked: Client, as_json: bool) -> int:
    path = "people" if "@" in what else "messages"
    told = franked.call("GET", f"/v1/{path}/{quote(what, safe='')}")
    if path == "people":
        told |= {"why": franked.call("GET", f"/v1/people/{quote(what, safe='')}/why")}
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
    elif path == "people":
        _show_person(told)
    else:
        _show_message(told)
    return 0


def _show_message(story: dict[str, Any]) -> None:
    out = Console(emoji=False, highlight=False)
    out.print(timeline(story))
    if story["hint"]:
        out.print(Text(story["hint"]), soft_wrap=True)


def _show_person(person: dict[str, Any]) -> None:
    out = Console(emoji=False, highlight=False)
    show_reasons(person["why"], out)
    for line in ("", person["address"], *_origin(person["origin"]), *_suppression(person["suppression"])):
        out.print(Text(line), soft_wrap=True)
    table = Table(title="A mail to this address, now", title_justify="left")
    for column in ("stream", "would be"):
        table.add_column(column, no_wrap=True)
    table.add_column("why", overflow="fold")
    for (state, reason, hint), streams in _alike(person["mail"]).items():
        table.add_row(*map(Text, ("\n".join(streams), f"{state} ({reason})" if reason else state, hint or "")))
    out.print(table)


def _alike(mail: Sequence[dict[str, Any]]) -> dict[tuple[str, str | None, str | None], list[str]]:
    """The streams by what would become of their mail."""
    streams: dict[tuple[str, str | None, str | None], list[str]] = {}
    for one in mail:
        streams.setdefault((one["state"], one["reason"], one["hint"]), []).append(one["stream"])
    return streams


def _origin(origin: dict[str, Any] | None) -> Iterator[str]:
    if origin is None:
        yield "Origin: Franked has never heard of it."
        return
    since, trigger = minute(origin["first_seen"]), origin["trigger"]
    if origin["source"]:
        yield f"Origin: imported on {since} by {origin['key']}: {origin['source']}"
    else:
        act = f"{trigger['act']} by {trigger['by']}" if trigger else "no act needed"
        yield f"Origin: first mailed on {since}, {origin['stream']}: {act} (key {origin['key']}, {origin['message']})"


def _suppression(suppression: dict[str, Any] | None) -> Iterator[str]:
    if suppression is None:
        yield "It is not on the list of suppressions."
    else:
        until = f" until {minute(suppression['until'])}" if suppression["until"] else ""
        yield f"Not mailed since {minute(suppression['at'])}{until}: {suppression['why']}, {suppression['source']}"
