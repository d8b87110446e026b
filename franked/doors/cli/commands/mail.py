"""Mail: send one, say what can be sent, why it went or not, and to whom it may go."""

from pathlib import Path
from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

mail = typer.Typer()
people = typer.Typer(
    name="people", help="Whom we have an address of: import, export, erase, clean.", no_args_is_help=True
)


@mail.command()
def send(
    to: Annotated[str | None, typer.Option(help="One address.")] = None,
    me: Annotated[
        bool, typer.Option("--me", help="A test mail to the first of [sender] admins; what is not said is a sample.")
    ] = False,
    stream: Annotated[str | None, typer.Option(help="A stream of franked.toml; with --me: else the first.")] = None,
    var: Annotated[list[str] | None, typer.Option(help="A template's variable, NAME=VALUE; may be repeated.")] = None,
    locale: Annotated[str | None, typer.Option(help="Such as de or de-CH.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Send one mail through the Franked that runs, and say what became of it."""
    from franked.doors.cli.send import send  # noqa: PLC0415

    raise typer.Exit(send(to, me, stream, var or [], locale, config, as_json))


@mail.command()
def why(
    what: Annotated[str, typer.Argument(help="A message's id, or an address.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Why a mail went or not, with its story; where an address is from, and what would become of a mail to it."""
    from franked.doors.cli.people import why  # noqa: PLC0415

    raise typer.Exit(why(what, config, as_json))


@mail.command()
def verify(
    identity: Annotated[str, typer.Argument(help="An address, or a domain for all in it.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Have SES verify an address or a domain: to be mailed in the sandbox, or to send from."""
    from franked.doors.cli.verify import verify  # noqa: PLC0415

    raise typer.Exit(verify(identity, config, as_json))


@people.callback()
def about_people() -> None:
    """Whom we have an address of."""


@people.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="One address per line, or CSV with a column `address`.")],
    source: Annotated[str, typer.Option(help="For the record: where they come from.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Record where a file's addresses come from. It sends nothing, and is no consent."""
    from franked.doors.cli.people import import_file  # noqa: PLC0415

    raise typer.Exit(import_file(file, source, config, as_json))


@people.command("export")
def export_person(
    address: Annotated[str, typer.Argument(help="One address.")],
    out: Annotated[Path | None, typer.Option(help="A file that only you may read; else stdout.")] = None,
    config: Config = None,
) -> None:
    """Everything known of an address, as JSON, for the person who asks for it."""
    from franked.doors.cli.people import export  # noqa: PLC0415

    raise typer.Exit(export(address, out, config))


@people.command("erase")
def erase_person(
    address: Annotated[str, typer.Argument(help="One address.")],
    why: Annotated[str, typer.Option(help="For the record: how the person asked.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase an address everywhere. It can't be undone; a keyed hash stays, so that it is not mailed again."""
    from franked.doors.cli.people import erase  # noqa: PLC0415

    raise typer.Exit(erase(address, why, config, as_json))


@people.command("clean")
def clean_people(
    months: Annotated[int, typer.Option(min=1, max=120, help="Not mailed, or not reached, for so many.")] = 12,
    suppress: Annotated[
        Path | None, typer.Option(help="Put these addresses on the list of suppressions: one per line, or CSV.")
    ] = None,
    erase: Annotated[Path | None, typer.Option(help="Erase these addresses everywhere: it can't be undone.")] = None,
    why: Annotated[str | None, typer.Option(help="For the record: with --suppress or --erase.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Propose whom the lists might do without, and why. It changes nothing, unless you hand it a file of addresses."""
    from franked.doors.cli.cleaning import clean, erase_all, suppress_all  # noqa: PLC0415

    if (suppress is not None and erase is not None) or (suppress is None and erase is None) == (why is not None):
        raise typer.BadParameter("--suppress FILE or --erase FILE, and then --why; or neither, to see who is proposed")
    if suppress is not None and why is not None:
        raise typer.Exit(suppress_all(suppress, why, config, as_json))
    if erase is not None and why is not None:
        raise typer.Exit(erase_all(erase, why, config, as_json))
    raise typer.Exit(clean(months, config, as_json))
