"""The Store port's verbs about webhooks, on SQL. See franked.shelves for what each promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from franked.backends.sql import outbox, webhooks
from franked.backends.sql.commits import Verb
from franked.backends.sql.desk import Desk
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Reads, Shelf, Writes
from franked.backends.sql.webhooks import Replaying, Taking
from franked.rules.webhook import Called, Health, Notice, Turn


@dataclass(frozen=True, slots=True)
class Telling:
    """The verbs that write."""

    take: Verb[Taking, list[Notice]]
    finish: Verb[Called, Turn | None]
    enable: Verb[str, bool]
    replay: Verb[Replaying, list[str]]
    forget: Verb[tuple[int, int], int]  # before when, how many


def telling_at(desk: Desk) -> Telling:
    return Telling(
        take=Verb(lambda conn, asked: webhooks.take(conn, asked, desk)),
        finish=Verb(lambda conn, called: webhooks.finish(conn, called, desk)),
        enable=Verb(lambda conn, names: webhooks.enable(conn, names, desk)),
        replay=Verb(lambda conn, asked: webhooks.replay(conn, asked, desk)),
        forget=Verb(lambda conn, asked: [outbox.forget(conn, *past) for past in asked]),
    )


class WebhookShelf(Shelf):
    def __init__(self, writer: Writes, reader: Reads, desk: Desk) -> None:
        super().__init__(writer, reader, desk)
        self._telling = telling_at(desk)

    async def next_notice(self, endpoint: str) -> datetime | None:
        return await self._read(webhooks.next_due, endpoint)

    async def take_notices(self, endpoint: str, lease_until: datetime) -> Sequence[Notice]:
        [notices] = await self._writer.submit(self._telling.take, [Taking(endpoint, lease_until)])
        return notices

    async def finish_notices(self, called: Sequence[Called]) -> list[Turn | None]:
        return await self._writer.submit(self._telling.finish, called)

    async def webhooks(self, names: Sequence[str]) -> list[Health]:
        return await self._read(webhooks.healths, names)

    async def enable_webhooks(self, names: Sequence[str]) -> list[bool]:
        return await self._writer.submit(self._telling.enable, names)

    async def replay_notices(self, endpoint: str, since: datetime, after: str, most: int) -> Sequence[str]:
        asked = [Replaying(endpoint, since, after, most)]
        [replayed] = await self._writer.submit(self._telling.replay, asked)
        return replayed

    async def forget_notices(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._telling.forget, [(ms(before), most)])
        return forgotten
