"""`franked report`: a day's figures as tables, through the Franked that runs."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from franked.doors.cli.client import client
from franked.doors.cli.start import Unusable, said

COUNTS = ("sent", "delivered", "bounced", "complained", "rejected")


def show(config: Path | None, day: str | None, as_json: bool) -> int:
    return said(lambda: _shown(config, day, as_json=as_json))


def _shown(config: Path | None, day: str | None, *, as_json: bool) -> int:
    told = client(config).call("GET", f"/v1/report{f'?day={quote(_day(day))}' if day else ''}")
    if as_json:
        print(msgspec.json.encode(told).decode())  # noqa: T201
        return 0
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    console.print(_streams(told))
    for line in _lines(told):
        console.print(line, markup=False)
    console.print(_trend(told))
    return 0


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise Unusable(f"{given!r} is no day such as 2026-03-04") from error


def _streams(told: Mapping[str, Any]) -> Table:
    table = Table(title=f"{told['day']} (UTC)", title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("stream", no_wrap=True)
    for name in ("sent", "delivered", "bounced", "spam", "rejected", "bounced", "spam"):
        table.add_column(name, justify="right")
    for row in told["streams"]:
        table.add_row(row["of"] or "mail of others", *_cells(row))
    table.add_row("all (estimate)", *_cells(told["total"]), style="bold")
    if told["aws"]:
        cells = list(_cells(told["aws"]))
        cells[1] = "–"  # of what was delivered SES keeps no count
        table.add_row("counted by AWS", *cells)
    return table


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{row[name]:,}" for name in COUNTS)
    yield from (_share(row[name]) for name in ("bounce_rate", "complaint_rate"))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    rates = told["aws_rates"]
    theirs = f"{_share(rates['bounce_rate'])} and {_share(rates['complaint_rate'])}" if rates else "nothing yet"
    yield f"AWS's own rates of bounces and complaints now: {theirs}"
    yield f"suppressions: {told['suppressed']:,} added, {told['imported']:,} imported, {told['lifted']:,} lifted"
    quota = f" of {told['quota']:,.0f}" if told["quota"] else ""
    yield f"dead letters now: {told['dead']:,}; quota used now: {told['quota_used']:,.0f}{quota}"
    because = f": {told['because']}" if told["because"] else ""
    yield f"the governor stands at {told['step'].replace('_', ' ')}{because}"
    for one in told["braked"]:
        done = f"; done: {one['action']}" if one["action"] else ""
        yield f"  {one['at'][11:16]} {one['what'].replace('_', ' ')}, by {one['by']}: {one['why']}{done}"
    for one in told["alarms"]:
        yield f"open alarm: {one}"


def _trend(told: Mapping[str, Any]) -> Table:
    table = Table(title="14 days", title_justify="left")
    table.add_column("day")
    for name in ("sent", "bounces", "complaints"):
        table.add_column(name, justify="right")
    for one in told["trend"]:
        table.add_row(one["day"], f"{one['sent']:,}", _share(one["bounce_rate"]), _share(one["complaint_rate"]))
    return table


def _share(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.3g} %"
