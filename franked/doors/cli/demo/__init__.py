"""`franked demo`: a whole mail system in a minute, and the count that nothing was lost."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import msgspec
from rich.console import Console

from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.demo.portal import PortalFault, portal
from franked.doors.cli.demo.report import Report, Showing, most_telling, report
from franked.doors.cli.demo.story import WITHIN, Scene, play
from franked.doors.cli.demo.tally import tally
from franked.doors.cli.hosting import run
from franked.doors.cli.start import Unusable, examples, said
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.settings import Settings, read
from franked.wiring import Ses, Simulator

Trouble = Callable[[Simulator], None]


def demo(as_json: bool, within: float = WITHIN, trouble: Trouble = lambda simulator: None) -> int:
    """`within`: seconds for all of it. `trouble`: what the account is to do wrong, for whoever tests the demo."""
    return said(lambda: _demo(as_json, within, trouble))


def _demo(as_json: bool, within: float, trouble: Trouble) -> int:
    console = Console(stderr=as_json, highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="franked-demo-"))
    found = run(lambda: _played(_settings(folder), folder, console, within, trouble))
    if as_json:
        sys.stdout.write(msgspec.json.encode(found.tally.as_dict()).decode() + "\n")
    else:
        report(found, folder, console)
    if not found.tally.closed:
        sys.stderr.write(f"the loop did not close; the log is {folder / 'franked.log'}\n")
    elif as_json:
        shutil.rmtree(folder)  # it holds mails and codes, and nobody looks at them
    return 0 if found.tally.closed else 1


def _settings(folder: Path) -> Settings:
    """The consulting example's, in a place of its own, on free ports, in the sandbox."""
    settings = read(examples() / "consulting" / "franked.toml", {})
    return replace(
        settings,
        store=replace(settings.store, directory=folder / "record"),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=False, rate=1.0, quota=200.0),
    )


async def _played(settings: Settings, folder: Path, console: Console, within: float, trouble: Trouble) -> Report:
    started, clock = time.monotonic(), MovableClock()
    async with AsyncExitStack() as stack:
        log = stack.enter_context((folder / "franked.log").open("w"))
        franked = await stack.enter_async_context(running(settings, Ses.SIMULATED, clock, log_to=log))
        simulator = franked.wired.simulator
        assert simulator is not None
        trouble(simulator)
        key, record = make_key("consulting portal", frozenset(settings.streams), frozenset(), clock())
        await franked.world.store.add_keys([record])
        product = portal(examples(), franked.url, key, folder, simulator, clock)
        shop = await stack.enter_async_context(product)
        with Showing(console) as showing:
            try:
                stories = await play(Scene(franked, simulator, shop, clock, showing.say), within)
            except PortalFault as error:
                raise Unusable(f"{error}; the log is {folder / 'franked.log'}") from error
        taken = [mail.tags["franked-message"] for mail in simulator.taken() if "franked-message" in mail.tags]
        counted = tally(shop.handed_over(), stories, taken, time.monotonic() - started)
        example = most_telling([story for story in stories if story is not None])
        story = await shop.ask_franked(f"{franked.url}/v1/messages/{example}", key) if example else None
        return Report(counted, story)
