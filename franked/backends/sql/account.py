"""What the account said last."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from franked.backends.sql import quota
from franked.backends.sql.many import replacing, write
from franked.backends.sql.rows import moment, ms
from franked.backends.sql.schema import account
from franked.rules.pace import Access

_KEEP = replacing(account)
_READ = select(account)
_words = msgspec.json.Decoder(frozenset[str])


def read(conn: Connection) -> Access | None:
    row = conn.execute(_READ).one_or_none()
    return None if row is None else _value(row)


def learn(conn: Connection, access: Access) -> Access | None:
    """Returns what it said before."""
    before = read(conn)
    write(conn, _KEEP, [_row(access, quota.in_minute(conn, ms(access.read_at)))])
    return before


def own_since_read(conn: Connection, now: int) -> int:
    """What we sent after AWS's figure was read, and in the last 24 hours: whole minutes, less what the first of them
    held when it was read."""
    row = conn.execute(_READ).one()
    if row.read_at < now - quota.DAY:
        return quota.in_24h(conn, now)
    return max(0, quota.since(conn, row.read_at) - int(row.sent_before))


def _row(access: Access, sent_before: int) -> dict[str, object]:
    return {
        "only": 1,
        "production": access.production,
        "rate": access.rate,
        "quota": access.quota,
        "sent_24h": access.sent_24h,
        "read_at": ms(access.read_at),
        "sending_enabled": access.sending_enabled,
        "enforcement": access.enforcement,
        "verified": msgspec.json.encode(sorted(access.verified)).decode(),
        "sent_before": sent_before,
    }


def _value(row: Row[Any]) -> Access:
    return Access(
        production=row.production,
        rate=row.rate,
        quota=row.quota,
        sent_24h=row.sent_24h,
        read_at=moment(row.read_at),
        sending_enabled=row.sending_enabled,
        enforcement=row.enforcement,
        verified=_words.decode(row.verified),
    )
