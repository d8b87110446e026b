"""Getting out of the sandbox."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

access = typer.Typer()


class View(StrEnum):
    CHECKLIST = "checklist"
    REASONS = "reasons"
    PHASES = "phases"


class Shape(StrEnum):
    MARKDOWN = "markdown"
    CASE = "case_reply"
    FORM = "form"


@access.command()
def check(
    view: Annotated[View | None, typer.Option(help="Another list over the same checks.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What is missing before AWS is asked for production access, and how to mend it. Exit status 1: something is."""
    from franked.doors.cli.access import check as asked  # noqa: PLC0415

    raise typer.Exit(asked(config, view.value if view else None, as_json=as_json))


@access.command()
def letter(
    shape: Annotated[Shape, typer.Option("--as", help="Or an answer to AWS's case, or its form.")] = Shape.MARKDOWN,
    german: Annotated[bool, typer.Option("--german", help="A copy for reading: AWS gets the English one.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="A file to write it to.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """The request to AWS, in which every sentence was checked. Exit status 1: it is not released yet."""
    from franked.doors.cli.access import letter as written  # noqa: PLC0415

    raise typer.Exit(written(config, shape.value, "de" if german else "en", to, as_json=as_json))
