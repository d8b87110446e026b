"""What processes that share a PostgreSQL have in common: its clock, and the bell that each of them hears."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from franked.backends.bell import AsyncioBell
from franked.backends.sql.tasks import CHANNEL

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

MEASURED_EVERY = 30.0  # seconds
DEAF_FOR = 1.0  # seconds until a bell whose connection broke listens again
_CLOCK = text("SELECT clock_timestamp()")

Log = Callable[..., None]


class SharedClock:
    """The database's time, whatever this machine's clock says: leases, tries and the pace are the same for all. What
    the machine's own clock was moved ahead by (a test's, the demo's) is added."""

    def __init__(self, own: Callable[[], datetime]) -> None:
        self._own = own
        self._measured, self._at = datetime.now(UTC), time.monotonic()

    def __call__(self) -> datetime:
        ahead = self._own() - datetime.now(UTC)
        return self._measured + timedelta(seconds=time.monotonic() - self._at) + ahead

    async def measure(self, engine: "AsyncEngine") -> None:
        """Half of the way there and back is taken for the way back."""
        async with engine.connect() as conn:
            await conn.execute(_CLOCK)  # the connection is there: the next answer takes the way only
            asked = time.monotonic()
            told = (await conn.execute(_CLOCK)).scalar_one()
            answered = time.monotonic()
        self._measured, self._at = told.astimezone(UTC), (asked + answered) / 2


class SharedBell(AsyncioBell):
    """Rung by every commit, of whichever process, that has made something due."""

    def __init__(self) -> None:
        super().__init__()
        self.hears = False

    def ring_if_deaf(self) -> None:
        """For commits of this process: whoever hears is rung by the database."""
        if not self.hears:
            self.ring()

    async def listen(self, engine: "AsyncEngine") -> None:
        """Until the connection breaks."""
        async with engine.connect() as conn:
            raw = (await conn.get_raw_connection()).driver_connection
            assert raw is not None
            broken = asyncio.Event()
            raw.add_termination_listener(lambda _: broken.set())
            await raw.add_listener(CHANNEL, lambda *_: self.ring())
            self.hears = True
            try:
                self.ring()  # for what came while it was deaf
                await broken.wait()
            finally:
                self.hears = False


@asynccontextmanager
async def sharing(engine: "AsyncEngine", clock: SharedClock, bell: SharedBell, log: Log) -> AsyncIterator[None]:
    """Keeps the clock right and the bell listening. Raises what the database says when it can't be asked at all."""
    await clock.measure(engine)
    rounds = [
        asyncio.create_task(_measuring(engine, clock, log), name="clock"),
        asyncio.create_task(_listening(engine, bell, log), name="bell"),
    ]
    try:
        yield
    finally:
        for one in rounds:
            one.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)


async def _measuring(engine: "AsyncEngine", clock: SharedClock, log: Log) -> None:
    while True:
        await asyncio.sleep(MEASURED_EVERY)
        try:
            await clock.measure(engine)
        except Exception as error:  # it goes on by the last measure
            log("clock_not_measured", level="warning", why=type(error).__name__)


async def _listening(engine: "AsyncEngine", bell: SharedBell, log: Log) -> None:
    while True:
        try:
            await bell.listen(engine)
        except Exception as error:
            log("bell_deaf", level="warning", why=type(error).__name__)
        await asyncio.sleep(DEAF_FOR)
