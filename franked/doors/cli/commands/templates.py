"""Templates: where each stands, who approves it, how it looks."""

from pathlib import Path
from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

templates = typer.Typer(
    name="templates",
    help="Templates: list, lint, submit, approve, reject, show, compare, preview.",
    invoke_without_command=True,
)

Name = Annotated[str, typer.Argument(help="The template's name: its folder's.")]
By = Annotated[str | None, typer.Option(help="Who does it, by name; else this machine's login.")]
Note = Annotated[str, typer.Option(help="For the record.")]
Version = Annotated[str | None, typer.Option(help="Another version than the one in the folder now.")]


@templates.callback()
def list_templates(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """List the templates of all streams, and where each stands."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.templates import list_templates  # noqa: PLC0415

        raise typer.Exit(list_templates(config, as_json))


@templates.command()
def submit(
    name: Name,
    by: By = None,
    note: Note = "",
    version: Version = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Ask for the approval of a template, as it is in the folder now."""
    from franked.doors.cli.templates import step  # noqa: PLC0415

    raise typer.Exit(step("submit", name, by, note, version, config, as_json))


@templates.command()
def approve(
    name: Name,
    note: Note,
    by: By = None,
    version: Version = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Approve what another person submitted: mail that was held for it goes."""
    from franked.doors.cli.templates import step  # noqa: PLC0415

    raise typer.Exit(step("approve", name, by, note, version, config, as_json))


@templates.command()
def reject(
    name: Name,
    note: Note,
    by: By = None,
    version: Version = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Reject what was submitted, or take an approval back."""
    from franked.doors.cli.templates import step  # noqa: PLC0415

    raise typer.Exit(step("reject", name, by, note, version, config, as_json))


@templates.command()
def show(name: Name, version: Version = None, config: Config = None, as_json: AsJson = False) -> None:
    """A template's files, and every step that its versions have taken."""
    from franked.doors.cli.templates import show  # noqa: PLC0415

    raise typer.Exit(show(name, version, config, as_json))


@templates.command()
def diff(
    name: Name,
    old: Annotated[str | None, typer.Option(help="A version; else the one that was approved last.")] = None,
    new: Annotated[str | None, typer.Option(help="A version; else the one in the folder now.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What changed since it was approved last."""
    from franked.doors.cli.templates import diff  # noqa: PLC0415

    raise typer.Exit(diff(name, old, new, config, as_json))


@templates.command()
def preview(
    name: Name,
    locale: Annotated[str | None, typer.Option(help="Such as de or de-CH.")] = None,
    var: Annotated[list[str] | None, typer.Option(help="A variable, NAME=VALUE; what is not said is a sample.")] = None,
    version: Version = None,
    out: Annotated[Path | None, typer.Option(help="Write the HTML part there.")] = None,
    inbox: Annotated[bool, typer.Option("--inbox", help="Lay it into the simulated account's inbox.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """A template as its reader would see it: the text part here, the HTML in a file or in the inbox."""
    from franked.doors.cli.templates import preview  # noqa: PLC0415

    raise typer.Exit(preview(name, locale, var or [], version, out, inbox, config, as_json))


@templates.command("lint")
def lint_templates(config: Config = None, as_json: AsJson = False) -> None:
    """What a reviewer would ask about the mails. Exit status 1: something that matters."""
    from franked.doors.cli.lint import lint_all  # noqa: PLC0415

    raise typer.Exit(lint_all(config, as_json))
