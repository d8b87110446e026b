"""Mail that only a person moves on."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

dead = typer.Typer(
    name="dead", help="Mail that only a person moves on: list, replay, release.", invoke_without_command=True
)


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
