"""The Store port's verbs about consents, on SQL. See franked.store for what each promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from franked.backends.sql import consent_log, consents, limits, newsletters
from franked.backends.sql.rows import moment, ms
from franked.backends.sql.shelf import Shelf
from franked.record import IdempotencyConflict, Spend
from franked.rules.consent import Agreed, Asked, Confirmation, ConsentLine, Standing, Statement
from franked.rules.newsletter import Newsletter, Stretch


class ConsentShelf(Shelf):
    async def add_newsletters(self, new: Sequence[Newsletter]) -> list[Newsletter | IdempotencyConflict]:
        return await self._writer.submit(self._verbs.add_newsletters, new)

    async def newsletters(self, ids: Sequence[str]) -> list[Newsletter | None]:
        return await self._read(newsletters.find, ids, self._desk)

    async def newsletters_under_way(self) -> list[Newsletter]:
        return await self._read(newsletters.under_way, self._desk)

    async def advance_newsletters(self, stretches: Sequence[Stretch]) -> list[bool]:
        return await self._writer.submit(self._verbs.advance_newsletters, stretches)

    async def spend(self, asked: Sequence[Sequence[Spend]]) -> list[bool]:
        return await self._writer.submit(self._verbs.spend, asked)

    async def used_up(self, asked: Sequence[Spend], now: datetime) -> list[datetime | None]:
        ends = await self._read(limits.used_up, asked, ms(now))
        return [None if end is None else moment(end) for end in ends]

    async def forget_limits(self, opened_before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_limits, [(ms(opened_before), most)])
        return forgotten

    async def state(self, statements: Sequence[Statement]) -> list[bool]:
        return await self._writer.submit(self._verbs.state, statements)

    async def ask_consent(self, asked: Sequence[Asked]) -> None:
        await self._writer.submit(self._verbs.ask_consent, asked)

    async def asked_consent(self, token_hashes: Sequence[bytes]) -> list[Asked | None]:
        return await self._read(consents.find_asked, token_hashes)

    async def confirm_consent(self, confirmations: Sequence[Confirmation]) -> list[Asked | None]:
        return await self._writer.submit(self._verbs.confirm_consent, confirmations)

    async def forget_asked(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_asked, [(ms(before), most)])
        return forgotten

    async def consents(self, address_keys: Sequence[str]) -> list[Mapping[str, Standing]]:
        return await self._read(consents.of, address_keys)

    async def agreed(self, topic: str, after: str, most: int) -> list[Agreed]:
        return await self._read(consents.agreed, topic, after, most)

    async def count_agreed(self, topic: str) -> int:
        return await self._read(consents.count_agreed, topic)

    async def list_consents(self, after: int, most: int, address_key: str | None = None) -> list[ConsentLine]:
        return await self._read(consent_log.page, after, most, address_key)
