"""A file's addresses are brought in, with their source: what became of each is said."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import track

from franked.doors.cli.client import Client
from franked.doors.cli.start import Unusable
from franked.formats.sheet import bare

AT_ONCE = 1000  # addresses in one request
COLUMN = "address"

Numbered = tuple[int, str]  # a line of the file, and the address in it


@dataclass(frozen=True, slots=True)
class Room:
    """Where they are brought, and what its results are in words."""

    path: str
    words: Mapping[str, str]


def import_addresses(file: Path, source: str, room: Room, franked: Client, as_json: bool) -> int:
    """Exit status 1 when one of them is no address."""
    addresses = addresses_in(file)
    if not addresses:
        raise Unusable(f"there is no address in {file}")
    counted = dict.fromkeys(room.words, 0)
    wrong: list[dict[str, Any]] = []
    aside = Console(stderr=True)
    for some in track(_slices(addresses), "Importing", console=aside, transient=True, disable=not aside.is_terminal):
        answer = franked.call("POST", room.path, {"source": source, "addresses": [address for _, address in some]})
        counted = {name: number + answer[name] for name, number in counted.items()}
        for (line, _), one in zip(some, answer["results"], strict=True):
            if one["result"] == "invalid":
                wrong.append({"line": line, "address": one["address"], "why": one["why"]})
    _tell(counted, wrong, room, as_json)
    return 1 if wrong else 0


def addresses_in(file: Path) -> list[Numbered]:
    """One per line, or a sheet's column `address`."""
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


def _slices(addresses: Sequence[Numbered]) -> list[Sequence[Numbered]]:
    return [addresses[start : start + AT_ONCE] for start in range(0, len(addresses), AT_ONCE)]


def _tell(counted: Mapping[str, int], wrong: Sequence[Mapping[str, Any]], room: Room, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode({**counted, "wrong": wrong}).decode())  # noqa: T201
        return
    out = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    for one in wrong:
        out.print(f"line {one['line']}: {one['address'][:100]!r}: {one['why']}")
    out.print(", ".join(f"{counted[name]} {words}" for name, words in room.words.items()))
