"""What the flows keep of an address goes with it; what was agreed to stays as evidence of nobody."""

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, update

from franked.backends.sql import codes, invites
from franked.backends.sql.consent_schema import asked, consent_log, consents
from franked.backends.sql.desk import Desk
from franked.rules.invite import Invite

_GONE = tuple(delete(table).where(table.c.address_key == bindparam("of")) for table in (consents, asked))
_LOG = (
    update(consent_log)
    .where(consent_log.c.address_key == bindparam("of"))
    .values(address_key=bindparam("name"), recipient=bindparam("name"), ip="", user_agent="", source="")
)


def erase(conn: Connection, key: str, name: str, desk: Desk) -> None:
    for statement in _GONE:
        conn.execute(statement, {"of": key})
    codes.forget_person(conn, key, desk)
    conn.execute(_LOG, {"of": key, "name": name})
    _leave_invites(conn, key, desk)


def _leave_invites(conn: Connection, key: str, desk: Desk) -> None:
    """Nobody's calendar is told: a letter would need the address. An invite by the person goes whole."""
    theirs = invites.of_addresses(conn, [key], desk)
    own = [one.id for one in theirs if one.organizer.address.key == key]
    invites.keep(conn, [_without(key, one) for one in theirs if one.id not in own], desk)
    invites.remove(conn, own)
    invites.forget_invited(conn, key)


def _without(key: str, invite: Invite) -> Invite:
    writes_back = invite.reply_to is not None and invite.reply_to.address.key != key
    return replace(
        invite,
        attendees=tuple(one for one in invite.attendees if one.address.key != key),
        due=tuple(one for one in invite.due if one.to.address.key != key),
        reply_to=invite.reply_to if writes_back else None,
        version=invite.version + 1,
    )
