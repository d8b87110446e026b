"""The Store port's verbs about the canary, on SQL. See franked.shelves for what each promises."""

from franked.backends.sql import canary
from franked.backends.sql.commits import Verb
from franked.backends.sql.shelf import Shelf
from franked.rules.canary import Canary

_KEEP = Verb(canary.keep)


class CanaryShelf(Shelf):
    async def canary(self) -> Canary:
        return await self._read(canary.read)

    async def keep_canary(self, new: Canary) -> bool:
        [kept] = await self._writer.submit(_KEEP, [new])
        return kept
