"""How the account stands at AWS."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

governor = typer.Typer(name="governor", help="Rates, and the brake that follows them: show, release.")


@governor.callback(invoke_without_command=True)
def show_governor(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """Hard bounces and complaints beside AWS's own figures, and what Franked does about them. Exit status 1: it stops
    mail."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.governor import show  # noqa: PLC0415

        raise typer.Exit(show(config, as_json))


@governor.command("release")
def release_brake(
    investigation: Annotated[str, typer.Option(help="What was the cause?")],
    action: Annotated[str, typer.Option(help="What was done about it?")],
    by: Annotated[str, typer.Option(help="Who says so.")] = "",
    config: Config = None,
) -> None:
    """Let mail go again that the governor has stopped. Both answers are kept: AWS may ask for them."""
    from franked.doors.cli.governor import release  # noqa: PLC0415

    raise typer.Exit(release(config, investigation, action, by))
