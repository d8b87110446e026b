"""Consequences are drawn once per (message, kind)."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.schema import settlements

_OPEN = insert(settlements)
_RENAME = update(settlements).where(settlements.c.subject == bindparam("of"))
_FIND = select(settlements).where(among(settlements.c.subject))

Settlement = tuple[str, str]  # subject, what


def settle(conn: Connection, asked: Sequence[Settlement]) -> list[bool]:
    """True for each that was not settled before, nor by an earlier one of this batch."""
    settled = {(row.subject, row.what) for row in fetch(conn, _FIND, [subject for subject, _ in asked])}
    new: set[Settlement] = set()
    answers = []
    for settlement in asked:
        answers.append(settlement not in settled and settlement not in new)
        if answers[-1]:
            new.add(settlement)
    write(conn, _OPEN, [{"subject": subject, "what": what} for subject, what in sorted(new)])
    return answers


def rename(conn: Connection, renamed: Sequence[tuple[str, str]]) -> None:
    """(subject before, subject from now on)"""
    write(conn, _RENAME, [{"of": before, "subject": after} for before, after in sorted(renamed)])


def of_unknown_mail(ses_id: str, recipient: str | None) -> str:
    """The subject while no message is known: such a mail may have had several recipients."""
    return f"ses:{ses_id}|{recipient or ''}"
