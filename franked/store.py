"""What the core asks of the record. Whoever keeps it keeps the contract written here.

Every verb takes a batch and returns one result per element, in the order given. A batch is not atomic, its elements
are: one bad element never undoes another. All times are aware UTC.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from franked.enquiry import (
    BY_EVENT,
    Cancel,
    Enquiry,
    Grounds,
    Lift,
    Page,
    PutBack,
    Stop,
    Stopped,
    Suppressed,
    SuppressionLine,
)
from franked.formats.template import TemplateFiles
from franked.record import (
    Added,
    ApiKey,
    Busy,
    Candidate,
    Finished,
    Haul,
    IdempotencyConflict,
    Moved,
    PaceStanding,
    Rotation,
    Settled,
    Spend,
    Story,
    Sweep,
    Swept,
    Wish,
)
from franked.rules.event import Event
from franked.rules.factor import Factor, NewFactor, Proof
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.origin import Origin
from franked.rules.pace import Access, LaneWait
from franked.rules.retention import Past
from franked.rules.suppression import Consequences, SoftBounce, Suppression
from franked.rules.verdict import Facts, TurnedAway
from franked.shelves import (
    Alarms,
    Canaries,
    Codes,
    Consents,
    Invites,
    Newsletters,
    People,
    Reputation,
    Requests,
    Reviews,
    SesList,
    Tickets,
    Webhooks,
)


class StoreUnavailable(Exception):
    """The store can't write or read now (disk full, locked, gone). Nothing was stored. `str()` is for an operator."""


