"""`franked dead`: mail that only a person moves on, through the Franked that runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from franked.doors.cli.client import Client, client
from franked.doors.cli.start import Unusable, said
from franked.doors.cli.timeline import minute

PAGE = 200
_TITLES = {
    "dead": "Dead: all tries are used up. `franked dead replay` sends them again",
    "unknown_outcome": "Held: nobody knows whether they arrived. `franked dead release` sends them again",
}


def list_dead(config: Path | None, as_json: bool) -> int:
    return said(lambda: _list(client(config), as_json))


def _list(franked: Client, as_json: bool) -> int:
    found = {stop: list(_stopped(franked, stop)) for stop in _TITLES}
    if as_json:
        print(msgspec.json.encode(found).decode())  # noqa: T201
    else:
        _show(found)
    return 1 if any(found.values()) else 0


def _stopped(franked: Client, stop: str) -> Iterator[dict[str, Any]]:
    """Page by page."""
    after: str | None = ""
    while after is not None:
        page = franked.call("GET", f"/v1/dead?stop={stop}&limit={PAGE}&after={quote(after)}")
        yield from page["messages"]
        after = page["next"]


def _show(found: dict[str, list[dict[str, Any]]]) -> None:
    console = Console(emoji=False, highlight=False)
    for stop, messages in found.items():
        if messages:
            console.print(_table(_TITLES[stop], messages))
    if not any(found.values()):
        console.print("Nothing is dead, and no mail waits for a person.")


def _table(title: str, messages: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("id", "stream", "to", "since"):
        table.add_column(column, no_wrap=True)
    table.add_column("why", overflow="fold")
    for one in messages:
        why = f"{one['why']}{_late(one)}"
        table.add_row(*map(Text, (one["id"], one["stream"], one["to"], minute(one["since"]), why)))
    return table


def _late(one: dict[str, Any]) -> str:
    """What a person who puts it back should know before."""
    return (
        f". Its time was over on {minute(one['useful_until'])}: it will be dropped, not sent" if one["expired"] else ""
    )


def replay(ids: Sequence[str], all_: bool, why: str, config: Path | None) -> int:
    return said(lambda: _replay(ids, all_, why, client(config)))


def _replay(ids: Sequence[str], all_: bool, why: str, franked: Client) -> int:
    """`--all` asks once: what dies again in the meantime is left."""
    if all_ == bool(ids):
        raise Unusable("say which: the ids of `franked dead`, or --all")
    chosen = [one["id"] for one in _stopped(franked, "dead")] if all_ else ids
    return _each(chosen, "replay", {"why": why} if why else None, franked)


def release(ids: Sequence[str], why: str, config: Path | None) -> int:
    return said(lambda: _each(ids, "release", {"why": why}, client(config)))


def _each(ids: Sequence[str], verb: str, body: object, franked: Client) -> int:
    """Exit status 1 when one of them could not be put back."""
    refused = 0
    console, aside = Console(emoji=False, highlight=False, soft_wrap=True, markup=False), Console(stderr=True)
    unseen = len(ids) < PAGE or not aside.is_terminal
    for one in track(ids, "Putting back", console=aside, transient=True, disable=unseen):
        try:
            answer = franked.call("POST", f"/v1/messages/{quote(one, safe='')}/{verb}", body)
        except Unusable as error:
            refused += 1
            console.print(f"{one}: {error}")
        else:
            console.print(f"{one}: {answer['state']}{_late(answer)}")
    return 1 if refused else 0
