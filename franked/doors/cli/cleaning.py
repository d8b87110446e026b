"""`franked people clean`: whom the lists might do without. A person decides, and says why."""

from collections import Counter
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
from franked.doors.cli.importing import addresses_in, import_addresses
from franked.doors.cli.start import Unusable, said
from franked.doors.cli.suppressions import ROOM
from franked.doors.cli.timeline import minute

PAGE = 500
MOST_SHOWN = 200
_WORDS = {
    "soft_bounces": "bounced softly again and again",
    "never_confirmed": "never confirmed",
    "not_mailed": "not mailed for so long",
    "not_delivered": "mailed, and not reached for so long",
}


def clean(months: int, config: Path | None, as_json: bool) -> int:
    return said(lambda: _clean(months, client(config), as_json))


def suppress_all(file: Path, why: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: import_addresses(file, f"list cleaning: {why}", ROOM, client(config), as_json))


def erase_all(file: Path, why: str, config: Path | None, as_json: bool) -> int:
    return said(lambda: _erase_all(file, why, client(config), as_json))


def _clean(months: int, franked: Client, as_json: bool) -> int:
    looked_at, found = _proposed(months, franked)
    counts = Counter(reason for one in found for reason in one["reasons"])
    figures = {reason: counts[reason] for reason in _WORDS}
    if as_json:
        told = {"looked_at": looked_at, "proposed": len(found), "reasons": figures, "people": found}
        print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        _show(found, looked_at, figures)
    return 0


def _proposed(months: int, franked: Client) -> tuple[int, list[dict[str, Any]]]:
    looked_at, found = 0, []
    for page in _pages(months, franked):
        looked_at += page["looked_at"]
        found += page["people"]
    return looked_at, found


def _pages(months: int, franked: Client) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        page = franked.call("GET", f"/v1/people/stale?{urlencode({'months': months, 'limit': PAGE, 'after': after})}")
        yield page
        after = page["next"]


def _show(found: Sequence[dict[str, Any]], looked_at: int, figures: dict[str, int]) -> None:
    out = Console(emoji=False, highlight=False)
    if found:
        table = Table()
        table.add_column("address", no_wrap=True)
        table.add_column("why", overflow="fold")
        for column in ("known since", "mailed", "reached"):
            table.add_column(column, no_wrap=True)
        for one in found[:MOST_SHOWN]:
            times = [minute(one[name]) if one[name] else "never" for name in _TIMES]
            table.add_row(*map(Text, (one["address"], "; ".join(_WORDS[reason] for reason in one["reasons"]), *times)))
        out.print(table)
    if len(found) > MOST_SHOWN:
        _say(f"… and {len(found) - MOST_SHOWN} more: --json has all")
    counts = ", ".join(f"{number} {_WORDS[reason]}" for reason, number in figures.items() if number)
    _say(f"{len(found)} of {looked_at} addresses are proposed{f': {counts}' if counts else ''}. Nothing was changed.")


_TIMES = ("first_seen", "last_mailed", "last_delivered")


def _erase_all(file: Path, why: str, franked: Client, as_json: bool) -> int:
    """Each by the same route as a single one."""
    addresses = addresses_in(file)
    if not addresses:
        raise Unusable(f"there is no address in {file}")
    aside, done = Console(stderr=True), 0
    wrong: list[dict[str, Any]] = []
    for line, address in track(addresses, "Erasing", console=aside, transient=True, disable=not aside.is_terminal):
        try:
            franked.call("DELETE", f"/v1/people/{quote(address, safe='')}?{urlencode({'why': why})}")
            done += 1
        except Unusable as error:
            wrong.append({"line": line, "address": address, "why": str(error)})
    if as_json:
        print(msgspec.json.encode({"erased": done, "wrong": wrong}).decode())  # noqa: T201
    else:
        for one in wrong:
            _say(f"line {one['line']}: {one['address'][:100]!r}: {one['why']}")
        _say(f"{done} erased")
    return 1 if wrong else 0


def _say(sentence: str) -> None:
    Console(emoji=False, highlight=False, soft_wrap=True, markup=False).print(sentence)
