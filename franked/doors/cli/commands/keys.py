"""API keys."""

from typing import Annotated

import typer

from franked.doors.cli.commands.options import AsJson, Config

keys = typer.Typer(name="keys", help="API keys: list, create, rotate, revoke.", invoke_without_command=True)

KeyId = Annotated[str, typer.Argument(help="The 8 characters after fk_.")]


@keys.callback()
def list_keys(context: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    if context.invoked_subcommand is None:
        from franked.doors.cli.keys import list_keys  # noqa: PLC0415

        raise typer.Exit(list_keys(config, as_json))


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who will use it: a product, a person.")],
    stream: Annotated[list[str] | None, typer.Option(help="A stream it may use; none named: all.")] = None,
    sender: Annotated[
        list[str] | None, typer.Option(help="An address it may send as; none: each stream's own.")
    ] = None,
    limit: Annotated[str | None, typer.Option(help="Of all its mail together, such as 1000/hour; else none.")] = None,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="It opens the administrator's routes too, as this command does.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once."""
    from franked.doors.cli.keys import create_key  # noqa: PLC0415

    raise typer.Exit(create_key(name, stream or [], sender or [], limit, administrator, config, as_json))


@keys.command("rotate")
def rotate_key(
    key_id: KeyId,
    overlap: Annotated[
        str, typer.Option(help="How long the old secret opens too, such as 10m or 7d, at most 30d; 0s: no more.")
    ] = "24h",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Give a key a new secret, which is shown once. It stays the same key, with its messages and its limit."""
    from franked.doors.cli.keys import rotate_key  # noqa: PLC0415

    raise typer.Exit(rotate_key(key_id, overlap, config, as_json))


@keys.command("revoke")
def revoke_key(key_id: KeyId, config: Config = None) -> None:
    """Revoke a key: from now on it opens nothing."""
    from franked.doors.cli.keys import revoke_key  # noqa: PLC0415

    raise typer.Exit(revoke_key(key_id, config))
