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
    DEFENCE = "defence"


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
    shape: Annotated[
        Shape, typer.Option("--as", help="Or an answer to AWS's case, its form, a defence in a review.")
    ] = Shape.MARKDOWN,
    german: Annotated[bool, typer.Option("--german", help="A copy for reading: AWS gets the English one.")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="A file to write it to.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="A PDF file to write the whole letter to.")] = None,
    attachments: Annotated[
        Path | None, typer.Option("--attachments", help="A folder for what is attached to it.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=39, help="Of a defence: how far it looks back.")] = 14,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """The request to AWS, in which every sentence was checked. Exit status 1: it is not released yet."""
    from franked.doors.cli.access import Files, defence  # noqa: PLC0415
    from franked.doors.cli.access import letter as written  # noqa: PLC0415

    if shape is Shape.DEFENCE:
        if attachments or german:
            raise typer.BadParameter("a defence has no attachments, and is in English")
        raise typer.Exit(defence(config, days, Files(to, pdf), as_json=as_json))
    files = Files(to, pdf, attachments)
    raise typer.Exit(written(config, shape.value, "de" if german else "en", files, as_json=as_json))


request = typer.Typer(name="request", help="The request to AWS: where it stands, send it, write down what AWS said.")
access.add_typer(request)
By = Annotated[str, typer.Option("--by", help="Who, by name.")]


@request.callback(invoke_without_command=True)
def show_request(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """Where it stands, and what speaks against sending it. Exit status 1: something does."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.request import show  # noqa: PLC0415

        raise typer.Exit(show(config, as_json=as_json))


@request.command("send")
def send_request(
    by: By,
    yes: Annotated[bool, typer.Option("--yes", help="It was looked at: do not ask.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what AWS would get, and send it after a yes."""
    from franked.doors.cli.request import send  # noqa: PLC0415

    raise typer.Exit(send(config, by, yes=yes, as_json=as_json))


class Noted(StrEnum):
    REASON = "reason"
    MENDED = "mended"
    QUESTION = "question"
    ANSWERED = "answered"
    REVIEWED = "reviewed"


@request.command("note")
def note_request(
    what: Annotated[Noted, typer.Argument(help="AWS's reason, what was mended, a question, an answer, rules read.")],
    text: Annotated[str, typer.Argument(help="In words.")],
    by: By,
    config: Config = None,
) -> None:
    """Write down what AWS said, or what was done. It stays on record."""
    from franked.doors.cli.request import note  # noqa: PLC0415

    raise typer.Exit(note(config, what.value, text, by))


@request.command("quota")
def raise_quota(
    value: Annotated[float, typer.Argument(help="Recipients in 24 hours; a second for the rate.")],
    name: Annotated[str, typer.Option("--name", help="The quota's name at Service Quotas.")] = "Sending quota",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Ask for more, once production access is granted."""
    from franked.doors.cli.request import quota  # noqa: PLC0415

    raise typer.Exit(quota(config, name, value, as_json=as_json))
