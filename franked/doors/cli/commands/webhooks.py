"""Who of your applications is told what becomes of its mail."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

webhooks = typer.Typer(
    name="webhooks",
    help="Your applications' endpoints: list, test, replay, enable; make a secret.",
    invoke_without_command=True,
)

Named = Annotated[str, typer.Argument(help="Its name in franked.toml.")]


@webhooks.callback()
def list_webhooks(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """List the endpoints, and how they do. Exit status 1: one of them fails, or is disabled."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.webhooks import list_webhooks  # noqa: PLC0415

        raise typer.Exit(list_webhooks(config, as_json))


@webhooks.command("test")
def try_webhook(name: Named, config: Config = None) -> None:
    """Call an endpoint now, signed, and say what it answers. Exit status 1: it did not take it."""
    from franked.doors.cli.webhooks import try_out  # noqa: PLC0415

    raise typer.Exit(try_out(name, config))


@webhooks.command("replay")
def replay_webhook(
    name: Named,
    since: Annotated[str, typer.Option(help="RFC 3339, such as 2026-03-04T10:15:00Z, or a span such as 6h.")],
    config: Config = None,
) -> None:
    """Tell an endpoint again what it was told since then, and what was given up: under the same ids."""
    from franked.doors.cli.webhooks import replay  # noqa: PLC0415

    raise typer.Exit(replay(name, since, config))


@webhooks.command("enable")
def enable_webhook(name: Named, config: Config = None) -> None:
    """Call an endpoint again that was disabled: what has waited for it goes at once."""
    from franked.doors.cli.webhooks import enable  # noqa: PLC0415

    raise typer.Exit(enable(name, config))


@webhooks.command("secret")
def make_secret() -> None:
    """Make a secret to sign with: for the endpoint's variable, and for your application."""
    from franked.doors.cli.webhooks import make_secret  # noqa: PLC0415

    raise typer.Exit(make_secret())
