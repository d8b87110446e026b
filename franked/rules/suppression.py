"""The bounce matrix: what an event means for the address it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from franked.rules.address import SIMULATOR_DOMAIN
from franked.rules.event import BounceType, Event, Kind, state_of
from franked.rules.message import State

EVERYWHERE = "*"
SOFT_BOUNCES = 3  # this many distinct messages …
SOFT_OVER = timedelta(days=7)  # … spread over at least this long, with no delivery between
SOFT_REST = timedelta(days=30)
SIMULATED_REST = timedelta(days=1)  # a simulator address is nobody's: tomorrow it proves the loop again
SOFT_MEMORY = timedelta(days=60)  # older soft bounces say nothing about the address today

NOT_ABOUT_THE_ADDRESS = {  # a soft bounce of this kind says nothing about whether the address works
    "MessageTooLarge",
    "ContentRejected",
    "AttachmentRejected",
    "CustomTimeoutExceeded",
}
ECHOES = {"OnAccountSuppressionList", "OnTenantSuppressionList"}  # SES did not try: its own list said no


class Why(StrEnum):
    """Weakest first: a weaker reason never overwrites a stronger one."""

    SOFT_BOUNCES = "soft_bounces"
    VALIDATION = "validation"
    MANUAL = "manual"
    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    ERASED = "erased"

    @property
    def strength(self) -> int:
        return list(Why).index(self)


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address (by key) that must not be mailed: why, in which scope, until when (None: for good)."""

    address_key: str
    why: Why
    at: datetime
    until: datetime | None = None
    scope: str = EVERYWHERE
    source: str = ""  # the event or the person that said so


@dataclass(frozen=True, slots=True)
class SoftBounce:
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Consequences:
    """What settling one event does, besides being kept."""

    state: State | None = None
    suppress: Suppression | None = None
    alarm: str | None = None  # key of the alarm to open; its sentence is the event's detail
    counts_as: str | None = None  # the counter that moves, once per (message, kind)


def consequences(event: Event, soft_before: Sequence[SoftBounce]) -> Consequences:
    """`soft_before`: this address's soft bounces since its last delivery, of other messages than this one, without
    those that are NOT_ABOUT_THE_ADDRESS."""
    drawn = _drawn(event, soft_before)
    if _is_simulated(event):  # proves the loop, but says nothing about the account's reputation
        rest = drawn.suppress and replace(drawn.suppress, until=event.at + SIMULATED_REST)
        return replace(drawn, suppress=rest, alarm=None, counts_as=drawn.counts_as and f"simulated_{drawn.counts_as}")
    return drawn


def _drawn(event: Event, soft_before: Sequence[SoftBounce]) -> Consequences:
    state = state_of(event)
    match event.kind:
        case Kind.BOUNCE if event.bounce_type is BounceType.PERMANENT:
            return _of_hard_bounce(event, state)
        case Kind.BOUNCE:
            return _of_soft_bounce(event, state, soft_before)
        case Kind.COMPLAINT:
            return _of_complaint(event, state)
        case _:
            return Consequences(state=state, counts_as=state.value if state else None)


def _of_hard_bounce(event: Event, state: State | None) -> Consequences:
    if event.subtype == "UnsubscribedRecipient":  # SES's own contact list said no: nobody's address is broken
        return Consequences(state=state, counts_as="echo")
    if event.subtype in ECHOES:
        suppress = _suppression(event, Why.HARD_BOUNCE)
        return Consequences(state=state, suppress=suppress, alarm="suppression_out_of_sync", counts_as="echo")
    why = Why.VALIDATION if event.subtype == "EmailValidationSuppressed" else Why.HARD_BOUNCE
    return Consequences(state=state, suppress=_suppression(event, why), counts_as="bounced")


def _of_soft_bounce(event: Event, state: State | None, before: Sequence[SoftBounce]) -> Consequences:
    if event.subtype in NOT_ABOUT_THE_ADDRESS or not _is_tired(event, before):
        return Consequences(state=state, counts_as="soft_bounced")
    rest = _suppression(event, Why.SOFT_BOUNCES, event.at + SOFT_REST)
    return Consequences(state=state, suppress=rest, counts_as="soft_bounced")


def _of_complaint(event: Event, state: State | None) -> Consequences:
    if event.feedback == "not-spam":
        return Consequences(counts_as="not_spam")
    if event.feedback == "auth-failure":
        return Consequences(alarm="authentication_failure", counts_as="auth_failure")
    suppress = _suppression(event, Why.COMPLAINT)
    if event.subtype in ECHOES:
        return Consequences(state=state, suppress=suppress, counts_as="echo")
    return Consequences(state=state, suppress=suppress, alarm="complaint", counts_as="complained")


def _is_simulated(event: Event) -> bool:
    return (event.recipient or "").endswith(f"@{SIMULATOR_DOMAIN}")


def _suppression(event: Event, why: Why, until: datetime | None = None) -> Suppression | None:
    if not event.recipient:
        return None
    return Suppression(event.recipient, why, event.at, until, source=f"event {event.key[-12:]} of {event.ses_id}")


def _is_tired(event: Event, before: Sequence[SoftBounce]) -> bool:
    recent = [bounce for bounce in before if event.at - bounce.at <= SOFT_MEMORY]
    messages = {bounce.message_id for bounce in recent} | {event.message_id or event.ses_id}
    times = [event.at, *(bounce.at for bounce in recent)]  # events come out of order
    return len(messages) >= SOFT_BOUNCES and max(times) - min(times) >= SOFT_OVER


def overrides(new: Suppression, old: Suppression | None, now: datetime) -> bool:
    """What ends never replaces what stays; else a stronger reason wins, and a like one may prolong."""
    if old is None:
        return True
    if new.until is not None and new.until <= now:  # its event came so late that it has ended already
        return False
    if old.until is not None and old.until <= now:
        return True
    if (old.until is None) != (new.until is None):
        return new.until is None
    if new.why.strength != old.why.strength:
        return new.why.strength > old.why.strength
    return old.until is not None and new.until is not None and new.until > old.until
