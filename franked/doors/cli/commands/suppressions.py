"""Addresses that must not be mailed."""

from pathlib import Path
from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

suppressions = typer.Typer(
    name="suppressions",
    help="Addresses that must not be mailed: list, add, lift, import, export, compare with SES's.",
    invoke_without_command=True,
)


@suppressions.callback()
def list_suppressions(
    context: typer.Context,
    address: Annotated[str | None, typer.Option(help="Only this address.")] = None,
    why: Annotated[str | None, typer.Option(help="Only this type, such as hard_bounce or complaint.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the addresses that must not be mailed, with why, since when and on whose word."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.suppressions import list_suppressions  # noqa: PLC0415

        raise typer.Exit(list_suppressions(address, why, config, as_json))


@suppressions.command("add")
def add_suppression(
    address: Annotated[str, typer.Argument(help="One address.")],
    why: Annotated[str, typer.Option(help="For the record.")],
    until: Annotated[str | None, typer.Option(help="RFC 3339, such as 2026-12-31T00:00:00Z; else for good.")] = None,
    config: Config = None,
) -> None:
    """Mail this address no more."""
    from franked.doors.cli.suppressions import add  # noqa: PLC0415

    raise typer.Exit(add(address, why, until, config))


@suppressions.command("lift")
def lift_suppression(
    address: Annotated[str, typer.Argument(help="One address of the list.")],
    why: Annotated[str, typer.Option(help="For the record: how you know that it may be mailed again.")],
    config: Config = None,
) -> None:
    """Take an address off the list: it may be mailed again."""
    from franked.doors.cli.suppressions import lift  # noqa: PLC0415

    raise typer.Exit(lift(address, why, config))


@suppressions.command("import")
def import_suppressions(
    file: Annotated[
        Path | None, typer.Argument(help="One address per line, or CSV with a column `address`.", show_default=False)
    ] = None,
    source: Annotated[str | None, typer.Option(help="For the record: where they come from.")] = None,
    from_ses: Annotated[
        bool, typer.Option("--from-ses", help="Instead of a file: what is on SES's own list and not on this one.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put a file's addresses on the list, or those of SES's."""
    from franked.doors.cli.reconciling import import_from_ses  # noqa: PLC0415
    from franked.doors.cli.suppressions import import_file  # noqa: PLC0415

    if from_ses == (file is not None) or (file is None) != (source is None):
        raise typer.BadParameter("say a FILE and its --source, or --from-ses, which is a source of its own")
    if file is None or source is None:
        raise typer.Exit(import_from_ses(config, as_json))
    raise typer.Exit(import_file(file, source, config, as_json))


@suppressions.command("reconcile")
def reconcile_suppressions(
    status: Annotated[bool, typer.Option("--status", help="Only say how far it is.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Compare this list and SES's own, whole, and do what follows; Ctrl-C only looks away."""
    from franked.doors.cli.reconciling import reconcile  # noqa: PLC0415

    raise typer.Exit(reconcile(status, config, as_json))


@suppressions.command("export")
def export_suppressions(
    history: Annotated[bool, typer.Option("--history", help="All that was ever added and lifted.")] = False,
    config: Config = None,
) -> None:
    """The list as CSV on stdout, as evidence."""
    from franked.doors.cli.suppressions import export  # noqa: PLC0415

    raise typer.Exit(export(history, config))
