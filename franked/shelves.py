"""What the flows ask of the record, shelf by shelf: a part of franked.store, whose promises hold here too."""

from collections.abc import Sequence
from typing import Protocol

from franked.rules.approval import NotNow, Review


class Reviews(Protocol):
    """Who submitted, approved and rejected which version of a template. Lines are only ever added."""

    async def review(self, steps: Sequence[Review]) -> list[Review | NotNow]:
        """Each step is taken, in order, where rules.approval has no objection to it."""
        ...

    async def reviewed(self, versions: Sequence[str]) -> list[Review | None]:
        """The newest step of each version; None: it is a draft."""
        ...

    async def reviews_of(self, template: str) -> list[Review]:
        """All steps of all its versions, in the order taken."""
        ...

    async def approved_versions(self) -> frozenset[str]: ...
