"""How often something happened, by stream, over all time."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from franked.backends.sql.many import adding, write
from franked.backends.sql.schema import counters

_ADD = adding(counters, "n")
_ALL = select(counters.c.stream, counters.c.what, counters.c.n).where(counters.c.n != 0)


def add(conn: Connection, more: Mapping[tuple[str, str], int]) -> None:
    write(conn, _ADD, [{"stream": stream, "what": what, "n": n} for (stream, what), n in sorted(more.items()) if n])


def read(conn: Connection) -> dict[tuple[str, str], int]:
    return {(row.stream, row.what): row.n for row in conn.execute(_ALL)}
