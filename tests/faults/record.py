"""What the record says, read by a stranger who writes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, text

from franked.backends.sql.engine import pooled, reading, url_of
from franked.backends.sql.reader import Reader
from franked.backends.sql.shelf import Reads
from franked.backends.sql.tasks import Asker
from franked.rules.audit import Kept
from franked.rules.message import State
from franked.store import StoreUnavailable
from tests.faults.place import Place

R = TypeVar("R")

BACK_WITHIN = 60.0  # seconds: a PostgreSQL that starts again
GIVEN_UP = "the lease ended without an answer"


@dataclass(frozen=True, slots=True)
class Reading:
    reads: Reads

    async def ask(self, question: Callable[[Connection], R]) -> R:
        """Again, where the database is away for a moment."""
        async with asyncio.timeout(BACK_WITHIN):
            while True:
                try:
                    return await self.reads.ask(question)
                except StoreUnavailable:
                    await asyncio.sleep(0.2)


@asynccontextmanager
async def reading_of(place: Place) -> AsyncIterator[Reading]:
    url = place.settings.store.url
    if url is None:
        engine = reading(url_of(place.record))
        reader = Reader(engine)
        yield Reading(reader)
        await reader.close()
        engine.dispose()
    else:
        pool = pooled(url_of(url))
        yield Reading(Asker(pool))
        await pool.dispose()


def open_attempts(conn: Connection) -> set[str]:
    """Calls that may have been made, of which the record knows no outcome: message id, dash, number."""
    return set(conn.scalars(text("SELECT message_id || '-' || number FROM attempts WHERE outcome IS NULL")))


def forsaken_attempts(conn: Connection) -> set[str]:
    """Those of which nobody ever told an outcome, and the sweep has closed some."""
    given_up = text("SELECT message_id || '-' || number FROM attempts WHERE outcome = 'unknown' AND detail = :why")
    return open_attempts(conn) | set(conn.scalars(given_up, {"why": GIVEN_UP}))


def kept(conn: Connection) -> dict[str, Kept]:
    """Every message: its state, and how many copies were decided."""
    counted = text("SELECT message_id, count(*) AS n FROM ledger WHERE what = 'resend' GROUP BY message_id")
    resends = {row.message_id: row.n for row in conn.execute(counted)}
    states = conn.execute(text("SELECT id, state FROM messages"))
    return {row.id: Kept(State(row.state), resends.get(row.id, 0)) for row in states}


def story(conn: Connection, message_id: str) -> str:
    """For whoever has to find out what happened to it; of a lost one there may be none."""
    asked = (
        "SELECT stream, state, reason, attempt, tries FROM messages WHERE id = :id",
        "SELECT number, at, outcome, detail FROM attempts WHERE message_id = :id",
        'SELECT at, what, why, "by" FROM ledger WHERE message_id = :id ORDER BY line',
    )
    return "\n  ".join([message_id, *(str(conn.execute(text(one), {"id": message_id}).all()) for one in asked)])
