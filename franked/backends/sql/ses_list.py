"""SES's list as it was seen last, held against ours.

What follows for an address is decided in one transaction with what was learned of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, select, tuple_, update

from franked.backends.sql import suppressions
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, ignoring, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms
from franked.backends.sql.schema import suppression_log
from franked.backends.sql.ses_schema import ses_calls, ses_conflicts, ses_listed, ses_stand
from franked.backends.sql.suppression_log import LIFTED
from franked.enquiry import Grounds
from franked.rules.at_ses import CONFLICTS_KEPT, Call, Conflict, Listed, Put, Reason, Remove, Stand, Told
from franked.rules.reconcile import OF_SES, SOURCE, Called, Decision, Due, Sides, Step, Stepped

_GROUNDS = Grounds(SOURCE, imported=True)
PUT, REMOVE = "put", "remove"

_STAND = select(ses_stand)
_FIRST = ignoring(ses_stand)
_LOCK = _STAND.with_for_update()
_STEP = update(ses_stand).values(version=bindparam("to"), stand=bindparam("how"))
_ASK = update(ses_stand).values(asked_at=bindparam("at"))

_LIST = replacing(ses_listed)
_UNLIST = delete(ses_listed).where(among(ses_listed.c.spelled))
_LISTED = select(ses_listed).where(among(ses_listed.c.address_key)).order_by(ses_listed.c.spelled)
_UNSEEN = (
    select(ses_listed.c.spelled, ses_listed.c.address_key)
    .where(ses_listed.c.seen < bindparam("number"))
    .order_by(ses_listed.c.seen)
    .limit(bindparam("most"))
)
_LIFTED = (
    select(suppression_log.c.address_key, func.max(suppression_log.c.at).label("at"))
    .where(
        among(suppression_log.c.address_key),
        suppression_log.c.what == LIFTED,
        suppression_log.c.type.in_(sorted(why.value for why in OF_SES)),
    )
    .group_by(suppression_log.c.address_key)
)

_CALL = replacing(ses_calls)
_NO_CALLS = delete(ses_calls).where(among(ses_calls.c.address_key))
_DONE = delete(ses_calls).where(
    ses_calls.c.address_key == bindparam("of"), ses_calls.c.spelled == bindparam("as_spelled")
)
_DUE = (
    select(ses_calls)
    .where(ses_calls.c.what == bindparam("which"))
    .order_by(ses_calls.c.what, ses_calls.c.at, ses_calls.c.spelled)
    .limit(1)
)
_COUNT = select(ses_calls.c.what, func.count().label("n")).group_by(ses_calls.c.what)

_NAME = tuple_(ses_conflicts.c.address_key, ses_conflicts.c.conflict)
_TELL = replacing(ses_conflicts)
_CONFLICTS = (
    select(ses_conflicts)
    .where(tuple_(bindparam("after_key"), bindparam("after_conflict")) < _NAME)
    .order_by(ses_conflicts.c.address_key, ses_conflicts.c.conflict)
    .limit(bindparam("most"))
)
_FORGET = delete(ses_conflicts).where(ses_conflicts.c.at < bindparam("before"))
_COUNT_CONFLICTS = select(func.count()).select_from(ses_conflicts)
_OF_ADDRESS = tuple(
    delete(table).where(table.c.address_key == bindparam("of")) for table in (ses_listed, ses_calls, ses_conflicts)
)

_MILLISECOND = timedelta(milliseconds=1)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Stand)


# where it stands


def stand(conn: Connection) -> Stand:
    row = conn.execute(_STAND).one_or_none()
    return Stand() if row is None else _decoder.decode(row.stand)


def asked_at(conn: Connection) -> datetime | None:
    row = conn.execute(_STAND).one_or_none()
    return None if row is None else moment_or_none(row.asked_at)


def ask(conn: Connection, times: Sequence[int]) -> list[None]:
    _begin(conn)
    conn.execute(_ASK, {"at": max(times)})
    return [None] * len(times)


def _begin(conn: Connection) -> None:
    write(conn, _FIRST, [{"only": 1, "version": 0, "stand": _encoder.encode(Stand()).decode(), "asked_at": None}])


# a step


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one step has to say about addresses, besides what is stored."""

    keys: Sequence[str]
    listed: Sequence[Listed]
    erased: frozenset[str]
    vanished: frozenset[str]


def step(conn: Connection, steps: Sequence[Step], desk: Desk) -> list[Stepped | None]:
    return [_step(conn, one, desk) for one in steps]


