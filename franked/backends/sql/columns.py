"""What the tables are made of: how a time, a text and a partial index are written for both dialects."""

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Index, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def time(name: str, *, known: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=not known, info={"is": "time"})


def is_time(column: Column[Any]) -> bool:
    return column.info.get("is") == "time"


def text(name: str, *, known: bool = True) -> Column[str]:
    return Column(name, Text, nullable=not known)


def index(name: str, *columns: ColumnElement[object], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)
