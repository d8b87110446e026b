"""What was sent, came back and was called spam, by quarters of an hour: of each stream and provider, and in all."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, bindparam, delete, func, select

from franked.backends.sql.columns import metadata
from franked.backends.sql.many import adding, write
from franked.backends.sql.rows import moment
from franked.rules.provider import provider_of
from franked.rules.rates import QUARTER, Part, Seen

_OF_RATES = "sent", "bounced", "complained"
ALL = "*"  # instead of a stream, or a provider
KEPT = frozenset({"sent", "delivered", "bounced", "soft_bounced", "complained", "rejected"})

figures = Table(
    "figures",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True, info={"is": "time"}),
    Column("what", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Index("figures_at", "at"),
    sqlite_with_rowid=False,
)

_ADD = adding(figures, "n")
_IN_ALL = (
    select(figures.c.at, figures.c.what, figures.c.n)
    .where(figures.c.stream == ALL, figures.c.provider == ALL, figures.c.at > bindparam("since"))
    .order_by(figures.c.at.desc())
)
_PARTS = (
    select(figures.c.stream, figures.c.provider, figures.c.what, func.sum(figures.c.n).label("n"))
    .where(figures.c.at > bindparam("since"), figures.c.at <= bindparam("until"))
    .group_by(figures.c.stream, figures.c.provider, figures.c.what)
)
_ENDED = select(figures).where(figures.c.at < bindparam("before")).limit(bindparam("most"))
_FORGET = delete(figures).where(
    *(figures.c[name] == bindparam(f"of_{name}") for name in ("stream", "provider", "at", "what"))
)

Name = tuple[int, str, str, str]  # quarter, stream, provider, what
_LENGTH = int(QUARTER.total_seconds() * 1000)


def quarter_of(now: int) -> int:
    return now - now % _LENGTH


def name(now: int, stream: str, recipient: str | None, what: str) -> Name:
    return quarter_of(now), stream, provider_of(recipient), what


def add(conn: Connection, more: Mapping[Name, int]) -> None:
    """And to what they are part of."""
    added = Counter[Name]()
    for (at, stream, provider, what), n in more.items():
        if what in KEPT and n:
            added[at, stream, provider, what] += n
            added[at, ALL, ALL, what] += n
    rows = [(stream, provider, at, what, n) for (at, stream, provider, what), n in added.items() if n]
    write(conn, _ADD, [dict(zip(("stream", "provider", "at", "what", "n"), row, strict=True)) for row in sorted(rows)])


def in_all(conn: Connection, since: int) -> list[Seen]:
    """Of the account, the newest quarter first."""
    found: dict[int, dict[str, int]] = {}
    for row in conn.execute(_IN_ALL, {"since": since - _LENGTH}):
        found.setdefault(row.at, {})[row.what] = row.n
    return [
        Seen(moment(at), one.get("sent", 0), one.get("bounced", 0), one.get("complained", 0))
        for at, one in found.items()
    ]


def parts(conn: Connection, since: int, until: int) -> list[Part]:
    """By stream and provider; the account's own sums are among them, as ALL."""
    asked = {"since": since - _LENGTH, "until": until}
    return [Part(row.stream, row.provider, row.what, int(row.n)) for row in conn.execute(_PARTS, asked)]


def forget(conn: Connection, before: int, most: int) -> int:
    ended = conn.execute(_ENDED, {"before": before, "most": most}).all()
    rows = [{"of_stream": r.stream, "of_provider": r.provider, "of_at": r.at, "of_what": r.what} for r in ended]
    write(conn, _FORGET, sorted(rows, key=lambda row: tuple(row.values())))
    return len(rows)
