"""The tables of SES's list as it was seen last, of the calls that are to be made, and of where that stands."""

from sqlalchemy import Column, Index, Integer, Table, Text

from franked.backends.sql.columns import metadata, text, time

ses_listed = Table(
    "ses_listed",
    metadata,
    Column("spelled", Text, primary_key=True),  # as SES has it: only that spelling finds it there
    text("address_key"),
    text("reason"),
    time("at"),
    Column("seen", Integer, nullable=False),  # by which listing, last
    Index("ses_listed_address", "address_key"),
    Index("ses_listed_seen", "seen"),
    sqlite_with_rowid=False,
)

ses_calls = Table(
    "ses_calls",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("spelled", Text, primary_key=True),
    text("what"),
    text("reason", known=False),
    time("at"),
    Index("ses_calls_due", "what", "at", "spelled"),
    sqlite_with_rowid=False,
)

ses_conflicts = Table(
    "ses_conflicts",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("conflict", Text, primary_key=True),
    time("at"),
    text("said"),
    Index("ses_conflicts_at", "at"),
    sqlite_with_rowid=False,
)

ses_stand = Table(
    "ses_stand",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    text("stand"),  # JSON
    time("asked_at", known=False),
)
