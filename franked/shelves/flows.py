"""What people use it for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from franked.record import Busy, IdempotencyConflict, Issue, Issued, TooMany
from franked.rules.approval import NotNow, Review
from franked.rules.code import Code, Guess, Pressed
from franked.rules.consent import Agreed, Asked, Confirmation, ConsentLine, Standing, Statement
from franked.rules.invite import Invite
from franked.rules.newsletter import Newsletter, Stretch
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


class Codes(Protocol):
    """Codes and links: what was issued, guessed and pressed."""

    async def issue(self, issues: Sequence[Issue]) -> list[Issued | TooMany | Busy]:
        """Store each code and its mail in one transaction, and spend the limits of both. A newer code takes the place
        of the one before it, which is right no more; asked again before `resend_at`, it is the same code. Busy: as
        for `add`."""
        ...

    async def guess(self, guesses: Sequence[Guess]) -> list[Code | None]:
        """The code, used now, where the guess is right. A guess is counted before it is compared, in one transaction.
        None: it is wrong, too late or one too many, or the code is used, nobody's, or not there."""
        ...

    async def press(self, links: Sequence[Pressed]) -> list[Code | None]:
        """A link's button: the code, confirmed. None: the link opens nothing (any more)."""
        ...

    async def claim(self, links: Sequence[Pressed]) -> list[Code | None]:
        """What a pressed button proves, once, for the stream that it was made for."""
        ...

    async def codes(self, ids: Sequence[str]) -> list[Code | None]: ...

    async def codes_of_links(self, tokens: Sequence[str]) -> list[Code | None]: ...

    async def forget_codes(self, ended_before: datetime, most: int) -> int:
        """Up to `most` codes that ended before then: how many."""
        ...


class Consents(Protocol):
    """Who agreed to which topic, and who left it. What was said is only ever added."""

    async def state(self, statements: Sequence[Statement]) -> list[bool]:
        """True where it changed where the person stands. What changed, and every confirmation, has its line in the
        log. A statement of EVERY topic goes for each that the person has, and for all to come."""
        ...

    async def ask_consent(self, asked: Sequence[Asked]) -> None: ...

    async def asked_consent(self, token_hashes: Sequence[bytes]) -> list[Asked | None]: ...

    async def confirm_consent(self, confirmations: Sequence[Confirmation]) -> list[Asked | None]:
        """Each as it stood before: one that was open is confirmed now, others stay as they were. None: there is none
        of this token."""
        ...

    async def forget_asked(self, before: datetime, most: int) -> int:
        """Up to `most` whose time was over before then; the log keeps that they were asked for."""
        ...

    async def consents(self, address_keys: Sequence[str]) -> list[Mapping[str, Standing]]:
        """By topic, EVERY among them."""
        ...

    async def agreed(self, topic: str, after: str, most: int) -> list[Agreed]:
        """Who has confirmed this topic, by address key, behind `after`."""
        ...

    async def count_agreed(self, topic: str) -> int: ...

    async def list_consents(self, after: int, most: int, address_key: str | None = None) -> list[ConsentLine]:
        """The log, in the order written: the lines after line `after`, of this address or of all."""
        ...


class Newsletters(Protocol):
    """Issues that are under way, and how far each has come."""

    async def add_newsletters(self, new: Sequence[Newsletter]) -> list[Newsletter | IdempotencyConflict]:
        """As it stands, when the same was added before; a conflict where its id is another issue's."""
        ...

    async def newsletters(self, ids: Sequence[str]) -> list[Newsletter | None]: ...

    async def newsletters_under_way(self) -> list[Newsletter]:
        """Oldest first."""
        ...

    async def advance_newsletters(self, stretches: Sequence[Stretch]) -> list[bool]:
        """False where the newsletter does not stand where the stretch begins: it was written before. One that is done
        has no issue any more."""
        ...


class Invites(Protocol):
    """Events that people were invited to."""

    async def keep_invites(self, invites: Sequence[Invite]) -> list[bool]:
        """New (version 1), or in place of the version before. False: there is no such version any more, for somebody
        else was faster; nothing was stored."""
        ...

    async def find_invites(self, ids: Sequence[str]) -> list[Invite | None]: ...

    async def forget_invites(self, before: datetime, most: int) -> int:
        """Up to `most` to events that ended before then: how many."""
        ...


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
