"""The outbox: what an endpoint is to be told, written with the change that it tells of. Where nobody wants to know, no
statement is made.

A message's notice names the message only: what is told of it is looked up as it is called, so an erasure reaches it.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    null,
    select,
    update,
)

from franked.backends.sql.columns import index, metadata, text, time
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.rows import moment, moment_or_none, ms_or_none
from franked.backends.sql.schema import messages
from franked.rules.message import RANDOM_BYTES, ulid
from franked.rules.person import ERASED
from franked.rules.webhook import Answer, Called, Notice, OfMail

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    text("endpoint"),
    text("event"),
    text("subject"),  # a message, or an address
    text("word", known=False),
    time("until", known=False),
    time("at"),
    time("due_at", known=False),  # NULL: it was told, or given up
    Column("tries", Integer, nullable=False),
    time("told_at", known=False),
    sqlite_with_rowid=False,
)
WAITS = outbox.c.due_at.is_not(None)
index("outbox_due", outbox.c.endpoint, outbox.c.due_at, where=WAITS)
Index("outbox_subject", outbox.c.subject)

_WRITE = insert(outbox)
_OF_ENDPOINT = outbox.c.endpoint == bindparam("of"), WAITS
_NEXT = select(outbox.c.due_at).where(*_OF_ENDPOINT).order_by(outbox.c.due_at).limit(1)
_DUE = (
    select(outbox)
    .where(*_OF_ENDPOINT, outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MAIL = select(
    messages.c.id,
    messages.c.stream,
    messages.c.recipient,
    messages.c.accepted_at,
    messages.c.trigger_by,
    messages.c.trigger_ref,
).where(among(messages.c.id))
_MOVE = update(outbox).where(outbox.c.id == bindparam("of"))
_WAKE = update(outbox).where(*_OF_ENDPOINT).values(due_at=bindparam("now"), tries=0)
_ENDED = (
    select(outbox.c.id)
    .where(outbox.c.id > bindparam("after"), outbox.c.endpoint == bindparam("of"), outbox.c.due_at.is_(None))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_AGAIN = (
    update(outbox)
    .where(among(outbox.c.id), outbox.c.due_at.is_(None))
    .values(due_at=bindparam("now"), tries=0, told_at=null())
)
_PAST = select(outbox.c.id).where(outbox.c.id < bindparam("before")).order_by(outbox.c.id).limit(bindparam("most"))
_FORGET = delete(outbox).where(among(outbox.c.id))
_ERASE = delete(outbox).where(outbox.c.subject == bindparam("of"))

MARK = "w_"

Telling = tuple[str, str | None, str, int, str | None, int | None]  # event, stream, subject, at, word, until


def tell(conn: Connection, tellings: Iterable[Telling], desk: Desk) -> None:
    """`tellings` is looked at only where somebody may want to know."""
    if desk.wanted is None:
        return
    rows = [
        {
            "id": f"{MARK}{ulid(desk.now(), int.from_bytes(os.urandom(RANDOM_BYTES)))}",
            "endpoint": name,
            "event": event,
            "subject": subject,
            "word": word,
            "until": until,
            "at": at,
            "due_at": desk.now(),
            "tries": 0,
        }
        for event, stream, subject, at, word, until in tellings
        for name in desk.wanted(event, stream)
    ]
    write(conn, _WRITE, rows)


def next_due(conn: Connection, endpoint: str) -> int | None:
    return conn.execute(_NEXT, {"of": endpoint}).scalar()


def take(conn: Connection, endpoint: str, most: int, now: int, lease_until: int) -> list[Notice]:
    rows = conn.execute(_DUE, {"of": endpoint, "now": now, "most": most}).all() if most else []
    write(conn, _MOVE, [{"of": id_, "due_at": lease_until} for id_ in sorted(row.id for row in rows)])
    mails = {row.id: _mail(row) for row in fetch(conn, _MAIL, [row.subject for row in rows])}
    return [_notice(row, mails.get(row.subject)) for row in rows]


def _mail(row: Row[Any]) -> OfMail:
    to = None if row.recipient.startswith(ERASED) else row.recipient
    return OfMail(row.stream, to, moment(row.accepted_at), row.trigger_by, row.trigger_ref)


def _notice(row: Row[Any], mail: OfMail | None) -> Notice:
    return Notice(
        id=row.id,
        endpoint=row.endpoint,
        event=row.event,
        subject=row.subject,
        at=moment(row.at),
        tries=row.tries,
        word=row.word,
        until=moment_or_none(row.until),
        mail=mail,
    )


def finish(conn: Connection, called: Sequence[Called]) -> None:
    """What was forgotten or erased meanwhile is not there, and stays so."""
    write(conn, _MOVE, [_moved(one) for one in sorted(called, key=lambda one: one.notice.id)])


def _moved(one: Called) -> dict[str, object]:
    """Who wants no more keeps what waits: whoever enables it again decides."""
    due_at = one.at if one.answer is Answer.GONE else one.due_at
    told_at = one.at if one.answer is Answer.TOLD else None
    return {
        "of": one.notice.id,
        "due_at": ms_or_none(due_at),
        "tries": one.notice.tries + 1,
        "told_at": ms_or_none(told_at),
    }


def wake(conn: Connection, endpoint: str, now: int) -> None:
    """What waits is due now, with all its tries."""
    conn.execute(_WAKE, {"of": endpoint, "now": now})


def replay(conn: Connection, endpoint: str, after: str, most: int, now: int) -> list[str]:
    """Up to `most` that were told or given up go again: their ids, in order."""
    ids = list(conn.execute(_ENDED, {"of": endpoint, "after": after, "most": most}).scalars())
    if ids:
        conn.execute(_AGAIN, {"keys": ids, "now": now})
    return ids


def first_at(at: int) -> str:
    """No id of then or later sorts before it."""
    return f"{MARK}{ulid(at, 0)}"


def forget(conn: Connection, before: int, most: int) -> int:
    past = list(conn.execute(_PAST, {"before": first_at(before), "most": most}).scalars())
    if past:
        conn.execute(_FORGET, {"keys": past})
    return len(past)


def erase(conn: Connection, address_key: str) -> None:
    conn.execute(_ERASE, {"of": address_key})
