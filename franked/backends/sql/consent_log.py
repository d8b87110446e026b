"""The log of consents: who said what, when, where, and by which words. Lines are only ever added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from franked.backends.sql import outbox
from franked.backends.sql.consent_schema import consent_log
from franked.backends.sql.desk import Desk
from franked.backends.sql.many import write
from franked.backends.sql.rows import moment, ms
from franked.rules.address import Address
from franked.rules.consent import ConsentLine, Evidence, Statement, Step

_WRITE = insert(consent_log)
_PAGE = (
    select(consent_log)
    .where(consent_log.c.line > bindparam("after"))
    .order_by(consent_log.c.line)
    .limit(bindparam("most"))
)
_OF_ADDRESS = _PAGE.where(consent_log.c.address_key == bindparam("address_key"))


def enter(conn: Connection, statements: Sequence[Statement], desk: Desk) -> None:
    """Written, and told where an endpoint wants it."""
    write(conn, _WRITE, [_row(one) for one in statements])
    outbox.tell(conn, (_telling(one) for one in statements), desk)


def _telling(one: Statement) -> outbox.Telling:
    return f"consent.{one.step}", None, one.address.key, ms(one.at), one.topic, None


def page(conn: Connection, after: int, most: int, address_key: str | None) -> list[ConsentLine]:
    asked: dict[str, object] = {"after": after, "most": most}
    if address_key is None:
        return [_value(row) for row in conn.execute(_PAGE, asked)]
    return [_value(row) for row in conn.execute(_OF_ADDRESS, asked | {"address_key": address_key})]


def _row(one: Statement) -> dict[str, object]:
    how = one.evidence
    return {
        "address_key": one.address.key,
        "recipient": one.address.spelled,
        "topic": one.topic,
        "at": ms(one.at),
        "what": one.step.value,
        "locale": one.locale,
        "by": how.by,
        "source": how.source,
        "ip": how.ip,
        "user_agent": how.user_agent,
        "wording": how.wording,
        "wording_version": how.wording_version,
    }


def _value(row: Row[Any]) -> ConsentLine:
    how = Evidence(row.by, row.source, row.ip, row.user_agent, row.wording, row.wording_version)
    address = Address(row.recipient, row.address_key)
    return ConsentLine(row.line, Statement(address, row.topic, Step(row.what), moment(row.at), how, row.locale))
