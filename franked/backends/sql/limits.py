"""How much of a limit is used up, in the window that its first message opened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, bindparam, delete, select, update

from franked.backends.sql.columns import metadata, time
from franked.backends.sql.many import among, fetch, ignoring, write
from franked.record import Spend
from franked.rules.person import Whose
from franked.rules.stream import Limit

limits = Table(
    "limits",
    metadata,
    Column("name", Text, primary_key=True),
    time("opened_at"),
    Column("used", Integer, nullable=False),
    Index("limits_opened", "opened_at"),
    sqlite_with_rowid=False,
)

_OPEN = ignoring(limits)
_SEEN = select(limits).where(among(limits.c.name))
_FIND = _SEEN.order_by(limits.c.name).with_for_update()
_FORGET = delete(limits).where(among(limits.c.name))
_OPENED = select(limits.c.name).where(limits.c.opened_at < bindparam("before")).limit(bindparam("most"))
_SPEND = update(limits).where(limits.c.name == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Window:
    opened_at: int
    used: int = 0

    def spent(self) -> "Window":
        return replace(self, used=self.used + 1)


def spend(conn: Connection, asked: Sequence[tuple[Sequence[Spend], int]]) -> list[bool]:
    """For each, in order, at its time: all of its spends, or none and False.

    The rows are made before they are locked and read, so that two writers can't both open one window.
    """
    names = sorted({one.name for spends, _ in asked for one in spends})
    before = _locked(conn, names)
    after = dict(before)
    answers = [_spend(spends, now, after) for spends, now in asked]
    changed = [name for name in names if after[name] != before[name]]
    write(
        conn, _SPEND, [{"of": name, "opened_at": after[name].opened_at, "used": after[name].used} for name in changed]
    )
    return answers


def _locked(conn: Connection, names: Sequence[str]) -> dict[str, Window]:
    """A row that is forgotten by another between the two statements is made again."""
    found: dict[str, Window] = {}
    while len(found) < len(names):
        write(conn, _OPEN, [{"name": name, "opened_at": 0, "used": 0} for name in names if name not in found])
        found = {row.name: Window(row.opened_at, row.used) for row in fetch(conn, _FIND, names)}
    return found


def reopens(conn: Connection, spends: Sequence[Spend], now: int) -> int:
    """When the last of these that is used up has room again; `now` where none is."""
    windows = {row.name: Window(row.opened_at, row.used) for row in fetch(conn, _FIND, [one.name for one in spends])}
    ends = [now]
    for one in spends:
        window = _open(windows.get(one.name, Window(now)), one.limit, now)
        if window.used >= one.limit.count:
            ends.append(window.opened_at + int(one.limit.per.total_seconds() * 1000))
    return max(ends)


def used_up(conn: Connection, asked: Sequence[Spend], now: int) -> list[int | None]:
    """For each, until when it has no room; None: it has."""
    windows = {row.name: Window(row.opened_at, row.used) for row in fetch(conn, _SEEN, [one.name for one in asked])}
    ends: list[int | None] = []
    for one in asked:
        window = _open(windows.get(one.name, Window(now)), one.limit, now)
        is_used_up = window.used >= one.limit.count
        ends.append(window.opened_at + int(one.limit.per.total_seconds() * 1000) if is_used_up else None)
    return ends


def names_of(whose: Whose) -> list[str]:
    """As they are spelled where they are spent: see sending.accept and flows.subscriptions."""
    return [f"{use}|{whose.address.mailbox}" for use in sorted({*whose.streams, "subscribe"})]


def forget(conn: Connection, names: Sequence[str]) -> None:
    conn.execute(_FORGET, {"keys": list(names)})


def forget_ended(conn: Connection, before: int, most: int) -> int:
    """Windows that opened before then."""
    ended = list(conn.execute(_OPENED, {"before": before, "most": most}).scalars())
    if ended:
        forget(conn, ended)
    return len(ended)


def _spend(spends: Sequence[Spend], now: int, windows: dict[str, Window]) -> bool:
    spent: dict[str, Window] = {}
    for one in spends:
        window = _open(spent.get(one.name, windows[one.name]), one.limit, now)
        if window.used >= one.limit.count:
            return False
        spent[one.name] = window.spent()
    windows.update(spent)
    return True


def _open(window: Window, limit: Limit, now: int) -> Window:
    ended = window.opened_at + limit.per.total_seconds() * 1000 <= now
    return Window(now) if ended or window.used == 0 else window
