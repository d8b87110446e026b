"""What was measured, as a table for people and as JSON for programs."""

import platform
from collections.abc import Sequence
from os import cpu_count
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.bars import Bar, Result, Side
from franked.doors.cli.bench.place import Disk

_WIDTH = 120
_COLUMNS = ("bar", "must", "aim", "measured", "least", "most", "ours", "theirs", "")


def show(results: Sequence[Result], rounds: int, disk: Disk) -> None:
    out = Console(highlight=False, soft_wrap=True)
    out.width = max(out.width, _WIDTH)  # a file has no width of its own
    table = Table()
    for name in _COLUMNS:
        table.add_column(name, no_wrap=True)
    for result in results:
        table.add_row(*row(result))
    out.print(table)
    for result in results:
        out.print(f"{result.bar.name}: {_sides(result)}")
    for note in dict.fromkeys(note for result in results for note in result.notes):
        out.print(note)
    out.print(f"{rounds} rounds in turn; {disk.file_system}, one fsync {disk.fsync_ms} ms; {_machine()}")


def row(result: Result) -> tuple[str, ...]:
    bar, measured = result.bar, result.measured
    return (
        bar.name,
        *(_asked(bar, line) for line in (bar.must, bar.aim)),
        *(_shown(bar, value) for value in (result.median, min(measured), max(measured))),
        *(_absolute(side.median, side.unit) if side else "" for side in (result.ours, result.theirs)),
        bar.reached(result.median),
    )


def as_json(results: Sequence[Result], rounds: int, disk: Disk) -> dict[str, Any]:
    """Bar → what was asked, measured (a ratio is a number, 0.4 for 40 %), and the absolute figures of both sides."""
    return {
        "bars": {result.bar.name: _told(result) for result in results},
        "disk": {"file_system": disk.file_system, "fsync_ms": disk.fsync_ms},
        "machine": _machine(),
        "rounds": rounds,
    }


def _told(result: Result) -> dict[str, Any]:
    bar = result.bar
    return {
        "must": bar.must,
        "aim": bar.aim,
        "unit": bar.unit,
        "at_most": bar.at_most,
        "reached": bar.reached(result.median),
        "measured": _spread(result.measured, result.median, 3),
        "ours": _side(result.ours),
        "theirs": _side(result.theirs) if result.theirs else None,
        "rounds": len(result.measured),
        "notes": result.notes,
    }


def _side(side: Side) -> dict[str, Any]:
    return {"who": side.who, "unit": side.unit, **_spread(side.values, side.median, 1)}


def _spread(values: Sequence[float], median: float, digits: int) -> dict[str, float]:
    spread = {"median": median, "min": min(values), "max": max(values)}
    return {name: round(value, digits) for name, value in spread.items()}


def _sides(result: Result) -> str:
    sides = [side for side in (result.ours, result.theirs) if side]
    return "; ".join(f"{side.who} {_absolute(side.median, side.unit)} ({_range(side)})" for side in sides)


def _range(side: Side) -> str:
    return f"{min(side.values):,.0f} to {max(side.values):,.0f}"


def _asked(bar: Bar, line: float | None) -> str:
    return "" if line is None else f"{'≤' if bar.at_most else ''}{_number(bar, line):g} {bar.unit}"


def _shown(bar: Bar, value: float) -> str:
    return f"{_number(bar, value):,.{2 if bar.unit == '×' else 0}f} {bar.unit}"


def _number(bar: Bar, value: float) -> float:
    return 100 * value if bar.unit == "%" else value


def _absolute(value: float, unit: str) -> str:
    return f"{value:,.0f}{unit}" if unit.startswith("/") else f"{value:,.0f} {unit}"


def _machine() -> str:
    return f"{cpu_count()} cores, Python {platform.python_version()}"
