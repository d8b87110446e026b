"""The tables of what readers agreed to, and of what is written to those who did. See schema for how they read."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, literal_column

from franked.backends.sql.columns import index, metadata, text, time

consents = Table(
    "consents",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("topic", Text, primary_key=True),  # "*": all of them
    text("recipient"),
    text("standing"),
    time("at"),
    text("locale", known=False),
    sqlite_with_rowid=False,
)
CONFIRMED = consents.c.standing == literal_column("'confirmed'")
index("consents_confirmed", consents.c.topic, consents.c.address_key, where=CONFIRMED)

consent_log = Table(
    "consent_log",
    metadata,
    Column("line", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    text("address_key"),
    text("recipient"),
    text("topic"),
    time("at"),
    text("what"),
    text("locale", known=False),
    text("by"),
    text("source"),
    text("ip"),
    text("user_agent"),
    text("wording"),
    text("wording_version"),
    Index("consent_log_address", "address_key", "line"),
)

asked = Table(
    "consents_asked",
    metadata,
    Column("token_hash", Text, primary_key=True),
    text("address_key"),
    text("recipient"),
    text("topic"),
    time("at"),
    time("until"),
    time("confirmed_at", known=False),
    text("locale", known=False),
    text("by"),
    text("source"),
    text("ip"),
    text("user_agent"),
    text("wording"),
    text("wording_version"),
    Index("consents_asked_address", "address_key"),
    Index("consents_asked_until", "until"),
    sqlite_with_rowid=False,
)

newsletters = Table(
    "newsletters",
    metadata,
    Column("id", Text, primary_key=True),
    text("key_id"),
    text("by"),  # the key's name
    text("stream"),
    text("topic"),
    time("at"),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("issue", LargeBinary),  # sealed; NULL once it has been written to everybody
    text("after"),  # the address key up to which it is written
    Column("people", Integer, nullable=False),  # who had agreed when it began
    Column("queued", Integer, nullable=False),
    Column("dropped", Integer, nullable=False),
    time("done_at", known=False),
    sqlite_with_rowid=False,
)
index("newsletters_under_way", newsletters.c.at, where=newsletters.c.done_at.is_(None))
