"""Who agreed to what, and what is written to those who did."""

from pathlib import Path
from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

consents = typer.Typer(name="consents", help="Who agreed to what, and who left it: export.", no_args_is_help=True)
newsletter = typer.Typer(
    name="newsletter", help="An issue to all readers of a topic: send, show.", no_args_is_help=True
)


@consents.callback()
def about_consents() -> None:
    """Who agreed to what, and who left it."""


@consents.command("export")
def export_consents(
    address: Annotated[str | None, typer.Option(help="Only this address's.")] = None,
    config: Config = None,
) -> None:
    """The log as JSON Lines on stdout, as evidence: who, what, when, where, by which words."""
    from franked.doors.cli.consents import export  # noqa: PLC0415

    raise typer.Exit(export(address, config))


@newsletter.command("send")
def send_newsletter(
    stream: Annotated[str, typer.Argument(help="A marketing stream of franked.toml, in the bulk lane.")],
    id_: Annotated[str, typer.Option("--id", help="Of this issue: each reader gets one mail of it.")],
    var: Annotated[list[str] | None, typer.Option(help="A template's variable, NAME=VALUE; may be repeated.")] = None,
    subject: Annotated[str | None, typer.Option(help="Of a stream that is written inline.")] = None,
    html: Annotated[Path | None, typer.Option(help="The file of its HTML part.")] = None,
    text: Annotated[Path | None, typer.Option(help="The file of its text part.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Send an issue to everybody who has agreed to the stream's topic. Said again, it shows how far that is."""
    from franked.doors.cli.newsletter import Words, send  # noqa: PLC0415

    raise typer.Exit(send(stream, id_, var or [], Words(subject, html, text), config, as_json))


@newsletter.command("show")
def show_newsletter(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The issue's id.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """How far a newsletter is."""
    from franked.doors.cli.newsletter import show  # noqa: PLC0415

    raise typer.Exit(show(id_, config, as_json))
