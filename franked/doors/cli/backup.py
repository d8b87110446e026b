"""`franked backup`: a copy of the record and its key, also while Franked runs."""

from dataclasses import asdict
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from franked.doors.cli.start import Unusable, said, settings_for
from franked.settings import Settings
from franked.wiring import BackedUp, NotBackedUp, back_up


def backup(target: Path, config: Path | None, data: Path | None, as_json: bool) -> int:
    return said(lambda: _backup(target, config, data, as_json))


def _backup(target: Path, config: Path | None, data: Path | None, as_json: bool) -> int:
    settings = settings_for(config, data).settings
    made = _made(settings, target.resolve())
    if as_json:
        told = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(made).items()}
        print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        _tell(made)
    return 0


def _made(settings: Settings, target: Path) -> BackedUp:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Copying the record")
        try:
            return back_up(settings, target, lambda copied, all_: progress.update(bar, completed=copied, total=all_))
        except NotBackedUp as error:
            raise Unusable(str(error)) from error


def _tell(made: BackedUp) -> None:
    console = Console(emoji=False, highlight=False, soft_wrap=True, markup=False)
    console.print(f"record   {made.record}   {made.size / 1e6:.1f} MB, {made.messages} messages, found sound")
    if made.key:
        console.print(f"key      {made.key}   opens what is sealed in the record: without it, mail that waits is lost")
    else:
        console.print(
            "key      not here: it is FRANKED_STORE_SECRET. Without it, mail that waits can't be read: keep it"
        )
    console.print(
        "\nWhoever has these files can read addresses and mail that waits. docs/backup.md says how to restore."
    )
