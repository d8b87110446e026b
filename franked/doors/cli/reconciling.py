"""`franked suppressions reconcile` and `import --from-ses`: Franked does it, the command looks on."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import said
from franked.doors.cli.timeline import minute

PATH = "/v1/suppressions/reconcile"
LOOK_EVERY = 0.5  # seconds
PAGE = 1000
MOST_SHOWN = 50
_BUSY = {"comparing", "calling"}


def reconcile(only_look: bool, config: Path | None, as_json: bool) -> int:
    return said(lambda: _reconcile(only_look, client(config), as_json))


def import_from_ses(config: Path | None, as_json: bool) -> int:
    return said(lambda: _import(client(config), as_json))


def _reconcile(only_look: bool, franked: Client, as_json: bool) -> int:
    told = franked.call("GET", PATH) if only_look else _followed(franked, _BUSY)
    conflicts = list(_conflicts(franked))
    if as_json:
        print(msgspec.json.encode({**told, "conflicting": conflicts}).decode())  # noqa: T201
    else:
        _show(told, conflicts)
    return 1 if told["trouble"] else 0


def _import(franked: Client, as_json: bool) -> int:
    """To the end of SES's list; what is to be put there goes on by itself."""
    told = _followed(franked, {"comparing"})
    figures = told["figures"]
    if as_json:
        print(msgspec.json.encode({"added": figures["taken"], "listed": figures["listed"]}).decode())  # noqa: T201
    else:
        already = figures["listed"] - figures["taken"]
        _say(f"{figures['taken']} added from SES's list, {already} on the list already (source: SES's list)")
    return 1 if told["trouble"] else 0


def _followed(franked: Client, busy: set[str]) -> dict[str, Any]:
    told: dict[str, Any] = franked.call("POST", PATH)
    aside = Console(stderr=True)
    with aside.status("Comparing", spinner="dots") if aside.is_terminal else _Silent() as status:
        while told["state"] in busy and not told["trouble"]:
            time.sleep(LOOK_EVERY)
            told = franked.call("GET", PATH)
            status.update(_how_far(told))
    return told


class _Silent:
    """Where nobody watches."""

    def __enter__(self) -> "_Silent":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, status: str) -> None:
        pass


def _how_far(told: Mapping[str, Any]) -> str:
    figures = told["figures"]
    if told["state"] == "comparing":
        return f"Comparing: {figures['listed']} of SES's, {figures['looked_at']} of ours"
    return f"{_left(told)} to go, about {_span(_left(told))}: Ctrl-C only looks away"


def _left(told: Mapping[str, Any]) -> int:
    return int(told["to_put"] + told["to_remove"])


def _span(seconds: int) -> str:
    """At a call a second."""
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"


def _conflicts(franked: Client) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        page = franked.call("GET", f"/v1/suppressions/conflicts?{urlencode({'limit': PAGE, 'after': after})}")
        yield from page["conflicts"]
        after = page["next"]


def _show(told: Mapping[str, Any], conflicts: list[dict[str, Any]]) -> None:
    for line in _lines(told):
        _say(line)
    if not conflicts:
        return
    table = Table(title=f"What the lists do not agree on ({len(conflicts)})", title_justify="left")
    for column in ("address", "what", "seen"):
        table.add_column(column, no_wrap=True)
    table.add_column("said", overflow="fold")
    for one in conflicts[:MOST_SHOWN]:
        table.add_row(*map(Text, (one["address"], one["conflict"], minute(one["at"]), one["said"])))
    Console(emoji=False, highlight=False).print(table)
    if len(conflicts) > MOST_SHOWN:
        _say(f"… and {len(conflicts) - MOST_SHOWN} more: --json has all")


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    if told["state"] == "off":
        yield "SES's list is left alone: [suppression] at_ses is false."
        return
    figures = told["figures"]
    yield (
        f"SES's list: {figures['listed']} entries, {figures['taken']} of them new to ours. "
        f"Ours: {figures['looked_at']} that belong there; {figures['put']} put, {figures['removed']} removed, "
        f"{figures['refused']} refused."
    )
    if told["state"] == "deferred":
        yield f"{told['to_put']} wait: in the sandbox SES takes nothing onto its list; they are put once it is left."
    elif _left(told):
        yield f"{_left(told)} calls are to be made, one a second: about {_span(_left(told))}."
    elif told["state"] == "comparing":
        yield "The comparing is under way."
    if told["is_on"] is False:
        yield "SES's list is switched off: say at_ses = true in [suppression] of franked.toml."
    for name in told["open_sets"]:
        yield f"The configuration set {name} suppresses nothing at SES: mail by it is stopped by our list only."
    if told["trouble"]:
        yield f"SES can't be asked: {told['trouble']}"


def _say(sentence: str) -> None:
    Console(emoji=False, highlight=False, soft_wrap=True, markup=False).print(sentence)
