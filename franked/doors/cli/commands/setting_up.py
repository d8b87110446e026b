"""What there must be at AWS."""

from typing import Annotated, Literal

import typer

from franked.doors.cli.commands.options import AsJson, Config

setting_up = typer.Typer()


@setting_up.command()
def setup(
    apply: Annotated[bool, typer.Option("--apply", help="Create what is missing; without it, only say it.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until SES sees the DNS records.")] = False,
    zone: Annotated[bool, typer.Option("--zone", help="Only the DNS records, as lines of a zone file.")] = False,
    policy: Annotated[
        bool, typer.Option("--policy", help="Only the IAM policies: Franked's, setup's, and one for each sender.")
    ] = False,
    address: Annotated[
        list[str] | None, typer.Option(help="A single address to be verified as well; may be said again.")
    ] = None,
    ses: Annotated[
        Literal["simulated", "aws"],
        typer.Option(help="The simulated account of a `franked up`, or the one of your credentials."),
    ] = "simulated",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What there must be at AWS: identities, event destinations, alarms; what is missing is made with --apply. Exit
    status 1: something is missing."""
    from franked.doors.cli.setup import Asked, setup  # noqa: PLC0415

    asked = Asked(ses, tuple(address or ()), apply=apply, wait=wait, zone=zone, policy=policy, as_json=as_json)
    raise typer.Exit(setup(config, asked))
