"""Second factors: the secret is sealed, recovery codes are keyed hashes; a guess is counted before it is compared."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from franked.backends.sealing import Unsealable
from franked.backends.sql.code_tables import factors
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import among, fetch, ignoring, write
from franked.backends.sql.rows import moment_or_none, ms_or_none
from franked.formats.totp import step_of
from franked.rules.code import digits_of
from franked.rules.factor import Factor, NewFactor, Proof, counted, proven, recovery_of

_OPEN = ignoring(factors)
_FIND = select(factors).where(among(factors.c.account)).order_by(factors.c.account)
_ENROL = update(factors).where(factors.c.account == bindparam("of")).values(secret=bindparam("sealed"))
_MOVE = (
    update(factors)
    .where(factors.c.account == bindparam("of"))
    .values(
        confirmed_at=bindparam("confirmed"),
        last_step=bindparam("step"),
        failures=bindparam("failed"),
        failed_at=bindparam("when"),
        recovery=bindparam("left"),
    )
)
_REMOVE = delete(factors).where(among(factors.c.account))


def enrol(conn: Connection, new: Sequence[NewFactor], desk: Desk) -> list[bool]:
    """A secret that was never confirmed is written over; one that was stays."""
    made = {one.account: {"of": one.account, "sealed": _sealed(one, desk)} for one in new}
    write(conn, _OPEN, [_empty(account, made[account]["sealed"]) for account in sorted(made)])
    standing = {row.account: row for row in fetch(conn, _FIND.with_for_update(), list(made))}
    free = {account for account, row in standing.items() if row.confirmed_at is None}
    write(conn, _ENROL, [made[account] for account in sorted(free)])
    return [one.account in free for one in new]


def prove(conn: Connection, proofs: Sequence[Proof], desk: Desk) -> list[Factor | None]:
    rows = {row.account: row for row in fetch(conn, _FIND.with_for_update(), [one.account for one in proofs])}
    standing = {account: _value(row) for account, row in rows.items()}
    recovery = {account: _recovery(row) for account, row in rows.items()}
    answers: list[Factor | None] = []
    for proof in proofs:
        factor = standing.get(proof.account)
        is_asked = factor is not None and (factor.confirmed_at is None) == (proof.recovery is not None)
        left = counted(factor, proof.at) if factor and is_asked else None
        right = None
        if left is not None:
            right = _proven(left, proof, rows[proof.account], recovery, desk)
            standing[proof.account] = right or left
        answers.append(right)
    changed = [account for account in sorted(standing) if standing[account] != _value(rows[account])]
    write(conn, _MOVE, [_moved(standing[account], recovery[account]) for account in changed])
    return answers


def _proven(factor: Factor, proof: Proof, row: Row[Any], recovery: dict[str, list[str]], desk: Desk) -> Factor | None:
    """`recovery`: the hashes of each account's codes; it is changed where one is used, or all are new."""
    account = proof.account
    try:
        secret = desk.seal.open(row.secret, _context(account)).decode()
    except Unsealable:  # with another key than the one Franked has now: no code of it can be right
        return None
    step, mark = step_of(secret, digits_of(proof.typed), proof.at), _mark(account, proof.typed, desk)
    if step is not None and step > factor.last_step:
        if proof.recovery is not None:
            recovery[account] = [_mark(account, code, desk) for code in proof.recovery]
    elif proof.recovery is None and mark in recovery[account]:
        step = None
        recovery[account] = [one for one in recovery[account] if one != mark]
    else:
        return None
    return proven(factor, proof.at, step, len(recovery[account]))


def find(conn: Connection, accounts: Sequence[str]) -> list[Factor | None]:
    found = {row.account: _value(row) for row in fetch(conn, _FIND, accounts)}
    return [found.get(account) for account in accounts]


def remove(conn: Connection, accounts: Sequence[str]) -> list[bool]:
    """True where there was one; of one account twice, once."""
    there = {row.account for row in fetch(conn, _FIND.with_for_update(), accounts)}
    if there:
        conn.execute(_REMOVE, {"keys": sorted(there)})
    answers = []
    for account in accounts:
        answers.append(account in there)
        there.discard(account)
    return answers


def _context(account: str) -> str:
    return f"totp|{account}"


def _sealed(new: NewFactor, desk: Desk) -> bytes:
    return desk.seal.seal(new.secret.encode(), _context(new.account))


def _mark(account: str, code: str, desk: Desk) -> str:
    return desk.seal.fingerprint(msgspec.msgpack.encode(("recovery code", account, recovery_of(code)))).hex()


def _empty(account: str, sealed: object) -> dict[str, object]:
    row = {"account": account, "secret": sealed, "confirmed_at": None, "last_step": 0}
    return row | {"failures": 0, "failed_at": None, "recovery": "[]"}


def _moved(factor: Factor, recovery: Sequence[str]) -> dict[str, object]:
    return {
        "of": factor.account,
        "confirmed": ms_or_none(factor.confirmed_at),
        "step": factor.last_step,
        "failed": factor.failures,
        "when": ms_or_none(factor.failed_at),
        "left": msgspec.json.encode(recovery).decode(),
    }


def _recovery(row: Row[Any]) -> list[str]:
    return msgspec.json.decode(row.recovery, type=list[str])


def _value(row: Row[Any]) -> Factor:
    return Factor(
        account=row.account,
        confirmed_at=moment_or_none(row.confirmed_at),
        last_step=row.last_step,
        failures=row.failures,
        failed_at=moment_or_none(row.failed_at),
        recovery_left=len(_recovery(row)),
    )
