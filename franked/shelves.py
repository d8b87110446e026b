"""What the flows ask of the record, shelf by shelf: a part of franked.store, whose promises hold here too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from franked.rules.approval import NotNow, Review
from franked.rules.person import AccountDeletion, Collected, Erased, Erasure, Whose
from franked.rules.ticket import Ticket


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


class People(Protocol):
    """What is known of a person: handed out, and taken away."""

    async def collect(self, whose: Whose) -> Collected:
        """Everything that any shelf holds of an address; what its mail says as long as that is kept."""
        ...

    async def erase(self, asked: Sequence[Erasure]) -> list[Erased]:
        """From every shelf, in one transaction. What waits is dropped (`erased`), mails and events stay as figures of
        nobody, and a keyed hash stays on the list of suppressions: what would go there is dropped, and not stored under
        the address, nor are later events."""
        ...

    async def delete_accounts(self, asked: Sequence[AccountDeletion]) -> list[int]:
        """How much waiting mail each dropped (`account_deleted`); later mail that names the account is judged by it."""
        ...

    async def reopen_accounts(self, accounts: Sequence[str]) -> list[bool]:
        """True where it was deleted."""
        ...


class Tickets(Protocol):
    """What people asked for, and what was decided."""

    async def keep_tickets(self, tickets: Sequence[Ticket]) -> list[bool]:
        """New (version 1), or in place of the version before. False: there is no such version any more, for somebody
        else was faster, or it was erased; nothing was stored."""
        ...

    async def find_tickets(self, ids: Sequence[str]) -> list[Ticket | None]: ...

    async def forget_tickets(self, before: datetime, most: int) -> int:
        """Up to `most` that were decided before then: how many."""
        ...
