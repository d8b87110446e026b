"""The Store port's verbs about who is told of alarms, on SQL. See franked.shelves for what each promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from franked.backends.sql import alarms, due
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Shelf
from franked.record import Alarm, Heard
from franked.rules.lane import Lane


class AlarmShelf(Shelf):
    async def open_alarms(self, new: Sequence[Alarm]) -> list[bool]:
        return await self._writer.submit(self._verbs.alarms.open_up, new)

    async def close_alarms(self, keys: Sequence[str]) -> list[bool]:
        return await self._writer.submit(self._verbs.alarms.close, keys)

    async def alarms(self) -> list[Alarm]:
        return await self._read(alarms.read)

    async def claim_alarms(self, until: datetime) -> list[Alarm]:
        [claimed] = await self._writer.submit(self._verbs.alarms.claim, [ms(until)])
        return claimed

    async def hear_alarms(self, heard: Sequence[Heard]) -> list[bool]:
        return await self._writer.submit(self._verbs.alarms.hear, heard)

    async def due_since(self) -> Mapping[Lane, datetime]:
        return await self._read(due.since)
