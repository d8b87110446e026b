"""What every verb of the SQL store goes through, and the verbs of franked.shelves."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from franked.backends.sql import approvals, personal, tickets
from franked.backends.sql.commits import Verb
from franked.backends.sql.desk import Desk
from franked.backends.sql.lines import Place
from franked.backends.sql.rows import ms
from franked.backends.sql.verbs import verbs_of
from franked.record import Busy
from franked.rules.approval import NotNow, Review
from franked.rules.person import AccountDeletion, Collected, Erased, Erasure, Whose
from franked.rules.ticket import Ticket

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")


class Writes(Protocol):
    """Where verbs that write go: see writer.Writer for the promises."""

    async def submit(self, verb: Verb[E, R], elements: Sequence[E]) -> list[R]: ...

    async def bring(self, verb: Verb[E, R], elements: Sequence[E], place: Callable[[E], Place]) -> list[R | Busy]: ...

    async def close(self) -> None: ...


class Reads(Protocol):
    async def ask(self, question: Callable[[Connection], R]) -> R:
        """In a transaction of its own, beside those that write. Raises StoreUnavailable."""
        ...

    async def close(self) -> None: ...


class Shelves:
    """See franked.shelves for what each verb promises."""

    def __init__(self, writer: Writes, reader: Reads, desk: Desk) -> None:
        self._writer = writer
        self._reader = reader
        self._desk = desk
        self._verbs = verbs_of(desk)
        self._forsaken: set[asyncio.Task[None]] = set()

    # templates' reviews

    async def review(self, steps: Sequence[Review]) -> list[Review | NotNow]:
        return await self._writer.submit(self._verbs.review, steps)

    async def reviewed(self, versions: Sequence[str]) -> list[Review | None]:
        return await self._read(approvals.reviewed, versions)

    async def reviews_of(self, template: str) -> list[Review]:
        return await self._read(approvals.of_template, template)

    async def approved_versions(self) -> frozenset[str]:
        return await self._read(approvals.approved)

    # people

    async def collect(self, whose: Whose) -> Collected:
        return await self._read(personal.collect, whose, self._desk)

    async def erase(self, asked: Sequence[Erasure]) -> list[Erased]:
        return await self._writer.submit(self._verbs.erase, asked)

    async def delete_accounts(self, asked: Sequence[AccountDeletion]) -> list[int]:
        return await self._writer.submit(self._verbs.delete_accounts, asked)

    async def reopen_accounts(self, accounts: Sequence[str]) -> list[bool]:
        return await self._writer.submit(self._verbs.reopen_accounts, accounts)

    # tickets

    async def keep_tickets(self, kept: Sequence[Ticket]) -> list[bool]:
        return await self._writer.submit(self._verbs.keep_tickets, kept)

    async def find_tickets(self, ids: Sequence[str]) -> list[Ticket | None]:
        return await self._read(tickets.find, ids, self._desk)

    async def forget_tickets(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_tickets, [(ms(before), most)])
        return forgotten

    async def _read(self, question: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._reader.ask(lambda conn: question(conn, *args, **kwargs))
