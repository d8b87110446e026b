"""`franked config`: every setting that applies, and where it came from."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from franked.doors.cli.start import settings_for
from franked.settings import SettingsFault, Shown, describe


def show(settings_path: Path | None, as_json: bool) -> None:
    """The settings `franked up` would use. Exit status 2 when they are wrong: all that is wrong stands on stderr."""
    try:
        settings = settings_for(settings_path).settings
    except SettingsFault as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from None
    shown = describe(settings)
    if as_json:
        typer.echo(_as_json(shown))
    else:
        Console(emoji=False).print(_as_table(shown))


def _as_json(shown: Sequence[Shown]) -> str:
    return json.dumps({name: {"value": value, "origin": origin} for name, value, origin in shown}, ensure_ascii=False)


def _as_table(shown: Sequence[Shown]) -> Table:
    table = Table()
    table.add_column("Setting", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("Where from", overflow="fold")
    for row in shown:
        table.add_row(*map(Text, row))  # Text: a value in square brackets is no markup
    return table
