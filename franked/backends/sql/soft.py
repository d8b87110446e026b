"""An address's soft bounces since its last delivery."""

from sqlalchemy import Connection, bindparam, func, or_, select

from franked.backends.sql.rows import moment, ms
from franked.backends.sql.schema import BEARS_ON_ADDRESS, events
from franked.rules.event import BounceType, Event, Kind
from franked.rules.suppression import NOT_ABOUT_THE_ADDRESS, SoftBounce

_OF_ADDRESS = (BEARS_ON_ADDRESS, events.c.recipient == bindparam("recipient"), events.c.at <= bindparam("until"))
_LAST_DELIVERY = select(func.max(events.c.at)).where(*_OF_ADDRESS, events.c.kind == Kind.DELIVERY.value)
_MAIL = func.coalesce(events.c.message_id, events.c.ses_id)
_BOUNCES = (
    select(_MAIL.label("mail"), events.c.at)
    .where(
        *_OF_ADDRESS,
        events.c.kind == Kind.BOUNCE.value,
        or_(events.c.bounce_type.is_(None), events.c.bounce_type != BounceType.PERMANENT.value),
        events.c.at > bindparam("since"),
        bindparam("mail") != _MAIL,
        or_(events.c.subtype.is_(None), events.c.subtype.not_in(sorted(NOT_ABOUT_THE_ADDRESS))),
    )
    .order_by(events.c.at)
)


def soft_before(conn: Connection, event: Event, owner: str | None) -> list[SoftBounce]:
    """By the events' own times, whatever order they came in; other mails than this event's only."""
    if event.kind is not Kind.BOUNCE or event.bounce_type is BounceType.PERMANENT or not event.recipient:
        return []
    address = {"recipient": event.recipient, "until": ms(event.at)}
    delivered = conn.execute(_LAST_DELIVERY, address).scalar()
    since = -1 if delivered is None else delivered
    rows = conn.execute(_BOUNCES, {**address, "since": since, "mail": owner or event.ses_id})
    return [SoftBounce(row.mail, moment(row.at)) for row in rows]
