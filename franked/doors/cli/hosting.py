"""Commands that run a whole Franked in this process."""

import asyncio
import gc
import os
import signal
from asyncio import Runner
from collections.abc import Callable, Coroutine
from contextlib import suppress
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from typing import TypeVar
from urllib.parse import urlsplit

import uvloop

from franked.doors.claim import AlreadyRunning
from franked.doors.cli.start import Unusable
from franked.doors.serving import PortTaken
from franked.settings import Settings
from franked.store import StoreUnavailable
from franked.wiring import WrongSettings

T = TypeVar("T")

COLLECTED_AFTER = 20_000, 20, 50  # objects; Python's own 700, 10, 10 costs a drained mail a fifth of its time

SENTENCES = (AlreadyRunning, PortTaken, StoreUnavailable, WrongSettings)


def run(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """On uvloop. Raises Unusable for what may well go wrong as Franked starts."""
    _, most = getrlimit(RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited", and means a number that it does not tell
        setrlimit(RLIMIT_NOFILE, (most, most))  # each caller is an open file
    gc.freeze()  # what was imported stays, and need not be walked again and again
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        with Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(main())
    except SENTENCES as error:
        raise Unusable(str(error)) from error


def until_stopped() -> asyncio.Event:
    """Set by the first Ctrl-C or SIGTERM. The second ends the process at once, as a crash would: what is under way is
    found at the next start, and settled."""
    told = asyncio.Event()

    def stop(number: int) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop, one)
    return told


def place_of(settings: Settings) -> str:
    """Where the record is, for people: without a password."""
    if settings.store.url is None:
        return str(settings.store.directory)
    url = urlsplit(settings.store.url)
    return f"postgresql://{url.netloc.rpartition('@')[2]}{url.path}"
