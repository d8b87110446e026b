"""The Store port's verbs about rates and the brake, on SQL. See franked.shelves for what each promises."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from franked.backends.sql import brake, figures
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Shelf
from franked.rules.governor import Brake, BrakeLine, BrakeRelease
from franked.rules.rates import AwsRates, Part, Seen


class ReputationShelf(Shelf):
    async def brake(self) -> Brake:
        return await self._read(brake.read)

    async def govern(self) -> Brake:
        [found] = await self._writer.submit(self._verbs.govern, [True])
        return found

    async def release_brake(self, asked: Sequence[BrakeRelease]) -> list[Brake | None]:
        return await self._writer.submit(self._verbs.release_brake, asked)

    async def learn_aws_rates(self, rates: AwsRates) -> Brake:
        [found] = await self._writer.submit(self._verbs.learn_aws_rates, [rates])
        return found

    async def be_careful(self, until: datetime) -> None:
        await self._writer.submit(self._verbs.be_careful, [until])

    async def brake_log(self, most: int) -> list[BrakeLine]:
        return await self._read(brake.lines, most)

    async def seen(self, now: datetime) -> list[Seen]:
        def counting(conn: Connection) -> list[Seen]:
            return brake.seen(conn, brake.read(conn), now)

        return await self._read(counting)

    async def seen_since(self, begin: datetime) -> list[Seen]:
        return await self._read(figures.in_all, ms(begin))

    async def parts(self, since: datetime, until: datetime) -> list[Part]:
        return await self._read(figures.parts, ms(since), ms(until))

    async def forget_figures(self, before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_figures, [(ms(before), most)])
        return forgotten
