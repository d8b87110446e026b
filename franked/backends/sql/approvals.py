"""The shelf of approvals: each step of each version, in the order taken. Where a version stands is its last line."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, bindparam, exists, insert, select

from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.many import alone, among, fetch, write
from franked.backends.sql.rows import moment, ms
from franked.rules.approval import NotNow, Review, Step, objection

approvals = Table(
    "approvals",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    text("version"),
    text("template"),
    text("step"),
    text("by"),
    time("at"),
    text("note"),
    text("key"),
    Index("approvals_version", "version", "line"),
    Index("approvals_template", "template", "line"),
)

_later = approvals.alias()
_IS_LAST = ~exists().where(_later.c.version == approvals.c.version, _later.c.line > approvals.c.line)

_ADD = insert(approvals)
_LAST = select(approvals).where(among(approvals.c.version), _IS_LAST)
_OF = select(approvals).where(approvals.c.template == bindparam("of")).order_by(approvals.c.line)
_APPROVED = select(approvals.c.version).where(approvals.c.step == Step.APPROVED.value, _IS_LAST)
_APPROVED_OF = _APPROVED.where(among(approvals.c.version))


def review(conn: Connection, steps: Sequence[Review]) -> list[Review | NotNow]:
    if steps:
        alone(conn, approvals)  # two people may approve at once
    last = _last(conn, [one.version for one in steps])
    answers: list[Review | NotNow] = []
    for one in steps:
        answer = objection(one, last.get(one.version)) or one
        if isinstance(answer, Review):
            last[one.version] = answer
        answers.append(answer)
    write(conn, _ADD, [_row(one) for one in answers if isinstance(one, Review)])
    return answers


def reviewed(conn: Connection, versions: Sequence[str]) -> list[Review | None]:
    last = _last(conn, versions)
    return [last.get(version) for version in versions]


def of_template(conn: Connection, template: str) -> list[Review]:
    return [_value(row) for row in conn.execute(_OF, {"of": template})]


def approved(conn: Connection) -> frozenset[str]:
    return frozenset(conn.execute(_APPROVED).scalars())


def approved_among(conn: Connection, versions: Sequence[str]) -> frozenset[str]:
    """Mail without a template has no version, and nothing that could be approved."""
    asked = [version for version in versions if version]
    return frozenset(row.version for row in fetch(conn, _APPROVED_OF, asked)) | {""}


def _last(conn: Connection, versions: Sequence[str]) -> dict[str, Review]:
    return {row.version: _value(row) for row in fetch(conn, _LAST, versions)}


def _row(one: Review) -> dict[str, object]:
    return {
        "version": one.version,
        "template": one.template,
        "step": one.step.value,
        "by": one.by,
        "at": ms(one.at),
        "note": one.note,
        "key": one.key,
    }


def _value(row: Row[Any]) -> Review:
    return Review(row.version, row.template, Step(row.step), row.by, moment(row.at), row.note, row.key)
