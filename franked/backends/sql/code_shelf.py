"""The Store port's part on codes."""

from collections.abc import Sequence
from datetime import datetime

from franked.backends.sql import codes
from franked.backends.sql.lines import Place
from franked.backends.sql.rows import ms
from franked.backends.sql.shelf import Shelf
from franked.record import Busy, Issue, Issued, TooMany
from franked.rules.code import Code, Guess, Pressed


class CodeShelf(Shelf):
    """See franked.store for what each verb promises."""

    async def issue(self, issues: Sequence[Issue]) -> list[Issued | TooMany | Busy]:
        def place(one: Issue) -> Place:
            return Place(one.candidate.message.lane, one.candidate.size)

        return await self._writer.bring(self._verbs.issue, issues, place)

    async def guess(self, guesses: Sequence[Guess]) -> list[Code | None]:
        return await self._writer.submit(self._verbs.guess, guesses)

    async def press(self, links: Sequence[Pressed]) -> list[Code | None]:
        return await self._writer.submit(self._verbs.press, links)

    async def claim(self, links: Sequence[Pressed]) -> list[Code | None]:
        return await self._writer.submit(self._verbs.claim, links)

    async def codes(self, ids: Sequence[str]) -> list[Code | None]:
        return await self._read(codes.by_id, ids)

    async def codes_of_links(self, tokens: Sequence[str]) -> list[Code | None]:
        return await self._read(codes.by_token, tokens, self._desk)

    async def forget_codes(self, ended_before: datetime, most: int) -> int:
        [forgotten] = await self._writer.submit(self._verbs.forget_codes, [(ms(ended_before), most)])
        return forgotten
