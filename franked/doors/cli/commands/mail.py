"""One mail."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

mail = typer.Typer()


@mail.command()
def send(
    to: Annotated[str, typer.Option(help="One address.")],
    stream: Annotated[str, typer.Option(help="A stream of franked.toml.")],
    var: Annotated[list[str] | None, typer.Option(help="A template's variable, NAME=VALUE; may be repeated.")] = None,
    locale: Annotated[str | None, typer.Option(help="Such as de or de-CH.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Send one mail through the Franked that runs, and say what became of it."""
    from franked.doors.cli.send import send  # noqa: PLC0415

    raise typer.Exit(send(to, stream, var or [], locale, config, as_json))
