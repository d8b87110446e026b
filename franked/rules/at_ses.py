"""SES's own list of whom not to mail, and where the comparing of it with ours stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

PACE = timedelta(seconds=1)  # between two control calls: AWS's own limit (02-sending)
PAGE = 1000  # entries of SES's list in one call
NIGHT = 2  # o'clock, UTC: the whole list is read again
LIST_EVERY = timedelta(minutes=1)  # what SES adds by itself is asked for no oftener than so
OVERLAP = timedelta(minutes=5)  # SES's clock and its list may lag behind
MOST_RESTARTS = 5  # of one listing whose place SES forgot
REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)
TOLD_AFTER = timedelta(minutes=30)  # trouble that lasts is worth a warning
CONFLICTS_KEPT = timedelta(days=90)


class AtSes(StrEnum):
    """What the owner allows to be done with SES's list."""

    OFF = "off"
    RECONCILE = "reconcile"
    SWITCH_ON = "switch on"  # and SES is told to keep and to honour it, where it does not


class Reason(StrEnum):
    """Why an address is on SES's list: it knows no other. The weaker first."""

    BOUNCE = "BOUNCE"
    COMPLAINT = "COMPLAINT"


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of SES's list, as it is spelled there: only that spelling finds it."""

    spelled: str
    reason: Reason
    at: datetime  # LastUpdateTime

    @property
    def key(self) -> str:
        return self.spelled.casefold()


@dataclass(frozen=True, slots=True)
class Put:
    spelled: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Remove:
    spelled: str


Call = Put | Remove


class Conflict(StrEnum):
    """What the two lists do not agree on, and a person may want to know."""

    RELISTED = "relisted"  # a person lifted it here, SES listed it again later
    REASONS_DIFFER = "reasons_differ"
    REMOVED_AT_SES = "removed_at_ses"  # by somebody else than Franked
    REFUSED = "refused"  # SES took no such entry


@dataclass(frozen=True, slots=True)
class Told:
    """A conflict as it stands on the list of conflicts."""

    address_key: str
    conflict: Conflict
    at: datetime
    said: str


class Phase(StrEnum):
    """What is looked at now."""

    IDLE = "idle"
    ACCOUNT = "account"  # is the list switched on, does a configuration set override it?
    LISTING = "listing"  # SES's list, page by page
    GONE = "gone"  # what SES has no more
    OURS = "ours"  # our list, page by page
    CHANGES = "changes"  # what came onto our list since


@dataclass(frozen=True, slots=True)
class Account:
    """What SES says of its list. `open_sets`: configuration sets through which it stops nothing."""

    reasons: frozenset[str]
    open_sets: tuple[str, ...] = ()

    @property
    def is_on(self) -> bool:
        return frozenset(Reason) <= self.reasons


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one round."""

    listed: int = 0  # entries of SES's list
    taken: int = 0  # of those, new to ours
    looked_at: int = 0  # of ours
    put: int = 0
    removed: int = 0
    refused: int = 0

    def plus(self, **more: int) -> "Figures":
        return replace(self, **{name: getattr(self, name) + number for name, number in more.items()})


@dataclass(frozen=True, slots=True)
class Stand:
    """Where it stands. `version` counts the steps: of two who take the same step, one is told to look again."""

    version: int = 0
    phase: Phase = Phase.IDLE
    is_full: bool = False  # the whole list, not only what is new
    number: int = 0  # of the listing: what it did not see is gone
    step: int = 0  # within the account; within a listing, how often it began anew
    token: str | None = None
    since: datetime | None = None
    after: str = ""  # our list, up to here
    lifts_line: int = 0  # the history, up to here: lifts
    added_line: int = 0  # and what was added
    began_at: datetime | None = None  # the last whole round
    ended_at: datetime | None = None
    known_to: datetime | None = None  # SES's list is known up to then
    listing_from: datetime | None = None  # when the listing under way began
    call_at: datetime | None = None  # no call before then
    tries: int = 0
    trouble: str = ""
    trouble_since: datetime | None = None
    account: Account | None = None
    figures: Figures = field(default_factory=Figures)

    @property
    def is_under_way(self) -> bool:
        return self.began_at is not None and (self.ended_at is None or self.ended_at < self.began_at)

    def may_call(self, now: datetime) -> bool:
        return self.call_at is None or now >= self.call_at

    def calling(self, now: datetime) -> "Stand":
        """Before the call, so that whoever else works at this record waits its second too."""
        return replace(self, call_at=now + PACE)

    def answered(self) -> "Stand":
        return replace(self, tries=0, trouble="", trouble_since=None)

    def failed(self, why: str, now: datetime, *, throttled: bool = False) -> "Stand":
        """It rests the longer, the oftener it failed. A throttle is no trouble: it is what AWS asks for."""
        rest = min(REST * 2 ** min(self.tries, 10), LONGEST_REST)
        rested = replace(self, tries=self.tries + 1, call_at=now + rest)
        if throttled:
            return rested
        return replace(rested, trouble=why[:500], trouble_since=self.trouble_since or now)


def is_due(stand: Stand, asked_at: datetime | None, now: datetime) -> bool:
    """A whole round: the first, the night's, or one that a person asked for."""
    if stand.began_at is None or (asked_at is not None and asked_at > stand.began_at):
        return True
    night = stand.began_at.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return now >= (night if night > stand.began_at else night + timedelta(days=1))


def begun(stand: Stand, now: datetime) -> Stand:
    """A whole round."""
    return replace(
        stand,
        phase=Phase.ACCOUNT,
        is_full=True,
        step=0,
        began_at=now,
        figures=Figures(),
    )


def listing(stand: Stand, now: datetime) -> Stand:
    """From its first page: of all, or of what is new."""
    since = stand.known_to - OVERLAP if stand.known_to and not stand.is_full else None
    number = stand.number + 1 if stand.is_full else stand.number
    return replace(stand, phase=Phase.LISTING, number=number, step=0, token=None, since=since, listing_from=now)


def listed_again(stand: Stand) -> Stand | None:
    """SES forgot the place: from the first page. None: too often."""
    if stand.step >= MOST_RESTARTS:
        return None
    return replace(stand, number=stand.number + stand.is_full, step=stand.step + 1, token=None)


def listed(stand: Stand) -> Stand:
    """It was the last page."""
    after = Phase.GONE if stand.is_full else Phase.CHANGES
    return replace(stand, phase=after, token=None, step=0, after="", known_to=stand.listing_from)


def ended(stand: Stand, now: datetime) -> Stand:
    """Whatever came onto our list before was looked at."""
    return replace(stand, phase=Phase.IDLE, is_full=False, after="", ended_at=now, added_line=stand.lifts_line)


def warnings(stand: Stand, consent: AtSes, now: datetime) -> Sequence[tuple[str, str]]:
    """What matters of it, by name."""
    if consent is AtSes.OFF:
        return []
    said = []
    if stand.trouble_since and now - stand.trouble_since >= TOLD_AFTER:
        said.append(("ses_list_unreachable", f"SES's list can't be compared with ours: {stand.trouble}"))
    if stand.account and not stand.account.is_on and consent is AtSes.RECONCILE:
        said.append(
            ("ses_list_off", "SES's account-level suppression list is off: say `at_ses = true` in [suppression]")
        )
    if stand.account and stand.account.open_sets:
        names = ", ".join(stand.account.open_sets)
        said.append(("ses_list_overridden", f"SES's list stops no mail of these configuration sets: {names}"))
    return said