class Store(
    Reviews,
    Codes,
    Consents,
    Newsletters,
    Invites,
    People,
    Tickets,
    Reputation,
    SesList,
    Canaries,
    Alarms,
    Webhooks,
    Requests,
    Protocol,
):
    """The record: the truth about every message. What returned is durable.

    Every verb raises StoreUnavailable when nothing can be stored or read now.
    """

    # messages

    async def add(self, candidates: Sequence[Candidate]) -> list[Added | IdempotencyConflict | TurnedAway | Busy]:
        """Judge and store. Message, idempotency key, limits spent and ledger line are one transaction. Busy: the line
        of those that wait for a commit is full (rules.intake); all other verbs go before it, and are never Busy."""
        ...

    async def take(self, wish: Wish) -> Haul:
        """Pick due messages, most urgent lane and earliest due first, judge them, record drops and holds, put the rest
        to `sending` with a new attempt, draw their tokens and count them against the quota: one transaction."""
        ...

    async def finish(self, finished: Sequence[Finished]) -> list[Moved]:
        """Write each outcome to its attempt, however late. Only the newest attempt moves its message: one that is
        `sending`, or one that was given up as `unknown` and of which a TryLater now says that SES never had it. But a
        `Sent` proves acceptance and moves a message from anywhere (rules.message.may_move)."""
        ...

    async def sweep(self, sweep: Sweep) -> Swept:
        """Ended leases, waits and holds; mail past `useful_until` (never `held(unknown_outcome)`)."""
        ...

    async def release(
        self, why: str, most: int, scope: frozenset[str] | None = None, versions: frozenset[str] | None = None
    ) -> int:
        """Back to the queue: up to `most` messages held for `why` (they are judged again at take). `scope`: only mail
        to these addresses and domains, case-folded; None: to anyone. `versions`: only mail that these versions of
        templates write; None: any."""
        ...

    async def find(self, ids: Sequence[str]) -> list[Story | None]: ...

    async def enquire(self, which: Enquiry) -> Page:
        """Newest first. A page looks at a bounded number of messages, however seldom one of them fits."""
        ...

    async def cancel(self, asked: Sequence[Cancel]) -> list[Moved | None]:
        """Dropped, unless a worker has taken it, it has ended, or nobody knows whether SES took it: then not moved.
        None: there is no such message."""
        ...

    async def end_leases(self) -> int:
        """Called by the one process that got the lock: what the process before it held is nobody's now."""
        ...

    async def forget(self, past: Past, most: int) -> int:
        """Up to `most` ended messages that are past, with their attempts, events and idempotency keys, and up to `most`
        events of mail that was never ours: how many. The ledger, suppressions, origins and counters stay; what has not
        ended is never forgotten."""
        ...

    async def forget_contents(self, past: Past, most: int) -> int:
        """What up to `most` ended messages said, where their stream kept it: of how many."""
        ...

    async def count_waiting(self) -> Mapping[State, int]:
        """How many messages have not ended, by state; what has ended is counted by `counters`, whatever is stored."""
        ...

    async def check(self) -> None:
        """Writes a little: raises StoreUnavailable when no mail could be accepted now."""
        ...

    # what only a person moves on

    async def stopped(self, which: Stopped) -> list[Story]: ...

    async def count_stopped(self) -> Mapping[Stop, int]: ...

    async def put_back(self, asked: Sequence[PutBack]) -> list[Moved | None]:
        """To the queue, to be judged again at take; a dead one with all its tries. Not moved: it does not stand where
        it was said to. None: there is no such message."""
        ...

    # the way back

    async def settle(
        self, events: Sequence[Event], draw: Callable[[Event, Sequence[SoftBounce]], Consequences], now: datetime
    ) -> list[Settled]:
        """Keep each event by its key, and draw its consequences once per (message, kind): state, suppression, alarm,
        counter, in the message's own transaction. An event whose mail is not known (yet) suppresses and is counted for
        the account; when a later `finish` records its ses_id, its state is applied then."""
        ...

    # limits

    async def spend(self, asked: Sequence[Sequence[Spend]]) -> list[bool]:
        """For each, in order: all of its spends, or none and False."""
        ...

    async def used_up(self, asked: Sequence[Spend], now: datetime) -> list[datetime | None]:
        """For each, until when it has no room; None: it has. Nothing is spent."""
        ...

    async def forget_limits(self, opened_before: datetime, most: int) -> int:
        """Up to `most` windows of limits that opened before then: how many."""
        ...

    # suppressions

    async def suppress(self, suppressions: Sequence[Suppression], grounds: Grounds = BY_EVENT) -> list[bool]:
        """True where it was recorded, False where a stronger or longer one stands (rules.suppression.overrides). What
        was recorded is in the list's history, with its grounds."""
        ...

    async def suppressed(self, address_keys: Sequence[str]) -> list[Suppression | None]: ...

    async def lift(self, lifts: Sequence[Lift]) -> list[Suppression | None]:
        """What was in force and is gone; None where nothing was. The history keeps what it was, who did it, and why."""
        ...

    async def list_suppressions(self, which: Suppressed) -> list[Suppression]: ...

    async def list_history(self, after: int, most: int) -> list[SuppressionLine]:
        """In the order written, the lines after line `after`."""
        ...

    async def count_history(self, begin: datetime, end: datetime) -> Mapping[str, int]:
        """How many lines from `begin` until before `end`, by what happened: added, imported, replaced, lifted. Those
        of SES's mailbox simulator are in none of it."""
        ...

    # people

    async def import_people(self, imported: Sequence[Origin]) -> list[bool]:
        """True where the address was not known before. One that was keeps its origin, as it does when mail is added."""
        ...

    async def origins(self, address_keys: Sequence[str]) -> list[Origin | None]:
        """Where each address came from first: `add` records it with the message, whatever became of that."""
        ...

    async def facts(self, address_keys: Sequence[str]) -> list[Facts]:
        """What mail to these addresses would be judged by, if it were taken now, and had no template."""
        ...

    # second factors

    async def enrol(self, new: Sequence[NewFactor]) -> list[bool]:
        """False where a confirmed one stands, and stays; one that was never confirmed is written over."""
        ...

    async def prove(self, proofs: Sequence[Proof]) -> list[Factor | None]:
        """The factor, where what was typed is a code of a time step later than any that was taken, or a recovery code
        that is left. A guess is counted before it is compared; after some failures in a row none is for a while."""
        ...

    async def factors(self, accounts: Sequence[str]) -> list[Factor | None]: ...

    async def remove_factors(self, accounts: Sequence[str]) -> list[bool]:
        """True where there was one."""
        ...

    # pace

    async def learn_access(self, access: Access) -> Access | None:
        """Record what the account said; returns what it said before."""
        ...

    async def standing(self, now: datetime) -> PaceStanding: ...

    async def close_lane(self, lane: Lane, wait: LaneWait) -> None:
        """No take from this lane until `wait.until`."""
        ...

    # keys, templates, counters

    async def add_keys(self, keys: Sequence[ApiKey]) -> None: ...

    async def keys(self) -> list[ApiKey]: ...

    async def revoke_keys(self, key_ids: Sequence[str], now: datetime) -> list[bool]: ...

    async def rotate_keys(self, rotations: Sequence[Rotation]) -> list[ApiKey | None]:
        """The key as it was before; None: there is no such key. One that was revoked stays as it was. What opened
        beside the newest secret opens no more."""
        ...

    async def keep_templates(self, versions: Sequence[tuple[str, str, TemplateFiles]]) -> None:
        """(template name, version hash, files); a version already kept stays as it is."""
        ...

    async def template_files(self, versions: Sequence[str]) -> list[TemplateFiles | None]: ...

    async def counters(self) -> Mapping[tuple[str, str], int]:
        """(stream, what) → how often, over all time; stream is "" for mail we never sent."""
        ...
