"""Many rows in few statements, in words that both dialects take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Connection, Dialect, Executable, Row, Select, Table, Text, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import Column
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine


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
    """Once per row, as one executemany. All rows have the same names; their values go to the driver as they are, which
    costs a tenth of SQLAlchemy's own way of binding them row by row."""
    if rows:
        sql, values = _prepared(_in_words_of(conn, statement), conn.dialect, tuple(rows[0]))
        conn.exec_driver_sql(sql, [values(row) for row in rows])


@lru_cache(maxsize=256)
def _prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
    """The driver's SQL, and what picks a row's values in its order."""
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    order = compiled.positiontup or []
    if len(order) == 1:
        return compiled.string, lambda row: (row[order[0]],)
    return compiled.string, itemgetter(*order)


def written(conn: Connection, statement: PerDialect, rows: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
    """What `write` says, where the statement returns something, in no order."""
    return conn.execute(_in_words_of(conn, statement), rows).all() if rows else []


def _in_words_of(conn: Connection, statement: PerDialect | Executable) -> Executable:
    if isinstance(statement, PerDialect):
        return statement.postgresql if conn.dialect.name == "postgresql" else statement.sqlite
    return statement


class Keys(TypeDecorator[Sequence[str]]):
    """A list of strings as one value: an array, or JSON where there is none."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        keys = list(value or ())
        return keys if dialect.name == "postgresql" else msgspec.json.encode(keys).decode()


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> "_Among":  # SQLAlchemy's own would say `… = 1`, and use no index
        return self


def among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Is the column's value one of the `keys` that the statement is executed with? One statement, however many."""
    return _Among(column, bindparam("keys", type_=Keys()))


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608  # both are a compiler's own words


@compiles(_Among)
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({keys})"


def fetch(conn: Connection, statement: Select[Any], keys: Sequence[str], **others: object) -> Sequence[Row[Any]]:
    """All rows for `keys`, which the statement asks for by `among`."""
    return conn.execute(statement, {"keys": sorted(set(keys)), **others}).all() if keys else []
