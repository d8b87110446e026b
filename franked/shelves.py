"""What the flows ask of the record, shelf by shelf: a part of franked.store, whose promises hold here too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from franked.record import Alarm, Busy, Heard, IdempotencyConflict, Issue, Issued, TooMany
from franked.rules.approval import NotNow, Review
from franked.rules.at_ses import Listed, Stand, Told
from franked.rules.canary import Canary
from franked.rules.cleaning import Trail
from franked.rules.code import Code, Guess, Pressed
from franked.rules.consent import Agreed, Asked, Confirmation, ConsentLine, Standing, Statement
from franked.rules.governor import Brake, BrakeLine, BrakeRelease
from franked.rules.invite import Invite
from franked.rules.lane import Lane
from franked.rules.newsletter import Newsletter, Stretch
from franked.rules.person import AccountDeletion, Collected, Erased, Erasure, Whose
from franked.rules.rates import AwsRates, Part, Seen
from franked.rules.reconcile import Due, Step, Stepped
from franked.rules.ticket import Ticket
from franked.rules.webhook import Called, Health, Notice, Turn


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


class Webhooks(Protocol):
    """The outbox: what endpoints are to be told. A notice is written by the verb that changes what it tells of, in the
    same transaction; where no endpoint wants it, none is. How each endpoint does stands here too."""

    async def next_notice(self, endpoint: str) -> datetime | None:
        """When one is due. None: nothing waits, or the endpoint is left alone."""
        ...

    async def take_notices(self, endpoint: str, lease_until: datetime) -> Sequence[Notice]:
        """As many of those due as there is room for (rules.webhook.room), longest due first. Nobody else gets them
        until then; what is not finished by then goes again."""
        ...

    async def finish_notices(self, called: Sequence[Called]) -> list[Turn | None]:
        """What each call turned its endpoint to (rules.webhook.after); when it is left alone, its alarm is open."""
        ...

    async def webhooks(self, names: Sequence[str]) -> list[Health]: ...

    async def enable_webhooks(self, names: Sequence[str]) -> list[bool]:
        """True where it was left alone. What has waited is due now, with all its tries; the alarm is closed."""
        ...

    async def replay_notices(self, endpoint: str, since: datetime, after: str, most: int) -> Sequence[str]:
        """Up to `most` that were told or given up are due again, under the same ids: which, in order. `after`: the last
        of the call before, else `since` counts."""
        ...

    async def forget_notices(self, before: datetime, most: int) -> int:
        """Up to `most` that are older, whatever became of them: how many."""
        ...


class Canaries(Protocol):
    """The canary, of which there is one."""

    async def canary(self) -> Canary: ...

    async def keep_canary(self, new: Canary) -> bool:
        """False: there is no such version any more, for somebody else was faster; nothing was stored."""
        ...


class Reputation(Protocol):
    """What was sent and came back, and the brake that follows it. `settle` moves it, with what it counts."""

    async def brake(self) -> Brake: ...

    async def govern(self) -> Brake:
        """Where it stands once the figures of now were looked at: the steps below a stop end so."""
        ...

    async def release_brake(self, asked: Sequence[BrakeRelease]) -> list[Brake | None]:
        """What it was released from; None: nothing stood still. The figures count anew from then on."""
        ...

    async def learn_aws_rates(self, rates: AwsRates) -> Brake:
        """What AWS counts may move the brake, too."""
        ...

    async def be_careful(self, until: datetime) -> None:
        """Until then the steps below a stop come at half the rate."""
        ...

    async def brake_log(self, most: int) -> list[BrakeLine]:
        """The newest first."""
        ...

    async def seen(self, now: datetime) -> list[Seen]:
        """What the brake looks at: two weeks, since its last release, the newest first."""
        ...

    async def seen_since(self, begin: datetime) -> list[Seen]:
        """All of it, the newest first."""
        ...

    async def parts(self, since: datetime, until: datetime) -> list[Part]: ...

    async def forget_figures(self, before: datetime, most: int) -> int: ...


class SesList(Protocol):
    """SES's own list as it was seen last, and how far the comparing with ours has come."""

    async def reconcile_stand(self) -> Stand: ...

    async def reconcile_asked_at(self) -> datetime | None:
        """When a person last asked for a whole round."""
        ...

    async def ask_reconcile(self, at: datetime) -> None: ...

    async def reconcile(self, steps: Sequence[Step]) -> list[Stepped | None]:
        """What was learned of SES's list is kept, and what `decide` makes of each address is done, in one transaction:
        what comes onto ours, the calls to be made, the conflicts. None: somebody else took a step since `before`."""
        ...

    async def listed_at_ses(self, address_keys: Sequence[str]) -> list[Listed | None]:
        """As it was seen last; of several spellings the newest. None: it was not there."""
        ...

    async def next_ses_call(self, *, may_put: bool) -> Due | None:
        """What a person lifted first, then the oldest."""
        ...

    async def count_ses_calls(self) -> Mapping[str, int]:
        """`put` and `remove`: how many are to be made."""
        ...

    async def ses_conflicts(self, after: tuple[str, str], most: int) -> list[Told]:
        """By address and conflict."""
        ...

    async def count_ses_conflicts(self) -> int: ...

    async def trails(self, after: str, most: int, asked_before: datetime) -> list[Trail]:
        """What is known of each address, by key, behind `after`. Who was asked for a topic before `asked_before` and
        never confirmed it can do so no more."""
        ...


class Alarms(Protocol):
    """What a person should look at, and who heard of it."""

    async def open_alarms(self, alarms: Sequence[Alarm]) -> list[bool]:
        """True where the alarm was not open before. One that opens again before anybody heard that it was over goes
        on as it was."""
        ...

    async def close_alarms(self, keys: Sequence[str]) -> list[bool]:
        """True where the alarm was open. Those of rules.trouble `finish` opens and closes."""
        ...

    async def alarms(self) -> list[Alarm]:
        """Those that are open, the oldest first."""
        ...

    async def claim_alarms(self, until: datetime) -> list[Alarm]:
        """Those that people are to hear of now: new, due to be said again, or over for some minutes. They are this
        caller's alone until then; what it has not heard by then is anybody's."""
        ...

    async def hear_alarms(self, heard: Sequence[Heard]) -> list[bool]:
        """People were told. False: the alarm has opened anew since it was claimed."""
        ...

    async def due_since(self) -> Mapping[Lane, datetime]:
        """Of each lane in which mail is queued: since when, or from when on, its first mail is due."""
        ...
