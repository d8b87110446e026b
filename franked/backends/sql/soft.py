"""An address's soft bounces since its last delivery."""

from sqlalchemy import Connection, bindparam, func, or_, select

from franked.backends.sql.rows import event_of, moment, ms
from franked.backends.sql.schema import BEARS_ON_ADDRESS, events
from franked.rules.event import BounceType, Event, Kind
from franked.rules.suppression import NOT_ABOUT_THE_ADDRESS, SoftBounce

_OF_ADDRESS = (BEARS_ON_ADDRESS, events.c.recipient == bindparam("recipient"), events.c.at <= bindparam("until"))
_LAST_DELIVERY = select(func.max(events.c.at)).where(*_OF_ADDRESS, events.c.kind == Kind.DELIVERY.value)
_MAIL = func.coalesce(events.c.message_id, events.c.ses_id)
_SOFT = (
    events.c.kind == Kind.BOUNCE.value,
    or_(events.c.bounce_type.is_(None), events.c.bounce_type != BounceType.PERMANENT.value),
)
_AFTER = (
    select(events)
    .where(BEARS_ON_ADDRESS, *_SOFT, events.c.recipient == bindparam("recipient"), events.c.at > bindparam("at"))
    .order_by(events.c.at, events.c.key)
    .limit(50)  # a mailbox that is full for months still costs no more than this
)
_BOUNCES = (
    select(_MAIL.label("mail"), events.c.at)
    .where(
        *_OF_ADDRESS,
        *_SOFT,
        events.c.at > bindparam("since"),
        bindparam("mail") != _MAIL,
        or_(events.c.subtype.is_(None), events.c.subtype.not_in(sorted(NOT_ABOUT_THE_ADDRESS))),
    )
    .order_by(events.c.at)
)


def soft_before(conn: Connection, event: Event, owner: str | None) -> list[SoftBounce]:
    """By the events' own times, whatever order they came in; other mails than this event's only."""
    if not _is_soft(event):
        return []
    address = {"recipient": event.recipient, "until": ms(event.at)}
    delivered = conn.execute(_LAST_DELIVERY, address).scalar()
    since = -1 if delivered is None else delivered
    rows = conn.execute(_BOUNCES, {**address, "since": since, "mail": owner or event.ses_id})
    return [SoftBounce(row.mail, moment(row.at)) for row in rows]


def soft_after(conn: Connection, event: Event) -> list[tuple[Event, str | None]]:
    """Those that are later than this event, though they came in before it, and whose mail they were about: this one
    may be what tires the address as of them."""
    if not _is_soft(event):
        return []
    rows = conn.execute(_AFTER, {"recipient": event.recipient, "at": ms(event.at)})
    return [(event_of(row), row.message_id) for row in rows]


def _is_soft(event: Event) -> bool:
    return event.kind is Kind.BOUNCE and event.bounce_type is not BounceType.PERMANENT and bool(event.recipient)
