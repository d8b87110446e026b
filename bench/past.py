"""A record with a past: one mail that really went there and back, copied by SQL into every table it touched."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Table

from franked.backends.sql import schema
from franked.backends.sql.rows import ms

AT_ONCE = 100_000
MAILS_A_PERSON = 10
CACHE = 300_000  # kB, while it is filled
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_COPIED = (schema.messages, schema.attempts, schema.ledger, schema.events, schema.settlements)
_TIME = " || ".join(f"substr('{_CROCKFORD}', (at >> {shift} & 31) + 1, 1)" for shift in range(45, -1, -5))
_LIVED = f"""
WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last),
  times AS (SELECT n, CAST(:newest - (:number - n) * :step AS INTEGER) AS at FROM numbers)
INSERT INTO temp.lived SELECT n, at, 'm_' || {_TIME} || lower(hex(randomblob(8))),
  printf('0107%012x-%s-000000', at, lower(hex(randomblob(18)))), 'p' || (n * 7919 % :people) || '@example.net'
FROM times
"""
_LIVED_BY_CHANCE = """
(SELECT id, accepted_at AS at, lower(hex(randomblob(16))) AS chance FROM messages) ORDER BY chance
"""  # an application's own keys: in the order of their index, or each chunk of them would write all of it
_TOUCHED_AT_RANDOM = (  # the system has these in its memory where a record has grown by itself
    "SELECT count(*) FROM messages INDEXED BY messages_of_address",
    "SELECT count(*) FROM events INDEXED BY events_of_address WHERE kind IN ('bounce', 'delivery')",
    "SELECT sum(length(fingerprint)) FROM idempotency",
    "SELECT sum(length(recipient)) FROM origins",
)
_RANDOM = {  # what is different in each row, whoever's it is
    (schema.events.name, "key"): "substr(ses_id, 1, 16) || '-' || lower(hex(randomblob(16)))",
    (schema.idempotency.name, "key"): "chance",
    (schema.ledger.name, "line"): "NULL",
}


@dataclass(frozen=True, slots=True)
class Seed:
    """The mail that is copied, as it stands in the record."""

    id: str
    ses_id: str
    address: str
    at: int  # accepted, ms


def people_of(number: int) -> int:
    """How many people so many mails went to."""
    return max(1, number // MAILS_A_PERSON)


def fill(file: Path, number: int, newest: datetime, over: timedelta, tell: Callable[[str], None]) -> None:
    """`file`: a record in which exactly one mail has ended. In the end `number` have, the newest at `newest`, the
    oldest `over` before; nobody has the file open meanwhile."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db, _without_indexes(db):
        seed = _seed(db)
        [used] = _rows(db, schema.idempotency, seed)
        db.execute("DELETE FROM idempotency")
        span = {"newest": ms(newest), "number": number, "step": over / timedelta(milliseconds=number)}
        for first in range(2, number + 1, AT_ONCE):
            last = min(number, first + AT_ONCE - 1)
            _copy(db, seed, {**span, "first": first, "last": last, "people": people_of(number)})
            tell(f"{last:,} of {number:,} messages stored")
        _insert(db, schema.idempotency, used, seed, _LIVED_BY_CHANCE)
        db.execute("UPDATE counters SET n = n * :number", {"number": number})
        tell("making the indexes")


@contextmanager
def _without_indexes(db: sqlite3.Connection) -> Iterator[None]:
    """As fast as a disk takes it: a crash would lose the file, and nobody would miss it."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", f"cache_size=-{CACHE}"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    made = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in made:
        db.execute(f"DROP INDEX {name}")
    db.execute("CREATE TEMP TABLE lived (n INTEGER PRIMARY KEY, at INTEGER, id TEXT, ses_id TEXT, address TEXT)")
    yield
    for _, sql in made:
        db.execute(sql)
    db.execute("PRAGMA journal_mode=WAL").fetchall()
    for look in _TOUCHED_AT_RANDOM:
        db.execute(look).fetchall()


def _seed(db: sqlite3.Connection) -> Seed:
    [row] = db.execute("SELECT id, ses_id, address_key, accepted_at FROM messages").fetchall()
    return Seed(*row)


def _copy(db: sqlite3.Connection, seed: Seed, span: Mapping[str, Any]) -> None:
    db.execute("BEGIN")
    db.execute("DELETE FROM temp.lived")
    db.execute(_LIVED, span)
    for table in _COPIED:
        for rest in _rows(db, table, seed):
            _insert(db, table, rest, seed, "temp.lived")
    [origin] = _rows(db, schema.origins, seed)
    _insert(db, schema.origins, origin, seed, f"temp.lived WHERE n <= {span['people']}", "INSERT OR IGNORE")
    db.execute("COMMIT")


def _rows(db: sqlite3.Connection, table: Table, seed: Seed) -> list[Mapping[str, Any]]:
    """The seed's own."""
    whose = next(name for name in ("message_id", "subject", "id") if name in table.columns)
    rows = db.execute(f"SELECT * FROM {table.name} WHERE {whose} = ?", [seed.id])
    return [dict(zip((name for name, *_ in rows.description), row, strict=True)) for row in rows]


def _insert(
    db: sqlite3.Connection, table: Table, row: Mapping[str, Any], seed: Seed, source: str, verb: str = "INSERT"
) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_copied(table, column, row[column.name], seed) for column in table.columns)
    db.execute(f"{verb} INTO {table.name} ({names}) SELECT {values} FROM {source}", row)


def _copied(table: Table, column: Column[Any], value: object, seed: Seed) -> str:
    """A column of a copy: its own name, address and time in place of the seed's, and all else as it was."""
    if chance := _RANDOM.get((table.name, column.name)):
        return chance
    if isinstance(column.type, BigInteger) and value is not None:
        return f"at + {int(str(value)) - seed.at}"
    copied = f":{column.name}"
    for name in ("id", "ses_id", "address"):
        if getattr(seed, name) in str(value):
            copied = f"replace({copied}, '{getattr(seed, name)}', {name})"
    return copied
