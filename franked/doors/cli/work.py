"""`franked work`: one more worker at a record that several processes share, until Ctrl-C."""

import os
from pathlib import Path

from rich.console import Console

from franked.doors.cli.hosting import place_of, run, until_stopped
from franked.doors.cli.start import Unusable, said, settings_for
from franked.doors.running import helping
from franked.settings import Settings


def work(config: Path | None, data: Path | None, db: str | None) -> int:
    return said(lambda: _work(config, data, db))


def _work(config: Path | None, data: Path | None, db: str | None) -> int:
    found = settings_for(config, data, db)
    if not found.own:
        raise Unusable("a worker needs the franked.toml of the Franked it works for: --config names it")
    if found.settings.store.url is None:
        raise Unusable("on SQLite `franked up` does all the work: name a PostgreSQL with --db, or in [store] url")
    os.umask(0o077)
    run(lambda: _until_told(found.settings))
    return 0


async def _until_told(settings: Settings) -> None:
    told = until_stopped()
    console = Console(emoji=False, highlight=False, soft_wrap=True)  # the log goes to stderr
    async with helping(settings):
        console.print(f"A worker at {place_of(settings)}. Ctrl-C stops it.")
        await told.wait()
        console.print("Stopping: nothing more is taken, calls under way are awaited. Ctrl-C again ends at once.")
    console.print("Stopped.")
