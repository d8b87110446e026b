"""The Store port's verbs about SES's list and about who might go. See franked.shelves for what each promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from franked.backends.sql import ses_list, trails
from franked.backends.sql.commits import Verb
from franked.backends.sql.desk import Desk
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Reads, Shelf, Writes
from franked.rules.at_ses import Listed, Stand, Told
from franked.rules.cleaning import Trail
from franked.rules.reconcile import Due, Step, Stepped


class SesListShelf(Shelf):
    def __init__(self, writer: Writes, reader: Reads, desk: Desk) -> None:
        super().__init__(writer, reader, desk)
        self._step: Verb[Step, Stepped | None] = Verb(lambda conn, steps: ses_list.step(conn, steps, desk))
        self._ask: Verb[int, None] = Verb(ses_list.ask)

    async def reconcile_stand(self) -> Stand:
        return await self._read(ses_list.stand)

    async def reconcile_asked_at(self) -> datetime | None:
        return await self._read(ses_list.asked_at)

    async def ask_reconcile(self, at: datetime) -> None:
        await self._writer.submit(self._ask, [ms(at)])

    async def reconcile(self, steps: Sequence[Step]) -> list[Stepped | None]:
        return await self._writer.submit(self._step, steps)

    async def listed_at_ses(self, address_keys: Sequence[str]) -> list[Listed | None]:
        return await self._read(ses_list.listed, address_keys)

    async def next_ses_call(self, *, may_put: bool) -> Due | None:
        kinds = (ses_list.REMOVE, ses_list.PUT) if may_put else (ses_list.REMOVE,)
        return await self._read(ses_list.due, kinds)

    async def count_ses_calls(self) -> Mapping[str, int]:
        return await self._read(ses_list.count_calls)

    async def ses_conflicts(self, after: tuple[str, str], most: int) -> list[Told]:
        return await self._read(ses_list.conflicts, after, most)

    async def count_ses_conflicts(self) -> int:
        return await self._read(ses_list.count_conflicts)

    async def trails(self, after: str, most: int, asked_before: datetime) -> list[Trail]:
        return await self._read(trails.page, after, most, ms(asked_before), self._desk.now(), self._desk)
