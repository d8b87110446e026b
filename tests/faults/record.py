"""What the record says, read from its file by a stranger who writes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from franked.rules.audit import Kept
from franked.rules.message import State


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
        yield connection


def open_attempts(file: Path) -> set[str]:
    """Calls that may have been made, of which the record knows no outcome: message id, dash, number."""
    with _reading(file) as record:
        return {
            one for (one,) in record.execute("SELECT message_id || '-' || number FROM attempts WHERE outcome IS NULL")
        }


def kept(file: Path) -> dict[str, Kept]:
    """Every message: its state, and how many copies were decided."""
    with _reading(file) as record:
        resends = dict(
            record.execute("SELECT message_id, count(*) FROM ledger WHERE what = 'resend' GROUP BY message_id")
        )
        states = record.execute("SELECT id, state FROM messages").fetchall()
    return {id_: Kept(State(state), resends.get(id_, 0)) for id_, state in states}


def story(file: Path, message_id: str) -> str:
    """For whoever has to find out what happened to it; of a lost one there may be none."""
    asked = (
        "SELECT stream, state, reason, attempt, tries FROM messages WHERE id = ?",
        "SELECT number, at, outcome, detail FROM attempts WHERE message_id = ?",
        'SELECT at, what, why, "by" FROM ledger WHERE message_id = ? ORDER BY line',
    )
    with _reading(file) as record:
        return "\n  ".join([message_id, *(str(record.execute(one, [message_id]).fetchall()) for one in asked)])
