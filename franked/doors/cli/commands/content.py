"""The words of a new product."""

from pathlib import Path
from typing import Annotated

import typer

content = typer.Typer()


@content.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A folder without franked.toml and mail/; else this one.")] = (Path()),
    name: Annotated[str | None, typer.Option(help="The product's name, as readers know it.")] = None,
    website: Annotated[str | None, typer.Option(help="Its website.")] = None,
    domain: Annotated[str | None, typer.Option(help="The domain that its mail comes from.")] = None,
    postal_address: Annotated[str | None, typer.Option(help="It stands in each mail.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS Region that sends.")] = None,
    languages: Annotated[str | None, typer.Option(help="Such as de,en; the first is the default.")] = None,
    mails: Annotated[str | None, typer.Option(help="Kinds of mail, such as verification,receipt; else all.")] = None,
    admin: Annotated[str | None, typer.Option(help="Who is told about alarms.")] = None,
) -> None:
    """Write a new product's franked.toml and mails. Asks for what is not said, where somebody is there to be asked."""
    from franked.doors.cli.init import Asked, init  # noqa: PLC0415

    asked = Asked(name, website, domain, postal_address, region, languages, mails, admin)
    raise typer.Exit(init(folder, asked))
