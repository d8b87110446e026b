"""Commands that run a whole Franked in this process."""

from asyncio import Runner
from collections.abc import Callable, Coroutine
from contextlib import suppress
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from typing import TypeVar

import uvloop

from franked.doors.claim import AlreadyRunning
from franked.doors.cli.start import Unusable
from franked.doors.serving import PortTaken
from franked.store import StoreUnavailable
from franked.wiring import WrongSettings

T = TypeVar("T")

SENTENCES = (AlreadyRunning, PortTaken, StoreUnavailable, WrongSettings)


def run(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """On uvloop. Raises Unusable for what may well go wrong as Franked starts."""
    _, most = getrlimit(RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited", and means a number that it does not tell
        setrlimit(RLIMIT_NOFILE, (most, most))  # each caller is an open file
    try:
        with Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(main())
    except SENTENCES as error:
        raise Unusable(str(error)) from error
