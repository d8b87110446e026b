"""The command line. Each command's room is imported when it is called: `--help` answers at once."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

cli = typer.Typer(
    name="franked",
    help="A self-hosted mail service for products that send through Amazon SES.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="API keys: list, create, revoke.", invoke_without_command=True)
cli.add_typer(keys, name="keys")
dead = typer.Typer(help="Mail that only a person moves on: list, replay, release.", invoke_without_command=True)
cli.add_typer(dead, name="dead")
suppressions = typer.Typer(
    help="Addresses that must not be mailed: list, add, lift, import, export.", invoke_without_command=True
)
cli.add_typer(suppressions, name="suppressions")

Config = Annotated[Path | None, typer.Option("--config", "-c", help="The settings file; else ./franked.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")]
Data = Annotated[Path | None, typer.Option(help="Where the record lies; else what the settings say.")]


@cli.command()
def up(
    config: Config = None,
    ses: Annotated[
        Literal["simulated", "aws"], typer.Option(help="The simulated account, or the real one of your credentials.")
    ] = "simulated",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The HTTP door's port; 0 for any free one.")
    ] = None,
    data: Data = None,
) -> None:
    """Start Franked: HTTP door, worker, webhook, and the simulated SES account unless told otherwise."""
    from franked.doors.cli.up import up  # noqa: PLC0415

    raise typer.Exit(up(config, ses, port, data))


@cli.command()
def demo(as_json: AsJson = False) -> None:
    """A whole mail system in a minute: sandbox, release, bounces, complaints, and the count that nothing was lost."""
    from franked.doors.cli.demo import demo  # noqa: PLC0415

    raise typer.Exit(demo(as_json))


@cli.command()
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


@cli.command()
def config(config: Config = None, as_json: AsJson = False) -> None:
    """The effective settings and where each came from, secrets hidden."""
    from franked.doors.cli.config import show  # noqa: PLC0415

    show(config, as_json)


@keys.callback()
def list_keys(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.keys import list_keys  # noqa: PLC0415

        raise typer.Exit(list_keys(config, as_json))


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who will use it: a product, a person.")],
    stream: Annotated[list[str] | None, typer.Option(help="A stream it may use; none named: all.")] = None,
    sender: Annotated[
        list[str] | None, typer.Option(help="An address it may send as; none: each stream's own.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once."""
    from franked.doors.cli.keys import create_key  # noqa: PLC0415

    raise typer.Exit(create_key(name, stream or [], sender or [], config, as_json))


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The 8 characters after fk_.")], config: Config = None
) -> None:
    """Revoke a key: from now on it opens nothing."""
    from franked.doors.cli.keys import revoke_key  # noqa: PLC0415

    raise typer.Exit(revoke_key(key_id, config))


@dead.callback()
def list_dead(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """List the dead letters, and the mail that nobody knows the outcome of, with why. Exit status 1: there are some."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.dead import list_dead  # noqa: PLC0415

        raise typer.Exit(list_dead(config, as_json))


@dead.command("replay")
def replay_dead(
    ids: Annotated[list[str] | None, typer.Argument(help="The messages' ids.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every dead one there is now.")] = False,
    why: Annotated[str, typer.Option(help="For the ledger.")] = "",
    config: Config = None,
) -> None:
    """Put dead messages back into the queue, with all their tries."""
    from franked.doors.cli.dead import replay  # noqa: PLC0415

    raise typer.Exit(replay(ids or [], all_, why, config))


@dead.command("release")
def release_dead(
    ids: Annotated[list[str], typer.Argument(help="The messages' ids.")],
    why: Annotated[str, typer.Option(help="For the ledger: how you know that it has to go again.")],
    config: Config = None,
) -> None:
    """Send mail again of which nobody knows whether it arrived: its recipient may get it twice."""
    from franked.doors.cli.dead import release  # noqa: PLC0415

    raise typer.Exit(release(ids, why, config))


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
    file: Annotated[Path, typer.Argument(help="One address per line, or CSV with a column `address`.")],
    source: Annotated[str, typer.Option(help="For the record: where they come from.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put a file's addresses on the list."""
    from franked.doors.cli.suppressions import import_file  # noqa: PLC0415

    raise typer.Exit(import_file(file, source, config, as_json))


@suppressions.command("export")
def export_suppressions(
    history: Annotated[bool, typer.Option("--history", help="All that was ever added and lifted.")] = False,
    config: Config = None,
) -> None:
    """The list as CSV on stdout, as evidence."""
    from franked.doors.cli.suppressions import export  # noqa: PLC0415

    raise typer.Exit(export(history, config))


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    config: Config = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy the record and its key, also while Franked runs."""
    from franked.doors.cli.backup import backup  # noqa: PLC0415

    raise typer.Exit(backup(target, config, data, as_json))


def main() -> None:
    """Exit status: 0 done, 1 something is wrong with what was found, 2 with what was asked."""
    try:
        cli()
    except KeyboardInterrupt:
        sys.exit(130)
