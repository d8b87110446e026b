"""A running Franked in a thread of its own, for those who ask it without asyncio."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from queue import Queue

from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.rules.stream import parse_limit
from franked.wiring import Ses, system_clock
from tests.product import settings_in

UP_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Live:
    """`limited`: a key for one stream and one sender, and few mails."""

    url: str
    administrator: str
    limited: str
    log: StringIO

    def faults(self) -> list[str]:
        """The log's lines about what should never happen, tracebacks among them."""
        lines = self.log.getvalue().split("\n")[:-1]  # what JSON leaves as it is, `splitlines` would cut at
        return [line for line in lines if "Traceback" in line or json.loads(line)["event"] == "fault"]

    def now(self) -> datetime:
        return system_clock()


@contextmanager
def live(folder: Path) -> Iterator[Live]:
    up: Queue[Live | BaseException] = Queue()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_run(folder, up, stop)), name="franked")
    thread.start()
    try:
        started = up.get(timeout=UP_WITHIN)
        if isinstance(started, BaseException):
            raise started
        yield started
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _run(folder: Path, up: Queue[Live | BaseException], stop: asyncio.Event) -> None:
    log = StringIO()
    try:
        async with running(settings_in(folder), Ses.SIMULATED, log_to=log) as franked:
            limits = frozenset({"receipt"}), frozenset({"orders@example.com"})
            shown, record = make_key("limited", *limits, system_clock(), parse_limit("20/hour"))
            await franked.world.store.add_keys([record])
            up.put(Live(franked.url, franked.control_key, shown, log))
            await stop.wait()
    except BaseException as error:
        up.put(error)
        raise
