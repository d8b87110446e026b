"""An address is erased: its mails stay as figures of nobody, and a keyed hash stays on the list."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, null, select, update

from franked.backends.sql import dockets, erase_flows, limits, outbox, ses_list, settlements, suppressions, tickets
from franked.backends.sql.desk import Desk
from franked.backends.sql.dockets import Docket, Line, docket_of
from franked.backends.sql.many import among
from franked.backends.sql.schema import (
    BEARS_ON_ADDRESS,
    attempts,
    events,
    idempotency,
    ledger,
    messages,
    origins,
)
from franked.rules.message import State
from franked.rules.person import Erased, Erasure

WHY = "erased"
_WAITS = frozenset({State.QUEUED, State.HELD, State.UNKNOWN, State.DEAD})  # who is in a worker's hands is judged again

_OF = messages.c.address_key == bindparam("of")
_FIND = select(*dockets.COLUMNS).where(_OF).order_by(messages.c.id).with_for_update()
_UNNAME = (
    update(messages)
    .where(_OF)
    .values(
        recipient=bindparam("name"),
        address_key=bindparam("name"),
        trigger_by=null(),
        trigger_ref=null(),
        contents=null(),
    )
)
_ATTEMPTS = update(attempts).where(among(attempts.c.message_id)).values(detail="")
_LEDGER = (  # what was decided stays; what a server or a person said may name the address
    update(ledger).where(among(ledger.c.message_id), ledger.c.what.not_in(["held", "dropped"])).values(why="")
)
_IDEMPOTENCY = delete(idempotency).where(among(idempotency.c.message_id))
_ORIGIN = delete(origins).where(origins.c.address_key == bindparam("of"))

_BARE = {"recipient": bindparam("name"), "raw": "", "detail": ""}
_EVENTS = update(events).where(among(events.c.message_id)).values(_BARE)
_OF_NOBODY = events.c.message_id.is_(None), events.c.recipient == bindparam("of")
_STRANGERS = select(events.c.ses_id).where(*_OF_NOBODY)
_BARE_STRANGERS = update(events).where(*_OF_NOBODY).values(_BARE)
_BARE_OTHERS = update(events).where(BEARS_ON_ADDRESS, events.c.recipient == bindparam("of")).values(_BARE)


def erase(conn: Connection, asked: Sequence[Erasure], desk: Desk) -> list[Erased]:
    return [_erase(conn, one, desk) for one in sorted(asked, key=lambda one: one.whose.address.key)]


def _erase(conn: Connection, asked: Erasure, desk: Desk) -> Erased:
    key = asked.whose.address.key
    name = desk.pseudonym(key)
    found = [docket_of(row) for row in conn.execute(_FIND, {"of": key})]
    dropped = _drop(conn, [docket for docket in found if docket.state in _WAITS], asked, desk)
    _unname_mail(conn, [docket.id for docket in found], key, name)
    bare = _unname_events(conn, [docket.id for docket in found], key, name)
    conn.execute(_ORIGIN, {"of": key})
    limits.forget(conn, limits.names_of(asked.whose))
    tickets.erase(conn, key, name)
    erase_flows.erase(conn, key, name, desk)
    outbox.erase(conn, key)
    ses_list.erase(conn, key)
    suppressions.erase(conn, asked, name, desk)
    return Erased(name, len(found), dropped, bare)


def _drop(conn: Connection, waiting: Sequence[Docket], asked: Erasure, desk: Desk) -> int:
    dropped = [
        replace(docket, state=State.DROPPED, reason=WHY, held_until=None, lease_until=None) for docket in waiting
    ]
    dockets.move(conn, dropped, desk)
    lines = [Line(docket, State.DROPPED.value, desk.now(), asked.by, WHY) for docket in dropped]
    dockets.enter(conn, lines, desk)
    return len(dropped)


def _unname_mail(conn: Connection, ids: Sequence[str], key: str, name: str) -> None:
    """Its idempotency keys go too: their words are the caller's."""
    conn.execute(_UNNAME, {"of": key, "name": name})
    for statement in (_ATTEMPTS, _LEDGER, _IDEMPOTENCY):
        conn.execute(statement, {"keys": ids})


def _unname_events(conn: Connection, ids: Sequence[str], key: str, name: str) -> int:
    """Those of mail that was never ours are settled under the address, too."""
    strangers = sorted(set(conn.execute(_STRANGERS, {"of": key}).scalars()))
    settlements.rename(
        conn,
        [(settlements.of_unknown_mail(one, key), settlements.of_unknown_mail(one, name)) for one in strangers],
    )
    bare = conn.execute(_EVENTS, {"keys": ids, "name": name}).rowcount
    for statement in (_BARE_STRANGERS, _BARE_OTHERS):
        bare += conn.execute(statement, {"of": key, "name": name}).rowcount
    return bare
