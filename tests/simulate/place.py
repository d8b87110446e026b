"""Where the records of this process's runs are kept: in memory, or in a database of PostgreSQL that it was given."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.simulate.journal import Records
from tests.simulate.postgres import Ground, PostgresRecord
from tests.simulate.sqlite import SqliteRecord


@dataclass(frozen=True, slots=True)
class Place:
    """`ports`: whose calls are disturbed, by the beginning of their names. `words`: how it is asked for."""

    records: Records
    ports: tuple[str, ...] = ("",)
    words: str = ""


IN_MEMORY = Place(SqliteRecord)
_given: list[Place] = []


def on(ground: Ground) -> Place:
    """What has nothing to do with the record is disturbed in memory, where it takes half the time."""
    return Place(partial(PostgresRecord, ground), ("store.", "transport."), " --db")


def settle_on(next_database: Callable[[], str]) -> None:
    """Once, as a process begins."""
    _given.append(on(Ground(next_database())))


def here() -> Place:
    return _given[-1] if _given else IN_MEMORY
