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
    Table,
    Text,
    and_,
    literal_column,
    or_,
)

from franked.backends.sql.columns import index, metadata, text, time
from franked.rules.alarm import ADMIN_STREAMS
from franked.rules.message import ENDED

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    text("stream"),
    text("lane"),
    text("state"),
    text("reason", known=False),
    time("due_at"),
    time("held_until", known=False),
    Column("attempt", Integer, nullable=False),  # the newest one's number: the fencing token
    Column("tries", Integer, nullable=False),
    time("lease_until", known=False),  # stays while the outcome is unknown: the wait is counted from here
    text("ses_id", known=False),
    text("recipient"),
    text("address_key"),
    text("sender"),
    text("template"),
    text("template_version"),
    text("locale"),
    text("trigger_act", known=False),
    text("trigger_by", known=False),
    time("trigger_at", known=False),
    text("trigger_ref", known=False),
    time("accepted_at"),
    time("useful_until"),
    text("key_id"),
    text("request_id"),
    Column("contents", LargeBinary),  # sealed; NULL once the message has ended
)


def in_state(word: str) -> ColumnElement[bool]:
    return messages.c.state == literal_column(f"'{word}'")


UNKNOWN_OUTCOME = "unknown_outcome"  # held for a person or an event, never for the sweep
QUEUED = in_state("queued")
TO_ADMINS = and_(QUEUED, messages.c.stream.in_([literal_column(f"'{name}'") for name in ADMIN_STREAMS]))
HELD = in_state("held")
DEAD = in_state("dead")
EXPIRES = and_(
    messages.c.state.in_([literal_column("'queued'"), literal_column("'held'")]),
    or_(messages.c.reason.is_(None), messages.c.reason != literal_column(f"'{UNKNOWN_OUTCOME}'")),
)

KEPT_CONTENTS = and_(
    messages.c.contents.is_not(None), messages.c.state.in_([literal_column(f"'{word}'") for word in sorted(ENDED)])
)

Index("messages_of_address", messages.c.address_key, messages.c.id)
Index("messages_of_key", messages.c.key_id, messages.c.id)
Index("messages_of_stream", messages.c.stream, messages.c.id)
index("messages_of_kept_contents", messages.c.stream, messages.c.id, where=KEPT_CONTENTS)
index("messages_dead", messages.c.id, where=DEAD)
index("messages_due", messages.c.lane, messages.c.due_at, messages.c.id, where=QUEUED)
index("messages_for_admins", messages.c.due_at, messages.c.id, where=TO_ADMINS)
index("messages_held", messages.c.reason, messages.c.id, where=HELD)
index("messages_held_until", messages.c.held_until, where=messages.c.held_until.is_not(None))
index("messages_leased", messages.c.state, messages.c.lease_until, where=messages.c.lease_until.is_not(None))
index("messages_expiring", messages.c.useful_until, where=EXPIRES)

attempts = Table(
    "attempts",
    metadata,
    Column("message_id", Text, ForeignKey("messages.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    time("at"),
    time("call_by"),
    time("lease_until"),
    text("outcome", known=False),
    text("detail"),
    text("ses_id", known=False),
    time("finished_at", known=False),
    sqlite_with_rowid=False,
)
index("attempts_ses_id", attempts.c.ses_id, where=attempts.c.ses_id.is_not(None))

ledger = Table(
    "ledger",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    text("message_id"),
    time("at"),
    text("what"),
    text("why"),
    text("by"),
    Index("ledger_message", "message_id"),
)

origins = Table(
    "origins",
    metadata,
    Column("address_key", Text, primary_key=True),
    text("recipient"),
    text("trigger_act", known=False),
    text("trigger_by", known=False),
    time("trigger_at", known=False),
    text("trigger_ref", known=False),
    text("stream", known=False),
    text("key_id"),
    text("source", known=False),  # of an import
    text("message_id", known=False),  # the first; no foreign key, because an origin outlives its message
    time("first_seen"),
    time("last_mailed", known=False),  # of mail that was forgotten since
    time("last_delivered", known=False),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("message_id", Text, ForeignKey("messages.id"), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    time("at"),
    Index("idempotency_message", "message_id"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("key", Text, primary_key=True),
    text("message_id", known=False),
    text("kind"),
    text("ses_id"),
    text("tagged_message", known=False),
    text("tagged_attempt", known=False),
    text("recipient", known=False),
    time("at"),
    text("bounce_type", known=False),
    text("subtype", known=False),
    text("feedback", known=False),
    text("detail"),
    text("raw"),
    text("counted_as", known=False),  # the counter that it moved while its message was not known
    time("received_at"),
    time("pending_since", known=False),  # no message yet: our own record of the send may still come
)
index("events_message", events.c.message_id, where=events.c.message_id.is_not(None))
index("events_of_nobody", events.c.received_at, where=events.c.message_id.is_(None))
index("events_pending", events.c.ses_id, where=events.c.pending_since.is_not(None))
index("events_pending_since", events.c.pending_since, where=events.c.pending_since.is_not(None))
BEARS_ON_ADDRESS = events.c.kind.in_([literal_column("'bounce'"), literal_column("'delivery'")])
index("events_of_address", events.c.recipient, events.c.kind, events.c.at, where=BEARS_ON_ADDRESS)

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
    text("why"),
    time("at"),
    time("until", known=False),
    text("source"),
    sqlite_with_rowid=False,
)

suppression_log = Table(
    "suppression_log",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    text("address_key"),
    text("scope"),
    time("at"),
    text("what"),
    text("type"),  # the suppression's own why: what was put on the list, or taken off it
    time("until", known=False),
    text("why"),  # a person's
    text("by"),
    text("source"),
    Index("suppression_log_address", "address_key", "line"),
    Index("suppression_log_at", "at", "what"),
)

account = Table(
    "account",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("production", Boolean, nullable=False),
    Column("rate", Double, nullable=False),
    Column("quota", Double, nullable=False),
    Column("sent_24h", Double, nullable=False),
    time("read_at"),
    Column("sending_enabled", Boolean, nullable=False),
    text("enforcement"),
    text("verified"),  # JSON list
    Column("sent_before", Integer, nullable=False),  # of the minute of `read_at`, what AWS's figure already holds
)

bucket = Table(
    "bucket",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("tokens", Double, nullable=False),
    time("at"),
    Column("factor", Double, nullable=False),
    Column("trouble", Integer, nullable=False),
    Column("slowed_at", BigInteger),
)

lane_waits = Table("lane_waits", metadata, Column("lane", Text, primary_key=True), time("until"), text("why"))

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
    text("name"),
    text("streams"),  # JSON list
    text("senders"),  # JSON list
    Column("limit_count", Integer),
    Column("limit_per", BigInteger),  # milliseconds
    Column("digest", LargeBinary, nullable=False),
    Column("old_digest", LargeBinary),
    time("old_until", known=False),
    time("created_at"),
    time("revoked_at", known=False),
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
    text("name"),
    text("files"),  # JSON object
)

counters = Table(
    "counters",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
