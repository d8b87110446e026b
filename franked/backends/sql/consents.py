"""Who agreed to what, and who left it. Each step has its line in the log, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from franked.backends.sql import consent_log
from franked.backends.sql.consent_schema import CONFIRMED, asked, consents
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import alone, among, fetch, replacing, write
from franked.backends.sql.rows import moment, moment_or_none, ms
from franked.rules.address import Address
from franked.rules.consent import EVERY, Agreed, Asked, Confirmation, Evidence, Standing, Statement, Step

Name = tuple[str, str]  # address key and topic

_KEEP = replacing(consents)
_OF = select(consents.c.address_key, consents.c.topic, consents.c.standing).where(among(consents.c.address_key))
_ALL_OF = select(consents).where(among(consents.c.address_key)).order_by(consents.c.address_key, consents.c.topic)
_AGREED = (
    select(consents.c.recipient, consents.c.address_key, consents.c.locale, consents.c.at)
    .where(consents.c.topic == bindparam("topic"), consents.c.address_key > bindparam("after"), CONFIRMED)
    .order_by(consents.c.address_key)
    .limit(bindparam("most"))
)
_COUNT = select(func.count()).where(consents.c.topic == bindparam("topic"), CONFIRMED)
_ASK = insert(asked)
_ASKED = select(asked).where(among(asked.c.token_hash))
_TO_CONFIRM = _ASKED.order_by(asked.c.token_hash).with_for_update()
_CONFIRM = update(asked).where(asked.c.token_hash == bindparam("of"))
_ENDED = select(asked.c.token_hash).where(asked.c.until < bindparam("before")).limit(bindparam("most"))
_FORGET = delete(asked).where(among(asked.c.token_hash))
_STANDINGS = {standing.value: standing for standing in Standing}


def standings(conn: Connection, address_keys: Sequence[str]) -> dict[str, dict[str, Standing]]:
    """By address key, by topic."""
    found: dict[str, dict[str, Standing]] = {}
    for row in fetch(conn, _OF, address_keys):
        found.setdefault(row.address_key, {})[row.topic] = _STANDINGS[row.standing]
    return found


def of(conn: Connection, address_keys: Sequence[str]) -> list[Mapping[str, Standing]]:
    known = standings(conn, address_keys)
    return [known.get(key, {}) for key in address_keys]


def state(conn: Connection, statements: Sequence[Statement], desk: Desk) -> list[bool]:
    """What changes nothing has no line, but a confirmation: it renews what we know."""
    if statements:
        alone(conn, consents)  # who has no row yet could not be locked
    known = {(row.address_key, row.topic): dict(row._mapping) for row in _rows_of(conn, statements)}
    changed: set[Name] = set()
    lines: list[Statement] = []
    answers = []
    for one in statements:
        new = _after(one, known)
        moved = {name for name, row in new.items() if known.get(name, _NOWHERE)["standing"] != row["standing"]}
        if moved or one.step is Step.CONFIRMED:
            known.update(new)
            changed |= new.keys()
            lines.append(one)
        answers.append(bool(moved))
    write(conn, _KEEP, [known[name] for name in sorted(changed)])
    consent_log.enter(conn, lines, desk)
    return answers


_NOWHERE: dict[str, Any] = {"standing": None, "locale": None}


def _rows_of(conn: Connection, statements: Iterable[Statement]) -> Sequence[Row[Any]]:
    return fetch(conn, _ALL_OF, [one.address.key for one in statements])


def _after(one: Statement, known: Mapping[Name, dict[str, Any]]) -> dict[Name, dict[str, Any]]:
    """The rows that a statement makes: of EVERY topic, those that there are too."""
    key, standing = one.address.key, one.step.standing
    if standing is None:
        return {}
    names = {(key, one.topic)}
    if one.topic == EVERY:
        names |= {name for name in known if name[0] == key}
    return {
        name: {
            "address_key": key,
            "topic": name[1],
            "recipient": one.address.spelled,
            "standing": standing.value,
            "at": ms(one.at),
            "locale": one.locale or known.get(name, _NOWHERE)["locale"],
        }
        for name in names
    }


def agreed(conn: Connection, topic: str, after: str, most: int) -> list[Agreed]:
    found = conn.execute(_AGREED, {"topic": topic, "after": after, "most": most})
    return [Agreed(Address(row.recipient, row.address_key), row.locale, moment(row.at)) for row in found]


def count_agreed(conn: Connection, topic: str) -> int:
    return int(conn.execute(_COUNT, {"topic": topic}).scalar_one())


# what waits for its reader


def ask(conn: Connection, new: Sequence[Asked], desk: Desk) -> None:
    write(conn, _ASK, [_row(one) for one in sorted(new, key=lambda one: one.token_hash)])
    consent_log.enter(conn, [one.statement for one in new], desk)


def find_asked(conn: Connection, token_hashes: Sequence[bytes]) -> list[Asked | None]:
    found = {row.token_hash: _value(row) for row in fetch(conn, _ASKED, [one.hex() for one in token_hashes])}
    return [found.get(one.hex()) for one in token_hashes]


def confirm(conn: Connection, confirmations: Sequence[Confirmation], desk: Desk) -> list[Asked | None]:
    """Each as it was before: an open one is confirmed now, and no other."""
    hashes = [one.token_hash.hex() for one in confirmations]
    found = {row.token_hash: _value(row) for row in fetch(conn, _TO_CONFIRM, hashes)}
    answers: list[Asked | None] = []
    used: dict[str, int] = {}
    said: list[Statement] = []
    for one, hash_ in zip(confirmations, hashes, strict=True):
        before = found.get(hash_)
        answers.append(before)
        if before is not None and before.is_open(one.at):
            used[hash_] = ms(one.at)
            found[hash_] = replace(before, confirmed_at=one.at)
            said.append(_confirmed(before.statement, one))
    write(conn, _CONFIRM, [{"of": hash_, "confirmed_at": used[hash_]} for hash_ in sorted(used)])
    state(conn, said, desk)
    return answers


def _confirmed(asked_for: Statement, by: Confirmation) -> Statement:
    """The same wording and source, now said by who has the mailbox."""
    how = replace(asked_for.evidence, by=by.by, ip=by.ip, user_agent=by.user_agent)
    return replace(asked_for, step=Step.CONFIRMED, at=by.at, evidence=how)


def forget_asked(conn: Connection, before: int, most: int) -> int:
    """Those whose time was over before then; the log keeps that they were asked for."""
    ended = list(conn.execute(_ENDED, {"before": before, "most": most}).scalars())
    if ended:
        conn.execute(_FORGET, {"keys": ended})
    return len(ended)


def _row(one: Asked) -> dict[str, object]:
    said, how = one.statement, one.statement.evidence
    return {
        "token_hash": one.token_hash.hex(),
        "address_key": said.address.key,
        "recipient": said.address.spelled,
        "topic": said.topic,
        "at": ms(said.at),
        "until": ms(one.until),
        "confirmed_at": None,
        "locale": said.locale,
        "by": how.by,
        "source": how.source,
        "ip": how.ip,
        "user_agent": how.user_agent,
        "wording": how.wording,
        "wording_version": how.wording_version,
    }


def _value(row: Row[Any]) -> Asked:
    how = Evidence(row.by, row.source, row.ip, row.user_agent, row.wording, row.wording_version)
    said = Statement(Address(row.recipient, row.address_key), row.topic, Step.ASKED, moment(row.at), how, row.locale)
    return Asked(bytes.fromhex(row.token_hash), said, moment(row.until), moment_or_none(row.confirmed_at))
