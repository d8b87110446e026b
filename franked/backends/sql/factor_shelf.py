"""The Store port's part on second factors."""

from collections.abc import Sequence

from franked.backends.sql import factors
from franked.backends.sql.shelf import Shelf
from franked.rules.factor import Factor, NewFactor, Proof


class FactorShelf(Shelf):
    """See franked.store for what each verb promises."""

    async def enrol(self, new: Sequence[NewFactor]) -> list[bool]:
        return await self._writer.submit(self._verbs.enrol, new)

    async def prove(self, proofs: Sequence[Proof]) -> list[Factor | None]:
        return await self._writer.submit(self._verbs.prove, proofs)

    async def factors(self, accounts: Sequence[str]) -> list[Factor | None]:
        return await self._read(factors.find, accounts)

    async def remove_factors(self, accounts: Sequence[str]) -> list[bool]:
        return await self._writer.submit(self._verbs.remove_factors, accounts)