def _step(conn: Connection, one: Step, desk: Desk) -> Stepped | None:
    """None: somebody else took a step since."""
    _begin(conn)
    if conn.execute(_LOCK).one().version != one.before:
        return None
    now = desk.now()
    vanished = _forget_unseen(conn, one.stand.number, one.gone_most)
    listed = [*one.listed, *_made(conn, one.called, now)]
    keys = sorted({*one.keys, *(entry.key for entry in listed), *vanished.values()})
    erased = frozenset(suppressions.erased_among(conn, keys, desk))
    seen = [entry for entry in listed if entry.key not in erased]
    write(conn, _LIST, [_listed_row(entry, one.stand.number) for entry in sorted(seen, key=lambda it: it.spelled)])
    looked = _Looked(keys, listed, erased, frozenset(vanished.values()))
    taken = _act(conn, _decided(conn, looked, one, now, desk), now, desk)
    after = replace(one.stand, version=one.before + 1, figures=one.stand.figures.plus(taken=taken))
    conn.execute(_STEP, {"to": after.version, "how": _encoder.encode(after).decode()})
    conn.execute(_FORGET, {"before": now - CONFLICTS_KEPT // _MILLISECOND})
    return Stepped(after, len(vanished))


def _forget_unseen(conn: Connection, number: int, most: int) -> dict[str, str]:
    """What SES has no more, and whose it was."""
    if not most:
        return {}
    found = {row.spelled: row.address_key for row in conn.execute(_UNSEEN, {"number": number, "most": most})}
    conn.execute(_UNLIST, {"keys": sorted(found)})
    return found


def _made(conn: Connection, called: Called | None, now: int) -> list[Listed]:
    """A call was made: what is on SES's list by it. It is decided anew then: somebody may have lifted it meanwhile."""
    if called is None:
        return []
    due = called.due
    conn.execute(_DONE, {"of": due.address_key, "as_spelled": due.call.spelled})
    if called.refused:
        _tell(conn, [(due.address_key, Conflict.REFUSED, f"{due.call.spelled}: {called.refused}")], now)
        return []
    if isinstance(due.call, Put):
        return [Listed(due.call.spelled, due.call.reason, due.at)]
    conn.execute(_UNLIST, {"keys": [due.call.spelled]})
    return []


def _decided(conn: Connection, looked: _Looked, one: Step, now: int, desk: Desk) -> dict[str, Decision]:
    if not looked.keys:
        return {}
    ours = suppressions.standing(conn, looked.keys, now, desk)
    lifted = {row.address_key: moment(row.at) for row in fetch(conn, _LIFTED, looked.keys)}
    theirs: dict[str, list[Listed]] = {}
    for row in fetch(conn, _LISTED, looked.keys):
        theirs.setdefault(row.address_key, []).append(_listed(row))
    for entry in looked.listed:
        if entry.key in looked.erased:
            theirs.setdefault(entry.key, []).append(entry)
    return {
        key: one.decide(
            Sides(
                key, ours.get(key), theirs.get(key, ()), lifted.get(key), key in looked.erased, key in looked.vanished
            )
        )
        for key in looked.keys
    }


def _act(conn: Connection, decided: Mapping[str, Decision], now: int, desk: Desk) -> int:
    """How many came onto our list."""
    if not decided:
        return 0
    conn.execute(_NO_CALLS, {"keys": sorted(decided)})
    write(conn, _CALL, [_call_row(key, call, now) for key, it in decided.items() for call in it.calls])
    _tell(conn, [(key, it.conflict, it.said) for key, it in decided.items() if it.conflict], now)
    takes = [it.take for it in decided.values() if it.take]
    return sum(suppressions.suppress(conn, [(take, _GROUNDS) for take in takes], now, desk))


def _tell(conn: Connection, told: Iterable[tuple[str, Conflict, str]], now: int) -> None:
    rows = [{"address_key": key, "conflict": it.value, "at": now, "said": said[:500]} for key, it, said in told]
    write(conn, _TELL, rows)


# what is to be called, and what is told


def due(conn: Connection, kinds: Sequence[str]) -> Due | None:
    """Of the first of these kinds that there is, the oldest."""
    for kind in kinds:
        row = conn.execute(_DUE, {"which": kind}).one_or_none()
        if row is not None:
            return Due(_call(row), row.address_key, moment(row.at))
    return None


def listed(conn: Connection, address_keys: Sequence[str]) -> list[Listed | None]:
    """As it was seen last."""
    found: dict[str, Listed] = {}
    for one in sorted(map(_listed, fetch(conn, _LISTED, address_keys)), key=lambda one: one.at):
        found[one.key] = one
    return [found.get(key) for key in address_keys]


def count_calls(conn: Connection) -> dict[str, int]:
    found = {row.what: int(row.n) for row in conn.execute(_COUNT)}
    return {kind: found.get(kind, 0) for kind in (PUT, REMOVE)}


def conflicts(conn: Connection, after: tuple[str, str], most: int) -> list[Told]:
    found = conn.execute(_CONFLICTS, {"after_key": after[0], "after_conflict": after[1], "most": most})
    return [Told(row.address_key, Conflict(row.conflict), moment(row.at), row.said) for row in found]


def count_conflicts(conn: Connection) -> int:
    return int(conn.execute(_COUNT_CONFLICTS).scalar_one())


def erase(conn: Connection, key: str) -> None:
    """What SES still has of it is found by the next listing, and removed there."""
    for statement in _OF_ADDRESS:
        conn.execute(statement, {"of": key})


def _call(row: Row[Any]) -> Call:
    return Put(row.spelled, Reason(row.reason)) if row.what == PUT else Remove(row.spelled)


def _call_row(key: str, call: Call, now: int) -> dict[str, object]:
    what, reason = (PUT, call.reason.value) if isinstance(call, Put) else (REMOVE, None)
    return {"address_key": key, "spelled": call.spelled, "what": what, "reason": reason, "at": now}


def _listed(row: Row[Any]) -> Listed:
    return Listed(row.spelled, Reason(row.reason), moment(row.at))


def _listed_row(entry: Listed, number: int) -> dict[str, object]:
    return {
        "spelled": entry.spelled,
        "address_key": entry.key,
        "reason": entry.reason.value,
        "at": ms(entry.at),
        "seen": number,
    }
