"""Messages newest first. Ids sort by time: a page is a walk down one index, and times are its bounds."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from franked.backends.sql.rows import STATES, moment, ms
from franked.backends.sql.schema import DEAD, HELD, messages
from franked.enquiry import Enquiry, Item, Page
from franked.rules.address import Address
from franked.rules.message import State, message_id

SKEW = 60_000  # ms: a message has its id a little after its `accepted_at`, and a clock may be set back in between
_ABOVE_ALL = "n"  # every id begins with `m_`
_SHOWN = ("id", "stream", "recipient", "address_key", "state", "reason", "accepted_at")


def page(conn: Connection, which: Enquiry) -> Page:
    last_walked = conn.execute(_end(which)).scalar()
    found = conn.execute(_fitting(which, last_walked or "")).all()
    items = tuple(map(_item, found[: which.most]))
    return Page(items, items[-1].id if len(found) > which.most else last_walked)


def _end(which: Enquiry) -> Select[Any]:
    """The last message that the walk may look at, if there are so many: told by the index alone."""
    return _walk(which).with_only_columns(messages.c.id).offset(which.most_looked_at - 1).limit(1)


def _fitting(which: Enquiry, last: str) -> Select[Any]:
    return _walk(which).where(messages.c.id >= last, *_filters(which)).limit(which.most + 1)


def _walk(which: Enquiry) -> Select[Any]:
    below = min(which.below or _ABOVE_ALL, id_at(which.until, SKEW) if which.until else _ABOVE_ALL)
    above = id_at(which.since, -SKEW) if which.since else ""
    within = messages.c.id < below, messages.c.id >= above
    shown = select(*(messages.c[name] for name in _SHOWN))
    return shown.where(*within, *_narrowest(which)).order_by(messages.c.id.desc())


def _narrowest(which: Enquiry) -> list[ColumnElement[bool]]:
    """What the walk goes by: one index answers it in the order of ids. All else is asked of what the walk finds."""
    if which.address_key is not None:
        return [messages.c.address_key == which.address_key]
    if which.state is State.DEAD:
        return [DEAD]
    if which.state is State.HELD and which.reason is not None:
        return [HELD, messages.c.reason == which.reason]
    return [] if which.key_id is None else [messages.c.key_id == which.key_id]


def _filters(which: Enquiry) -> list[ColumnElement[bool]]:
    equal = {"key_id": which.key_id, "stream": which.stream, "state": which.state, "reason": which.reason}
    # `|| ''`: a planner that went by another index than the walk's would look at more than the walk.
    filters = [messages.c[name].op("||")("") == str(value) for name, value in equal.items() if value is not None]
    if which.since is not None:
        filters.append(messages.c.accepted_at >= ms(which.since))
    if which.until is not None:
        filters.append(messages.c.accepted_at < ms(which.until))
    return filters


def id_at(time: datetime, skew: int) -> str:
    return message_id(max(0, ms(time) + skew), 0)


def _item(row: Row[Any]) -> Item:
    to = Address(row.recipient, row.address_key)
    return Item(row.id, row.stream, to, STATES[row.state], row.reason, moment(row.accepted_at))
