"""The Store port's verbs about the request to AWS, on SQL. See franked.shelves for what each promises."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, Row, Table, Text, func, insert, select

from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.commits import Verb
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import write
from franked.backends.sql.rows import moment, ms
from franked.backends.sql.schema import origins
from franked.backends.sql.shelf import Reads, Shelf, Writes
from franked.rules.address import SIMULATOR_DOMAIN
from franked.rules.origin import IMPORT, Way
from franked.rules.request import Line, What

access_log = Table(
    "access_log",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    time("at"),
    text("what"),
    text("by"),
    text("text"),
    Column("case_id", Text, nullable=False),
)

_NOTE = insert(access_log)
_LINES = select(access_log).order_by(access_log.c.line)
_BY_ACT = (
    select(origins.c.trigger_act, origins.c.stream, origins.c.source, func.count())
    .where(origins.c.address_key.not_like(f"%@{SIMULATOR_DOMAIN}"))
    .group_by(origins.c.trigger_act, origins.c.stream, origins.c.source)
)


def note(conn: Connection, lines: Sequence[Line]) -> list[None]:
    write(conn, _NOTE, [_row(one) for one in lines])
    return [None] * len(lines)


def log(conn: Connection) -> list[Line]:
    return [_value(row) for row in conn.execute(_LINES)]


def count_origins(conn: Connection) -> Mapping[Way, int]:
    found: Counter[Way] = Counter()
    for act, stream, source, number in conn.execute(_BY_ACT):
        found[Way(act or "", "" if act else stream or "", source or "" if act == IMPORT else "")] += number
    return found


class AccessShelf(Shelf):
    def __init__(self, writer: Writes, reader: Reads, desk: Desk) -> None:
        super().__init__(writer, reader, desk)
        self._note: Verb[Line, None] = Verb(note)

    async def note_access(self, lines: Sequence[Line]) -> None:
        await self._writer.submit(self._note, lines)

    async def access_log(self) -> list[Line]:
        return await self._read(log)

    async def count_origins(self) -> Mapping[Way, int]:
        return await self._read(count_origins)


def _row(one: Line) -> dict[str, object]:
    return {"at": ms(one.at), "what": one.what.value, "by": one.by, "text": one.text, "case_id": one.case_id}


def _value(row: Row[Any]) -> Line:
    return Line(moment(row.at), What(row.what), row.by, row.text, row.case_id)
