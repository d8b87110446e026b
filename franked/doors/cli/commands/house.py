"""The house itself: start it, show it, its settings, a copy of its record."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from franked.doors.cli.commands.options import AsJson, Config, Data, Db

house = typer.Typer()


@house.command()
def up(
    config: Config = None,
    ses: Annotated[
        Literal["simulated", "aws"], typer.Option(help="The simulated account, or the real one of your credentials.")
    ] = "simulated",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The HTTP door's port; 0 for any free one.")
    ] = None,
    data: Data = None,
    db: Db = None,
    door_only: Annotated[bool, typer.Option("--door-only", help="Leave the sending to `franked work`.")] = False,
) -> None:
    """Start Franked: HTTP door, worker, webhook, and the simulated SES account unless told otherwise."""
    from franked.doors.cli.up import up  # noqa: PLC0415

    raise typer.Exit(up(config, ses, port, data, db, door_only=door_only))


@house.command()
def work(config: Config = None, data: Data = None, db: Db = None) -> None:
    """Start one more worker, on this machine or another, at the record on PostgreSQL that a `franked up` has begun."""
    from franked.doors.cli.work import work  # noqa: PLC0415

    raise typer.Exit(work(config, data, db))


@house.command()
def demo(
    product: Annotated[str, typer.Argument(help="One product of five, or access: the way out of the sandbox.")] = "",
    as_json: AsJson = False,
    seed: Annotated[int, typer.Option(help="The same seed plays the same day.")] = 1,
    full: Annotated[bool, typer.Option("--full", help="The promised volumes too: minutes.")] = False,
    stay: Annotated[bool, typer.Option("--stay", help="Leave it running, to click through.")] = False,
) -> None:
    """A day of five products against a simulated SES: bounces, complaints, an outage; and what was lost."""
    from franked.doors.cli.demo import Wish, demo  # noqa: PLC0415

    raise typer.Exit(demo(Wish((product,) if product else (), as_json, seed, full, stay)))


@house.command()
def config(config: Config = None, as_json: AsJson = False) -> None:
    """The effective settings and where each came from, secrets hidden."""
    from franked.doors.cli.config import show  # noqa: PLC0415

    show(config, as_json)


@house.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    config: Config = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy the record and its key, also while Franked runs."""
    from franked.doors.cli.backup import backup  # noqa: PLC0415

    raise typer.Exit(backup(target, config, data, as_json))


@house.command()
def bench(
    data: Annotated[Path | None, typer.Option(help="A folder on the disk that is meant; else this one.")] = None,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often each is measured, in turn.")] = 3,
    as_json: AsJson = False,
) -> None:
    """What a mail costs on this machine: ratios within one run, in under a minute."""
    from franked.doors.cli.bench.command import bench  # noqa: PLC0415

    raise typer.Exit(bench(data, rounds, as_json))
