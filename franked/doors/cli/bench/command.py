"""`franked bench`: what a mail costs on this machine, as ratios within one run."""

import sys
from dataclasses import asdict
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from franked.doors.cli.bench.bars import Bar
from franked.doors.cli.bench.measure import Measured, measured
from franked.doors.cli.bench.place import ground
from franked.doors.cli.hosting import run
from franked.doors.cli.start import said


def bench(data: Path | None, rounds: int, as_json: bool) -> int:
    return said(lambda: _bench((data or Path.cwd()).absolute(), rounds, as_json))


def _bench(where: Path, rounds: int, as_json: bool) -> int:
    with ground(where) as (folder, disk):
        console = Console(stderr=True, emoji=False, highlight=False)
        found = run(lambda: measured(folder, disk, rounds, lambda word: console.print(f"{word} …")))
    if as_json:
        sys.stdout.write(msgspec.json.encode(asdict(found)).decode() + "\n")
    else:
        _show(found)
    return 0


def _show(found: Measured) -> None:
    out = Console(emoji=False, highlight=False)
    table = Table()
    for column in ("bar", "ratio", "least", "most", "ours", "against"):
        table.add_column(column, no_wrap=True)
    for name, bar in found.bars.items():
        table.add_row(name, *_cells(bar))
    out.print(table)
    out.print(f"{found.rounds} rounds in turn; {found.disk.file_system}, one fsync {found.disk.fsync_ms} ms")


def _cells(bar: Bar) -> tuple[str, ...]:
    ratios = (bar.ratio, bar.min, bar.max)
    return (*(f"{ratio:.2f}" for ratio in ratios), f"{bar.absolute:,.0f}/s", f"{bar.against:,.0f}/s")
