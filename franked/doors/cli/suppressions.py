"""`franked suppressions`: who must not be mailed, through the Franked that runs."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import Unusable, said
from franked.formats.sheet import bare

PAGE = 1000
AT_ONCE = 1000  # addresses in one request of an import
COLUMN = "address"

Numbered = tuple[int, str]  # a line of the file, and the address in it


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
    console = Console(highlight=False)
    if not found:
        console.print("No such address is on the list.")
        return
    table = Table()
    for column in ("address", "why", "since", "until"):
        table.add_column(column, no_wrap=True)
    table.add_column("source", overflow="fold")
    for one in found:
        until = _minute(one["until"]) if one["until"] else ""
        table.add_row(*map(Text, (one["address"], one["why"], _minute(one["at"]), until, one["source"])))
    console.print(table)


def _minute(time: str) -> str:
    return f"{time[:10]} {time[11:16]}Z"


def add(address: str, why: str, until: str | None, config: Path | None) -> int:
    asked = {"address": address, "reason": why} | ({"until": until} if until else {})
    return said(lambda: _add(asked, client(config)))


def _add(asked: dict[str, str], franked: Client) -> int:
    answer = franked.call("POST", "/v1/suppressions", asked)
    standing = answer["suppression"]
    if answer["result"] == "already":
        _say(f"{standing['address']} was on the list already: {standing['why']}, {standing['source']}")
    else:
        ends = f" until {_minute(standing['until'])}" if standing["until"] else ""
        _say(f"{standing['address']} is not mailed any more{ends}")
    return 0


def lift(address: str, why: str, config: Path | None) -> int:
    return said(lambda: _lift(address, why, client(config)))


def _lift(address: str, why: str, franked: Client) -> int:
    answer = franked.call("DELETE", f"/v1/suppressions/{quote(address, safe='')}?{urlencode({'why': why})}")
    lifted = answer["lifted"]
    _say(f"{lifted['address']} may be mailed again; it was on the list since {_minute(lifted['at'])}: {lifted['why']}")
    if answer["note"]:
        _say(answer["note"])
    return 0


def import_file(file: Path, source: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: _import(_addresses(file), source, client(config), as_json))


def _addresses(file: Path) -> list[Numbered]:
    try:
        lines = file.read_text("utf-8-sig").splitlines()
        found = list(_of_sheet(lines) if COLUMN in _cells(lines[:1]) else enumerate(lines, 1))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unusable(f"{file} can't be read: {error}") from error
    return [(line, address.strip()) for line, address in found if address.strip()]


def _cells(head: Sequence[str]) -> list[str]:
    return [cell.strip().casefold() for cell in next(csv.reader(head), [])]


def _of_sheet(lines: Sequence[str]) -> Iterator[Numbered]:
    place = _cells(lines).index(COLUMN)
    rows = csv.reader(f"{line}\n" for line in lines)
    for number, row in enumerate(rows):
        if number and row:
            yield rows.line_num, bare(row[place]) if place < len(row) else ""


def _import(addresses: Sequence[Numbered], source: str, franked: Client, as_json: bool) -> int:
    """Exit status 1 when one of them is no address."""
    if not addresses:
        raise Unusable("there is no address in the file")
    counted = dict.fromkeys(("added", "already", "invalid"), 0)
    wrong: list[dict[str, Any]] = []
    aside = Console(stderr=True)
    for some in track(_slices(addresses), "Importing", console=aside, transient=True, disable=not aside.is_terminal):
        answer = franked.call(
            "POST", "/v1/suppressions/import", {"source": source, "addresses": [address for _, address in some]}
        )
        counted = {name: number + answer[name] for name, number in counted.items()}
        for (line, _), one in zip(some, answer["results"], strict=True):
            if one["result"] == "invalid":
                wrong.append({"line": line, "address": one["address"], "why": one["why"]})
    _tell_import(counted, wrong, as_json)
    return 1 if wrong else 0


def _slices(addresses: Sequence[Numbered]) -> list[Sequence[Numbered]]:
    return [addresses[start : start + AT_ONCE] for start in range(0, len(addresses), AT_ONCE)]


def _tell_import(counted: dict[str, int], wrong: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode({**counted, "wrong": wrong}).decode())  # noqa: T201
        return
    for one in wrong:
        _say(f"line {one['line']}: {one['address'][:100]!r}: {one['why']}")
    _say(f"{counted['added']} added, {counted['already']} on the list already, {counted['invalid']} invalid")


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
    Console(highlight=False, soft_wrap=True, markup=False).print(sentence)
