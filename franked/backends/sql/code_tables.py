"""The tables of what proves something. A code is a keyed hash in them, a secret is sealed."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from franked.backends.sql.columns import metadata, text, time

codes = Table(
    "codes",
    metadata,
    Column("slot", Text, primary_key=True),  # of stream, account or address, and session: the newest only
    Column("id", Text, nullable=False, unique=True),
    text("stream"),
    text("account", known=False),
    text("address"),
    Column("code", LargeBinary, nullable=False),  # with stream, session and id: right for no other
    Column("token", Text, nullable=False, unique=True),
    Column("guesses_left", Integer, nullable=False),
    time("made_at"),
    time("resend_at"),
    time("ends_at"),
    time("confirmed_at", known=False),
    time("used_at", known=False),
    Index("codes_ended", "ends_at"),
    sqlite_with_rowid=False,
)

factors = Table(
    "factors",
    metadata,
    Column("account", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
    time("confirmed_at", known=False),
    Column("last_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    time("failed_at", known=False),
    text("recovery"),  # JSON list of keyed hashes: those that are left
    sqlite_with_rowid=False,
)
