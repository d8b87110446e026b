"""Many rows in few statements, in words that both dialects take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Executable, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

MOST_KEYS = 512  # in one statement


@dataclass(frozen=True, slots=True)
class PerDialect:
    """One statement in each dialect's words."""

    sqlite: Executable
    postgresql: Executable


def ignoring(table: Table, *, returning: Column[Any] | None = None) -> PerDialect:
    """Insert; a row whose key is taken stays as it is, and returns nothing."""
    inserts = sqlite.insert(table).on_conflict_do_nothing(), postgresql.insert(table).on_conflict_do_nothing()
    return PerDialect(*(insert if returning is None else insert.returning(returning) for insert in inserts))


def replacing(table: Table) -> PerDialect:
    """Insert, or write over the row with this key."""
    return PerDialect(_replacing(sqlite.insert(table), table), _replacing(postgresql.insert(table), table))


def adding(table: Table, number: str) -> PerDialect:
    """Insert, or add to the number in the row with this key."""
    return PerDialect(_adding(sqlite.insert(table), table, number), _adding(postgresql.insert(table), table, number))


Insert = sqlite.Insert | postgresql.Insert


def _replacing(insert: Insert, table: Table) -> Executable:
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)


def _adding(insert: Insert, table: Table, number: str) -> Executable:
    total = table.c[number] + insert.excluded[number]
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_={number: total})


def alone(conn: Connection, table: Table) -> None:
    """Until this transaction ends nobody else writes to the table; it can be read all the while. On SQLite that is so
    anyway."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")


def write(conn: Connection, statement: PerDialect | Executable, rows: Sequence[dict[str, Any]]) -> None:
    """Once per row, as one executemany."""
    if rows:
        conn.execute(_in_words_of(conn, statement), rows)


def written(conn: Connection, statement: PerDialect, rows: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
    """What `write` says, where the statement returns something, in no order."""
    return conn.execute(_in_words_of(conn, statement), rows).all() if rows else []


def _in_words_of(conn: Connection, statement: PerDialect | Executable) -> Executable:
    if isinstance(statement, PerDialect):
        return statement.postgresql if conn.dialect.name == "postgresql" else statement.sqlite
    return statement


def fetch(conn: Connection, statement: Select[Any], keys: Sequence[str], **others: object) -> list[Row[Any]]:
    """All rows for `keys`, which the statement takes as an expanding `keys`."""
    found: list[Row[Any]] = []
    for some in _in_chunks(sorted(set(keys))):
        found.extend(conn.execute(statement, {"keys": some, **others}).all())
    return found


def _in_chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Filled up to a power of two with the last key: few different statements, which the driver can keep prepared."""
    for start in range(0, len(keys), MOST_KEYS):
        some = keys[start : start + MOST_KEYS]
        size = 1 << (len(some) - 1).bit_length()
        yield [*some, *[some[-1]] * (size - len(some))]
