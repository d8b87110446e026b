"""Whom a list might do without: proposed to a person, who decides. Nothing here deletes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from franked.rules.suppression import Suppression, Why

MONTH = timedelta(days=30)
MONTHS = 12
SOFT_AGAIN = 2  # soft bounces of so many mails, with no delivery between


class Stale(StrEnum):
    """Why somebody is proposed."""

    SOFT_BOUNCES = "soft_bounces"
    NEVER_CONFIRMED = "never_confirmed"
    NOT_MAILED = "not_mailed"
    NOT_DELIVERED = "not_delivered"


@dataclass(frozen=True, slots=True)
class Trail:
    """What the record knows of one address. `unconfirmed`: topics that were asked for, never confirmed, and are no
    longer open. `soft`: mails that bounced softly since the last delivery, of those whose events are kept."""

    address: str
    key: str
    first_seen: datetime
    last_mailed: datetime | None = None
    last_delivered: datetime | None = None
    soft: int = 0
    unconfirmed: tuple[str, ...] = ()
    suppression: Suppression | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    trail: Trail
    reasons: tuple[Stale, ...]


def proposal(trail: Trail, months: int, now: datetime) -> Proposal | None:
    """None: nothing speaks against it; or it is settled: who is suppressed for good is mailed no more anyway."""
    if trail.suppression is not None and trail.suppression.why is not Why.SOFT_BOUNCES:
        return None
    reasons = tuple(_reasons(trail, now - months * MONTH))
    return Proposal(trail, reasons) if reasons else None


def _reasons(trail: Trail, before: datetime) -> Sequence[Stale]:
    found = []
    if trail.suppression is not None or trail.soft >= SOFT_AGAIN:
        found.append(Stale.SOFT_BOUNCES)
    if trail.unconfirmed:
        found.append(Stale.NEVER_CONFIRMED)
    if (trail.last_mailed or trail.first_seen) < before:
        found.append(Stale.NOT_MAILED)
    elif (trail.last_delivered or trail.first_seen) < before:
        found.append(Stale.NOT_DELIVERED)  # mailed, and in vain
    return found
