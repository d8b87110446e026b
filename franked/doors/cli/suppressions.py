"""`franked suppressions`: who must not be mailed, through the Franked that runs."""

import sys
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
from franked.doors.cli.start import Unusable, said
from franked.doors.cli.timeline import minute

PAGE = 1000
ROOM = Room("/v1/suppressions/import", {"added": "added", "already": "on the list already", "invalid": "invalid"})


def list_suppressions(address: str | None, why: str | None, config: Path | None, as_json: bool) -> int:
    return said(lambda: _list({"address": address, "why": why}, client(config), as_json))


def _list(narrowed: dict[str, str | None], franked: Client, as_json: bool) -> int:
    found = _found({name: value for name, value in narrowed.items() if value is not None}, franked)
    if as_json:
        print(msgspec.json.encode({"suppressions": list(found)}).decode())  # noqa: T201
    else:
        _show(list(found))
    return 0


def _found(narrowed: dict[str, str], franked: Client) -> Iterator[dict[str, Any]]:
    """Page by page."""
    after: str | None = ""
    while after is not None:
        page = franked.call("GET", f"/v1/suppressions?{urlencode({**narrowed, 'limit': PAGE, 'after': after})}")
        yield from page["suppressions"]
        after = page["next"]


def _show(found: Sequence[dict[str, Any]]) -> None:
    console = Console(emoji=False, highlight=False)
    if not found:
        console.print("No such address is on the list.")
        return
    table = Table()
    for column in ("address", "why", "since", "until"):
        table.add_column(column, no_wrap=True)
    table.add_column("source", overflow="fold")
    for one in found:
        until = minute(one["until"]) if one["until"] else ""
        table.add_row(*map(Text, (one["address"], one["why"], minute(one["at"]), until, one["source"])))
    console.print(table)


def add(address: str, why: str, until: str | None, config: Path | None) -> int:
    asked = {"address": address, "reason": why} | ({"until": until} if until else {})
    return said(lambda: _add(asked, client(config)))


def _add(asked: dict[str, str], franked: Client) -> int:
    answer = franked.call("POST", "/v1/suppressions", asked)
    standing = answer["suppression"]
    if answer["result"] == "already":
        _say(f"{standing['address']} was on the list already: {standing['why']}, {standing['source']}")
    else:
        ends = f" until {minute(standing['until'])}" if standing["until"] else ""
        _say(f"{standing['address']} is not mailed any more{ends}")
    return 0


def lift(address: str, why: str, config: Path | None) -> int:
    return said(lambda: _lift(address, why, client(config)))


def _lift(address: str, why: str, franked: Client) -> int:
    answer = franked.call("DELETE", f"/v1/suppressions/{quote(address, safe='')}?{urlencode({'why': why})}")
    lifted = answer["lifted"]
    _say(f"{lifted['address']} may be mailed again; it was on the list since {minute(lifted['at'])}: {lifted['why']}")
    if answer["note"]:
        _say(answer["note"])
    return 0


def import_file(file: Path, source: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: import_addresses(file, source, ROOM, client(config), as_json))


def export(history: bool, config: Path | None) -> int:
    return said(lambda: _export("history" if history else "standing", client(config)))


def _export(of: str, franked: Client) -> int:
    try:
        with open(sys.stdout.fileno(), "wb", closefd=False) as out:
            out.writelines(franked.read("GET", f"/v1/suppressions/export?of={of}"))
    except OSError as error:
        raise Unusable(f"the export could not be written: {error}") from error
    return 0


def _say(sentence: str) -> None:
    Console(emoji=False, highlight=False, soft_wrap=True, markup=False).print(sentence)
