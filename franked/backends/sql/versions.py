"""What is kept whole, version by version: of two who read the same version, only the first may write the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Executable, Select, Table, bindparam, insert, select, update

from franked.backends.sql.many import among, fetch, write


class Versioned(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Versions:
    """Of a table with the columns `id` and `version`. 0: there is none yet."""

    lock: Select[Any]
    new: Executable
    change: Executable

    def keep(self, conn: Connection, kept: Sequence[V], row: Callable[[V], dict[str, object]]) -> list[bool]:
        """Which were kept. `row`: the other columns."""
        versions = {found.id: found.version for found in fetch(conn, self.lock, [one.id for one in kept])}
        fits = []
        for one in kept:
            fits.append(versions.get(one.id, 0) == one.version - 1)
            if fits[-1]:
                versions[one.id] = one.version
        winners = sorted(won(kept, fits), key=lambda one: (one.id, one.version))
        rows = [(one.version, {"version": one.version, **row(one)}, one.id) for one in winners]
        write(conn, self.new, [{"id": id_, **values} for version, values, id_ in rows if version == 1])
        write(conn, self.change, [{"of": id_, **values} for version, values, id_ in rows if version > 1])
        return fits


def versions_of(table: Table) -> Versions:
    lock = select(table.c.id, table.c.version).where(among(table.c.id)).order_by(table.c.id).with_for_update()
    return Versions(lock, insert(table), update(table).where(table.c.id == bindparam("of")))


def won(kept: Sequence[V], fits: Sequence[bool]) -> list[V]:
    return [one for one, fit in zip(kept, fits, strict=True) if fit]
