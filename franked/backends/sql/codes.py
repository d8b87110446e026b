"""Codes: issued with their mail in one transaction, guessed at a counted number of times, used once.

What is secret about one is kept as a keyed hash: of the code with all that it is bound to, and of the link's token.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hmac import compare_digest
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from franked.backends.sql import limits
from franked.backends.sql.add import add
from franked.backends.sql.code_tables import codes
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import alone, among, fetch, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms, ms_or_none
from franked.record import Issue, Issued, Spend, TooMany
from franked.rules.code import Code, Guess, NewCode, Pressed, claimed, counted, pressed, used

Forgetting = tuple[int, int]  # codes that ended before then, at most so many

_KEEP = replacing(codes)
_STANDING = select(codes).where(among(codes.c.slot))
_BY_ID = select(codes).where(among(codes.c.id)).order_by(codes.c.id)
_BY_TOKEN = select(codes).where(among(codes.c.token)).order_by(codes.c.id)
_MOVE = (
    update(codes)
    .where(codes.c.id == bindparam("of"))
    .values(guesses_left=bindparam("left"), confirmed_at=bindparam("confirmed"), used_at=bindparam("used"))
)
_ENDED = select(codes.c.id).where(codes.c.ends_at < bindparam("before")).order_by(codes.c.ends_at)
_FORGET = delete(codes).where(among(codes.c.id))
_FORGET_PERSON = delete(codes).where(codes.c.address == bindparam("of"))


def issue(conn: Connection, asked: Sequence[Issue], desk: Desk) -> list[Issued | TooMany]:
    """Of several for one slot each finds what became of the one before."""
    alone(conn, codes)  # a slot that is not taken yet has no row that could be locked
    answers: dict[int, Issued | TooMany] = {}
    waiting = {place: (_slot(one.code, desk), one) for place, one in enumerate(asked)}
    while waiting:
        firsts: dict[str, int] = {}
        for place, (slot, _) in waiting.items():
            firsts.setdefault(slot, place)
        found = _issue_apart(conn, [waiting.pop(place) for place in firsts.values()], desk)
        answers.update(zip(firsts.values(), found, strict=True))
    return [answers[place] for place in range(len(asked))]


def _issue_apart(conn: Connection, asked: Sequence[tuple[str, Issue]], desk: Desk) -> list[Issued | TooMany]:
    """Each for a slot of its own."""
    standing = {row.slot: row for row in fetch(conn, _STANDING, [slot for slot, _ in asked])}
    answers: dict[str, Issued | TooMany] = {}
    new: dict[str, Issue] = {}
    for slot, one in asked:
        row = standing.get(slot)
        is_same = row is not None and row.address == mark_of_address(desk, one.code.address_key)
        if row is not None and is_same and _value(row).is_repeated_by_asking(one.code.made_at):
            answers[slot] = _issued(_value(row), is_new=False)
        else:
            new[slot] = one
    made = {}
    for (slot, one), reopens in zip(new.items(), _spent(conn, list(new.values()), desk), strict=True):
        if reopens is not None:
            answers[slot] = TooMany(reopens)
        else:
            answers[slot] = _issued(one.code, is_new=True)
            made[slot] = one
    write(conn, _KEEP, [_row(slot, made[slot].code, desk) for slot in sorted(made)])
    add(conn, [replace(one.candidate, spends=()) for one in made.values() if one.code.account is not None], desk)
    return [answers[slot] for slot, _ in asked]


def _issued(code: NewCode | Code, *, is_new: bool) -> Issued:
    """In the record's milliseconds, each time."""
    return Issued(code.id, moment(ms(code.ends_at)), moment(ms(code.resend_at)), is_new)


def _spent(conn: Connection, new: Sequence[Issue], desk: Desk) -> list[datetime | None]:
    """None where there was room, else when there is again."""
    spends = [(_spends(one, desk), ms(one.code.made_at)) for one in new]
    within = limits.spend(conn, spends)
    return [
        None if is_within else moment(limits.reopens(conn, *one)) for one, is_within in zip(spends, within, strict=True)
    ]


def _spends(one: Issue, desk: Desk) -> Sequence[Spend]:
    """The mail's own, and those of codes, which name people and callers: as hashes."""
    return (*one.candidate.spends, *(replace(spend, name=_mark(desk, "limit", spend.name)) for spend in one.spends))


