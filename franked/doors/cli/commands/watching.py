"""What a person should look at, and the report of a day."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

watching = typer.Typer()
alarms = typer.Typer(name="alarms", help="What a person should look at: show, test.")
watching.add_typer(alarms)


@alarms.callback(invoke_without_command=True)
def show_alarms(
    context: typer.Context,
    cloudwatch: Annotated[bool, typer.Option("--cloudwatch", help="Create or update those in CloudWatch.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """The alarms that are open: what, since when, what to do. Exit status 1: there are some."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.alarms import cloudwatch as keep  # noqa: PLC0415
        from franked.doors.cli.alarms import show  # noqa: PLC0415

        raise typer.Exit(keep(config, as_json) if cloudwatch else show(config, as_json))


@alarms.command("test")
def test_alarms(config: Config = None, as_json: AsJson = False) -> None:
    """Tell a test alarm by all ways: mail, webhook, CloudWatch."""
    from franked.doors.cli.alarms import test  # noqa: PLC0415

    raise typer.Exit(test(config, as_json))


@watching.command("report")
def show_report(
    day: Annotated[str | None, typer.Option(help="A day of UTC such as 2026-03-04; without it yesterday.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What was sent and came back on a day, beside what AWS counted, and what was done about it."""
    from franked.doors.cli.report import show  # noqa: PLC0415

    raise typer.Exit(show(config, day, as_json))
