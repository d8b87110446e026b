"""The shelf of deleted accounts: whoever a trigger names there gets no more mail, but of the streams that were kept."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace
from sqlalchemy import Column, Connection, Table, Text, bindparam, delete, select

from franked.backends.sql import dockets
from franked.backends.sql.columns import metadata, text, time
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Line, docket_of
from franked.backends.sql.many import among, fetch, replacing, write
from franked.backends.sql.rows import ms
from franked.backends.sql.schema import EXPIRES, messages
from franked.rules.message import State
from franked.rules.person import ACCOUNT_DELETED, AccountDeletion

deleted_accounts = Table(
    "deleted_accounts",
    metadata,
    Column("account", Text, primary_key=True),
    time("at"),
    text("by"),
    text("why"),
    text("keep"),  # JSON list of streams
    sqlite_with_rowid=False,
)

_KEEP = replacing(deleted_accounts)
_FIND = select(deleted_accounts.c.account, deleted_accounts.c.keep).where(among(deleted_accounts.c.account))
_REOPEN = delete(deleted_accounts).where(deleted_accounts.c.account == bindparam("of"))
_WAITING = (  # a look at all that waits, and at nothing else
    select(*dockets.COLUMNS)
    .where(EXPIRES, messages.c.trigger_by == bindparam("account"))
    .order_by(messages.c.id)
    .with_for_update()
)


def delete_accounts(conn: Connection, asked: Sequence[AccountDeletion], desk: Desk) -> list[int]:
    """How much mail was dropped for each."""
    last = {one.account: one for one in asked}
    write(conn, _KEEP, [_row(last[account]) for account in sorted(last)])
    return [_drop(conn, one, desk) for one in asked]


def _drop(conn: Connection, asked: AccountDeletion, desk: Desk) -> int:
    waiting = [docket_of(row) for row in conn.execute(_WAITING, {"account": asked.account})]
    dropped = [
        replace(docket, state=State.DROPPED, reason=ACCOUNT_DELETED, held_until=None)
        for docket in waiting
        if docket.stream not in asked.keep
    ]
    dockets.move(conn, dropped, desk)
    lines = [Line(one, State.DROPPED.value, desk.now(), asked.by, ACCOUNT_DELETED) for one in dropped]
    dockets.enter(conn, lines, desk)
    return len(dropped)


def reopen(conn: Connection, accounts: Sequence[str]) -> list[bool]:
    """True where it was deleted."""
    return [conn.execute(_REOPEN, {"of": account}).rowcount > 0 for account in accounts]


def deleted(conn: Connection, accounts: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Those of them that are, with the streams that were kept."""
    return {row.account: frozenset(msgspec.json.decode(row.keep)) for row in fetch(conn, _FIND, accounts)}


def _row(one: AccountDeletion) -> dict[str, object]:
    keep = msgspec.json.encode(sorted(one.keep)).decode()
    return {"account": one.account, "at": ms(one.at), "by": one.by, "why": one.why, "keep": keep}
