"""The Store port's verbs about the reviews of templates, on SQL. See franked.shelves for what each promises."""

from collections.abc import Sequence

from franked.backends.sql import approvals
from franked.backends.sql.shelf import Shelf
from franked.rules.approval import NotNow, Review


class ReviewShelf(Shelf):
    async def review(self, steps: Sequence[Review]) -> list[Review | NotNow]:
        return await self._writer.submit(self._verbs.review, steps)

    async def reviewed(self, versions: Sequence[str]) -> list[Review | None]:
        return await self._read(approvals.reviewed, versions)

    async def reviews_of(self, template: str) -> list[Review]:
        return await self._read(approvals.of_template, template)

    async def approved_versions(self) -> frozenset[str]:
        return await self._read(approvals.approved)
