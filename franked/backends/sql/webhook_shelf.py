"""The Store port's verbs about webhooks, on SQL. See franked.shelves for what each promises."""

from collections.abc import Sequence
from datetime import datetime

from franked.backends.sql import webhooks
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Shelf
from franked.backends.sql.webhooks import Replaying, Taking
from franked.rules.webhook import Called, Health, Notice, Turn


class WebhookShelf(Shelf):
    async def next_notice(self, endpoint: str) -> datetime | None:
        return await self._read(webhooks.next_due, endpoint)

    async def take_notices(self, endpoint: str, lease_until: datetime) -> Sequence[Notice]:
        [notices] = await self._writer.submit(self._verbs.take_notices, [Taking(endpoint, lease_until)])
        return notices

    async def finish_notices(self, called: Sequence[Called]) -> list[Turn | None]:
        return await self._writer.submit(self._verbs.finish_notices, called)

    async def webhooks(self, names: Sequence[str]) -> list[Health]:
        return await self._read(webhooks.healths, names)

    async def enable_webhooks(self, names: Sequence[str]) -> list[bool]:
        return await self._writer.submit(self._verbs.enable_webhooks, names)

    async def replay_notices(self, endpoint: str, since: datetime, after: str, most: int) -> Sequence[str]:
        asked = [Replaying(endpoint, since, after, most)]
        [replayed] = await self._writer.submit(self._verbs.replay_notices, asked)
        return replayed

    async def forget_notices(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_notices, [(ms(before), most)])
        return forgotten