def guess(conn: Connection, guesses: Sequence[Guess], desk: Desk) -> list[Code | None]:
    """Counted, and then compared: a guess that is answered has been counted for good."""
    rows = {row.id: row for row in fetch(conn, _BY_ID.with_for_update(), [one.id for one in guesses])}
    standing = {code_id: _value(row) for code_id, row in rows.items()}
    answers: list[Code | None] = []
    for one in guesses:
        code = standing.get(one.id)
        left = counted(code, one.at) if code else None
        right = None
        if left is not None:
            is_right = compare_digest(rows[one.id].code, _code_mark(desk, one.stream, one.session, one.id, one.code))
            right = used(left, one.at) if is_right else None
            standing[one.id] = right or left
        answers.append(right)
    _move(conn, standing, rows)
    return answers


def press(conn: Connection, links: Sequence[Pressed], desk: Desk) -> list[Code | None]:
    """A link's button."""
    return _by_token(conn, links, desk, lambda code, link: pressed(code, link.at))


def claim(conn: Connection, links: Sequence[Pressed], desk: Desk) -> list[Code | None]:
    """The proof that a pressed button gave, once."""
    return _by_token(conn, links, desk, lambda code, link: claimed(code, link.stream or "", link.at))


def _by_token(
    conn: Connection, links: Sequence[Pressed], desk: Desk, move: Callable[[Code, Pressed], Code | None]
) -> list[Code | None]:
    marks = [_mark(desk, "token", link.token) for link in links]
    rows = {row.id: row for row in fetch(conn, _BY_TOKEN.with_for_update(), marks)}
    id_of = {row.token: row.id for row in rows.values()}
    standing = {code_id: _value(row) for code_id, row in rows.items()}
    answers: list[Code | None] = []
    for link, mark in zip(links, marks, strict=True):
        code = standing.get(id_of.get(mark, ""))
        moved = move(code, link) if code else None
        if moved is not None:
            standing[moved.id] = moved
        answers.append(moved)
    _move(conn, standing, rows)
    return answers


def _move(conn: Connection, after: dict[str, Code], before: dict[str, Row[Any]]) -> None:
    changed = [code for code_id, code in sorted(after.items()) if code != _value(before[code_id])]
    rows = [
        {
            "of": code.id,
            "left": code.guesses_left,
            "confirmed": ms_or_none(code.confirmed_at),
            "used": ms_or_none(code.used_at),
        }
        for code in changed
    ]
    write(conn, _MOVE, rows)


def by_id(conn: Connection, ids: Sequence[str]) -> list[Code | None]:
    found = {row.id: _value(row) for row in fetch(conn, _BY_ID, ids)}
    return [found.get(one) for one in ids]


def by_token(conn: Connection, tokens: Sequence[str], desk: Desk) -> list[Code | None]:
    marks = [_mark(desk, "token", token) for token in tokens]
    found = {row.token: _value(row) for row in fetch(conn, _BY_TOKEN, marks)}
    return [found.get(mark) for mark in marks]


def forget(conn: Connection, asked: Forgetting) -> int:
    before, most = asked
    ended = list(conn.execute(_ENDED.limit(most), {"before": before}).scalars())
    if ended:
        conn.execute(_FORGET, {"keys": ended})
    return len(ended)


def _slot(code: NewCode, desk: Desk) -> str:
    whose = ("address", code.address_key) if code.account is None else ("account", code.account)
    return _mark(desk, "slot", code.stream, *whose, code.session)


def _code_mark(desk: Desk, stream: str, session: str, code_id: str, code: str) -> bytes:
    return desk.seal.fingerprint(msgspec.msgpack.encode(("code", stream, session, code_id, code)))


def mark_of_address(desk: Desk, key: str) -> str:
    return _mark(desk, "address", key)


def forget_person(conn: Connection, key: str, desk: Desk) -> None:
    conn.execute(_FORGET_PERSON, {"of": mark_of_address(desk, key)})


def _mark(desk: Desk, use: str, *parts: str) -> str:
    return desk.seal.fingerprint(msgspec.msgpack.encode((f"code's {use}", *parts))).hex()


def _row(slot: str, code: NewCode, desk: Desk) -> dict[str, object]:
    return {
        "slot": slot,
        "id": code.id,
        "stream": code.stream,
        "account": code.account,
        "address": mark_of_address(desk, code.address_key),
        "code": _code_mark(desk, code.stream, code.session, code.id, code.code),
        "token": _mark(desk, "token", code.token),
        "guesses_left": code.most_guesses,
        "made_at": ms(code.made_at),
        "resend_at": ms(code.resend_at),
        "ends_at": ms(code.ends_at),
        "confirmed_at": None,
        "used_at": None,
    }


def _value(row: Row[Any]) -> Code:
    return Code(
        id=row.id,
        stream=row.stream,
        account=row.account,
        made_at=moment(row.made_at),
        resend_at=moment(row.resend_at),
        ends_at=moment(row.ends_at),
        guesses_left=row.guesses_left,
        confirmed_at=moment_or_none(row.confirmed_at),
        used_at=moment_or_none(row.used_at),
    )
