"""`franked up`: everything in one process, until Ctrl-C."""

import errno
import os
import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from franked.doors.cli.hosting import place_of, run, until_stopped
from franked.doors.cli.start import Found, Unusable, said, settings_for
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.flows.approval import waiting
from franked.ports import World
from franked.rules.content import Content
from franked.settings import Settings
from franked.wiring import Role, Ses

AROUND_THE_CALLS = timedelta(seconds=10)  # for requests under way, the simulator's last events, the last commit
FIRST_KEY = "first.key"  # made at the first start, readable by its owner only


def up(
    config: Path | None,
    ses: str,
    port: int | None,
    data: Path | None,
    db: str | None = None,
    *,
    door_only: bool = False,
) -> int:
    role = Role.DOOR if door_only else Role.ALL
    return said(lambda: _up(settings_for(config, data, db), Ses(ses), port, role))


def _up(found: Found, ses: Ses, port: int | None, role: Role) -> int:
    settings = found.settings
    if ses is Ses.AWS and not found.own:
        raise Unusable("--ses aws needs your own franked.toml: there is none in this folder, and --config names none")
    if role is Role.DOOR and settings.store.url is None:
        raise Unusable("--door-only needs a record that a `franked work` can share: name a PostgreSQL with --db")
    if port is not None:
        settings = replace(settings, server=replace(settings.server, port=port))
    os.umask(0o077)  # the record and the inbox hold addresses and codes: they are their owner's alone
    try:
        run(lambda: _until_told(settings, found.file, ses, role))
    except OSError as error:
        raise Unusable(_refused_by_the_machine(error, settings)) from error
    return 0


def _refused_by_the_machine(error: OSError, settings: Settings) -> str:
    """The door's own port has its sentence: PortTaken."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"the simulated SES account can't listen on 127.0.0.1:{settings.simulator.port}: end what runs there, "
            "or choose another port with [simulator] port or FRANKED_SIMULATOR_PORT"
        )
    return f"{error.filename or settings.store.directory}: {error.strerror or error}"


async def _until_told(settings: Settings, file: Path, ses: Ses, role: Role) -> None:
    told = until_stopped()
    console = Console(emoji=False, highlight=False, soft_wrap=True)  # the log goes to stderr
    async with running(settings, ses, role=role) as franked:
        key_file = await first_key(franked, settings.store.directory)
        _greet(console, franked, settings, file, key_file)
        if held := await waiting(franked.world):
            console.print(f"[bold]Not approved:[/bold] {escape(held)}.\n")
        await told.wait()
        seconds = round((franked.world.declared.call_deadline + AROUND_THE_CALLS).total_seconds())
        console.print(
            f"\nStopping: no new mail is taken, calls under way are awaited, {seconds} s at most. "
            "Ctrl-C again ends at once."
        )
    console.print("Stopped. Nothing is lost: what was queued goes out at the next start.")


async def first_key(franked: Running, directory: Path) -> Path:
    """The file with a key for every stream; a new one when the file is gone or its key opens nothing."""
    file = directory / FIRST_KEY
    world = franked.world
    kept = file.read_text() if file.exists() else ""
    if await franked.keyring.find(kept, world.now(), world.monotonic()) is None:
        shown, record = make_key("first", frozenset(), frozenset(), world.now())
        await world.store.add_keys([record])
        franked.keyring.forget()
        file.touch(mode=0o600)
        file.write_text(shown)
    return file


def _greet(console: Console, franked: Running, settings: Settings, file: Path, key_file: Path) -> None:
    simulator = franked.wired.simulator
    console.print("[bold]Franked is up.[/bold] Ctrl-C stops it.\n")
    console.print(f"  HTTP door   {franked.url}      (what is there: {franked.url}/openapi.json)")
    console.print(f"  ready       {franked.url}/readyz")
    if simulator:
        console.print(f"  inbox       {simulator.url}/      (a simulated SES account: nothing leaves this machine)")
    else:
        console.print(f"  SES         the real account of your credentials, in {settings.ses.region}")
    console.print(f"  settings    {file}")
    console.print(f"  record      {place_of(settings)}")
    console.print(f"  API key     {key_file}\n\nTry it:\n")
    console.print(f"{curl(franked, key_file)}\n", markup=False)


def curl(franked: Running, key_file: Path) -> str:
    """A line that works when pasted into a shell."""
    body = msgspec.json.encode(
        {
            **_sample(franked.world),
            "to": "success@simulator.amazonses.com",
            "trigger": {"act": "trying Franked", "by": "me", "at": "NOW"},
        }
    ).decode()
    quoted = shlex.quote(body).replace("NOW", "'$(date -u +%FT%TZ)'")
    key = f'"Authorization: Bearer $(cat {shlex.quote(str(key_file.absolute()))})"'
    return f"curl -s {franked.url}/v1/messages -H {key} -H 'Content-Type: application/json' -d {quoted}"


def _sample(world: World) -> dict[str, object]:
    """A mail of the first stream that has a template; where all mail is in its caller's words, some words."""
    streams = sorted(world.declared.streams.values(), key=lambda stream: stream.content is Content.INLINE)
    stream = streams[0]
    if stream.content is Content.INLINE:
        return {"stream": stream.name, "content": {"subject": "Trying Franked", "text": stream.purpose}}
    template = world.templates.current(stream.template)
    variables = template.sample(world.declared.default_locale) if template else {}
    return {"stream": stream.name, "variables": variables}
