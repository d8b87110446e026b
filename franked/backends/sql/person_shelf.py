"""The Store port's verbs about people and tickets, on SQL. See franked.shelves for what each promises."""

from collections.abc import Sequence
from datetime import datetime

from franked.backends.sql import personal, tickets
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Shelf
from franked.rules.person import AccountDeletion, Collected, Erased, Erasure, Whose
from franked.rules.ticket import Ticket


class PersonShelf(Shelf):
    async def collect(self, whose: Whose) -> Collected:
        return await self._read(personal.collect, whose, self._desk)

    async def erase(self, asked: Sequence[Erasure]) -> list[Erased]:
        return await self._writer.submit(self._verbs.erase, asked)

    async def delete_accounts(self, asked: Sequence[AccountDeletion]) -> list[int]:
        return await self._writer.submit(self._verbs.delete_accounts, asked)

    async def reopen_accounts(self, accounts: Sequence[str]) -> list[bool]:
        return await self._writer.submit(self._verbs.reopen_accounts, accounts)


class TicketShelf(Shelf):
    async def keep_tickets(self, kept: Sequence[Ticket]) -> list[bool]:
        return await self._writer.submit(self._verbs.keep_tickets, kept)

    async def find_tickets(self, ids: Sequence[str]) -> list[Ticket | None]:
        return await self._read(tickets.find, ids, self._desk)

    async def forget_tickets(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_tickets, [(ms(before), most)])
        return forgotten
