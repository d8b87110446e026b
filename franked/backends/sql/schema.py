"""The tables. Times are milliseconds since 1970, states and kinds are words, contents are sealed bytes.

Both SQLite and PostgreSQL take every line. The partial indexes hold only what still waits, so the long past costs
nothing; their conditions are literals, because a planner can't match an index to a bound value.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    literal_column,
    or_,
)

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"})


def _time(name: str, *, known: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=not known)


def _text(name: str, *, known: bool = True) -> Column[str]:
    return Column(name, Text, nullable=not known)


def _index(name: str, *columns: ColumnElement[object], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    _text("stream"),
    _text("lane"),
    _text("state"),
    _text("reason", known=False),
    _time("due_at"),
    _time("held_until", known=False),
    Column("attempt", Integer, nullable=False),  # the newest one's number: the fencing token
    Column("tries", Integer, nullable=False),
    _time("lease_until", known=False),  # stays while the outcome is unknown: the wait is counted from here
    _text("ses_id", known=False),
    _text("recipient"),
    _text("address_key"),
    _text("sender"),
    _text("template"),
    _text("template_version"),
    _text("locale"),
    _text("trigger_act", known=False),
    _text("trigger_by", known=False),
    _time("trigger_at", known=False),
    _text("trigger_ref", known=False),
    _time("accepted_at"),
    _time("useful_until"),
    _text("key_id"),
    _text("request_id"),
    Column("contents", LargeBinary),  # sealed; NULL once the message has ended
)


def in_state(word: str) -> ColumnElement[bool]:
    return messages.c.state == literal_column(f"'{word}'")


UNKNOWN_OUTCOME = "unknown_outcome"  # held for a person or an event, never for the sweep
QUEUED = in_state("queued")
HELD = in_state("held")
DEAD = in_state("dead")
EXPIRES = and_(
    messages.c.state.in_([literal_column("'queued'"), literal_column("'held'")]),
    or_(messages.c.reason.is_(None), messages.c.reason != literal_column(f"'{UNKNOWN_OUTCOME}'")),
)

Index("messages_of_address", messages.c.address_key, messages.c.id)
Index("messages_of_key", messages.c.key_id, messages.c.id)
_index("messages_dead", messages.c.id, where=DEAD)
_index("messages_due", messages.c.lane, messages.c.due_at, messages.c.id, where=QUEUED)
_index("messages_held", messages.c.reason, messages.c.id, where=HELD)
_index("messages_held_until", messages.c.held_until, where=messages.c.held_until.is_not(None))
_index("messages_leased", messages.c.state, messages.c.lease_until, where=messages.c.lease_until.is_not(None))
_index("messages_expiring", messages.c.useful_until, where=EXPIRES)

attempts = Table(
    "attempts",
    metadata,
    Column("message_id", Text, ForeignKey("messages.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _time("at"),
    _time("call_by"),
    _time("lease_until"),
    _text("outcome", known=False),
    _text("detail"),
    _text("ses_id", known=False),
    _time("finished_at", known=False),
    sqlite_with_rowid=False,
)
_index("attempts_ses_id", attempts.c.ses_id, where=attempts.c.ses_id.is_not(None))

ledger = Table(
    "ledger",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _text("message_id"),
    _time("at"),
    _text("what"),
    _text("why"),
    _text("by"),
    Index("ledger_message", "message_id"),
)

origins = Table(
    "origins",
    metadata,
    Column("address_key", Text, primary_key=True),
    _text("recipient"),
    _text("trigger_act", known=False),
    _text("trigger_by", known=False),
    _time("trigger_at", known=False),
    _text("trigger_ref", known=False),
    _text("stream", known=False),
    _text("key_id"),
    _text("source", known=False),  # of an import
    _text("message_id", known=False),  # the first; no foreign key, because an origin outlives its message
    _time("first_seen"),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("message_id", Text, ForeignKey("messages.id"), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    _time("at"),
    sqlite_with_rowid=False,
)

limits = Table(
    "limits",
    metadata,
    Column("name", Text, primary_key=True),
    _time("opened_at"),
    Column("used", Integer, nullable=False),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("key", Text, primary_key=True),
    _text("message_id", known=False),
    _text("kind"),
    _text("ses_id"),
    _text("tagged_message", known=False),
    _text("tagged_attempt", known=False),
    _text("recipient", known=False),
    _time("at"),
    _text("bounce_type", known=False),
    _text("subtype", known=False),
    _text("feedback", known=False),
    _text("detail"),
    _text("raw"),
    _text("counted_as", known=False),  # the counter that it moved while its message was not known
    _time("received_at"),
    _time("pending_since", known=False),  # no message yet: our own record of the send may still come
)
_index("events_message", events.c.message_id, where=events.c.message_id.is_not(None))
_index("events_pending", events.c.ses_id, where=events.c.pending_since.is_not(None))
BEARS_ON_ADDRESS = events.c.kind.in_([literal_column("'bounce'"), literal_column("'delivery'")])
_index("events_of_address", events.c.recipient, events.c.kind, events.c.at, where=BEARS_ON_ADDRESS)

settlements = Table(
    "settlements",
    metadata,
    Column("subject", Text, primary_key=True),  # a message, or mail we do not know by its SES id and recipient
    Column("what", Text, primary_key=True),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    _text("why"),
    _time("at"),
    _time("until", known=False),
    _text("source"),
    sqlite_with_rowid=False,
)

suppression_log = Table(
    "suppression_log",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _text("address_key"),
    _text("scope"),
    _time("at"),
    _text("what"),
    _text("type"),  # the suppression's own why: what was put on the list, or taken off it
    _time("until", known=False),
    _text("why"),  # a person's
    _text("by"),
    _text("source"),
    Index("suppression_log_address", "address_key", "line"),
)

account = Table(
    "account",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("production", Boolean, nullable=False),
    Column("rate", Double, nullable=False),
    Column("quota", Double, nullable=False),
    Column("sent_24h", Double, nullable=False),
    _time("read_at"),
    Column("sending_enabled", Boolean, nullable=False),
    _text("enforcement"),
    _text("verified"),  # JSON list
    Column("sent_before", Integer, nullable=False),  # of the minute of `read_at`, what AWS's figure already holds
)

bucket = Table(
    "bucket",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("tokens", Double, nullable=False),
    _time("at"),
    Column("factor", Double, nullable=False),
    Column("trouble", Integer, nullable=False),
    Column("slowed_at", BigInteger),
)

lane_waits = Table("lane_waits", metadata, Column("lane", Text, primary_key=True), _time("until"), _text("why"))

sent_minutes = Table(
    "sent_minutes",
    metadata,
    Column("minute", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("sent", Integer, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    _text("name"),
    _text("streams"),  # JSON list
    _text("senders"),  # JSON list
    Column("limit_count", Integer),
    Column("limit_per", BigInteger),  # milliseconds
    Column("digest", LargeBinary, nullable=False),
    Column("old_digest", LargeBinary),
    _time("old_until", known=False),
    _time("created_at"),
    _time("revoked_at", known=False),
    Column("admin", Boolean, nullable=False),
)

sealed_with = Table(
    "sealed_with",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", LargeBinary, nullable=False),
)

templates = Table(
    "templates",
    metadata,
    Column("version", Text, primary_key=True),
    _text("name"),
    _text("files"),  # JSON object
)

alarms = Table(
    "alarms",
    metadata,
    Column("key", Text, primary_key=True),
    _text("text"),
    _time("opened_at"),
    _time("closed_at", known=False),
)

counters = Table(
    "counters",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
