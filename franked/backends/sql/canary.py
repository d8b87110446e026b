"""The canary's state: one row, of which only the proof is asked for each batch of mail."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Column, Connection, Integer, Table, exists, literal_column, select

from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.many import alone, among, fetch, replacing, write
from franked.backends.sql.rows import ms_or_none
from franked.backends.sql.schema import messages, origins
from franked.rules.canary import Canary
from franked.rules.message import SEVERITY

canary = Table(
    "canary",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    time("proven_until", known=False),
    text("contents"),
)

_KEEP = replacing(canary)
_READ = select(canary.c.contents)
_VERSION = select(canary.c.version)
_PROVEN = select(canary.c.proven_until)
_TAKEN = messages.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(SEVERITY)])
_CONTACTED = select(origins.c.address_key).where(
    among(origins.c.address_key),
    exists().where(messages.c.address_key == origins.c.address_key, _TAKEN),
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Canary)


def read(conn: Connection) -> Canary:
    contents = conn.execute(_READ).scalar()
    return _decoder.decode(contents) if contents else Canary()


def keep(conn: Connection, new: Sequence[Canary]) -> list[bool]:
    """Of two who read the same version, the first wins."""
    alone(conn, canary)
    version = conn.execute(_VERSION).scalar() or 0
    fits = []
    for one in new:
        fits.append(one.version == version + 1)
        if fits[-1]:
            version = one.version
            write(conn, _KEEP, [_row(one)])
    return fits


def is_proven(conn: Connection, now: int) -> bool:
    """That bounces come back."""
    until = conn.execute(_PROVEN).scalar()
    return until is not None and now < until


def contacted(conn: Connection, address_keys: Sequence[str]) -> frozenset[str]:
    """To which of them SES has ever taken a mail, as far as the record goes back."""
    return frozenset(row.address_key for row in fetch(conn, _CONTACTED, address_keys))


def _row(one: Canary) -> dict[str, object]:
    contents = _encoder.encode(one).decode()
    return {"only": 1, "version": one.version, "proven_until": ms_or_none(one.proven_until), "contents": contents}
