"""An idempotency key never makes two messages. Drafts are compared by a keyed hash."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest

from sqlalchemy import Connection, bindparam, insert, select

from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, write
from franked.backends.sql.rows import ms
from franked.backends.sql.schema import idempotency, messages
from franked.record import Added, Candidate, IdempotencyConflict
from franked.rules.message import State

_ADD = insert(idempotency)
_FIND = (
    select(idempotency.c.key, idempotency.c.fingerprint, messages.c.id, messages.c.state, messages.c.reason)
    .join_from(idempotency, messages)
    .where(idempotency.c.key_id == bindparam("key_id"), among(idempotency.c.key))
)

Name = tuple[str, str]  # the API key's id, the idempotency key


@dataclass(frozen=True, slots=True)
class Used:
    """A name that was used before, and the message that it made, as that stands now."""

    fingerprint: bytes
    first: Added


def name_of(candidate: Candidate) -> Name | None:
    key = candidate.idempotency_key
    return None if key is None else (candidate.message.key_id, key)


def find(conn: Connection, candidates: Sequence[Candidate]) -> dict[Name, Used]:
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for name in {name for one in candidates if (name := name_of(one)) is not None}:
        asked[name[0]].append(name[1])
    return {
        (key_id, row.key): Used(row.fingerprint, Added(row.id, State(row.state), row.reason, repeated=True))
        for key_id, keys in sorted(asked.items())
        for row in fetch(conn, _FIND, keys, key_id=key_id)
    }


def answer(candidate: Candidate, used: Used, desk: Desk) -> Added | IdempotencyConflict:
    same = compare_digest(used.fingerprint, desk.seal.fingerprint(candidate.canonical))
    return used.first if same else IdempotencyConflict(used.first.id)


def keep(conn: Connection, stored: Sequence[Candidate], desk: Desk) -> None:
    rows = [
        {
            "key_id": name[0],
            "key": name[1],
            "message_id": candidate.message.id,
            "fingerprint": desk.seal.fingerprint(candidate.canonical),
            "at": ms(candidate.message.accepted_at),
        }
        for candidate in stored
        if (name := name_of(candidate)) is not None
    ]
    write(conn, _ADD, sorted(rows, key=lambda row: (row["key_id"], row["key"])))
