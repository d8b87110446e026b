"""Do our own ears work."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

canary_page = typer.Typer()


@canary_page.command()
def canary(
    run: Annotated[bool, typer.Option("--run", help="Have it fly now, and wait for what comes of it.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Do bounces and complaints come back: proven when, or what is broken and how to mend it."""
    from franked.doors.cli.canary import canary  # noqa: PLC0415

    raise typer.Exit(canary(config, run=run, as_json=as_json))
