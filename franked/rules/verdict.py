"""May this mail go? The only place that answers. The order of the rows is the documentation.

Drops come before holds, so that nobody who must not be mailed waits in a box.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from franked.rules import trigger as triggers
from franked.rules.address import Address, NotAnAddress, Sender
from franked.rules.consent import Standing, standing_of
from franked.rules.lane import Lane
from franked.rules.stream import Kind, Limit, Stream
from franked.rules.suppression import Suppression
from franked.rules.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Hold:
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    why: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Not accepted, nothing stored: `code` is the problem's code, `field` the draft's field, `detail` a sentence."""

    code: str
    field: str
    detail: str
    also: tuple["TurnedAway", ...] = ()  # what else is wrong with the same draft


Verdict = Send | Hold | Drop


@dataclass(frozen=True, slots=True)
class Caller:
    """Who brings the mail: an API key's rights. Empty sets of streams or senders mean: all."""

    key_id: str
    name: str
    streams: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()  # address keys
    limit: Limit | None = None  # of all its mail together

    def may_use(self, stream: Stream) -> bool:
        """What is Franked's own needs no trigger: nobody has it who was not expressly given it."""
        return stream.name in self.streams or not (self.streams or stream.built_in)

    def may_send_as(self, sender: Sender) -> bool:
        return not self.senders or sender.address.key in self.senders


class Case(Struct, frozen=True):
    """The mail that is judged, as far as the rows need it."""

    stream: Stream
    to: Address | NotAnAddress
    sender: Sender
    trigger: Trigger | None
    useful_until: datetime
    caller: Caller | None = None  # known at accept only


class Facts(Struct, frozen=True):
    """What the record says. The defaults are neutral: where no room keeps such a fact yet, the row says nothing."""

    now: datetime
    suppression: Suppression | None = None
    account_deleted: bool = False  # of whoever the trigger names
    consents: Mapping[str, Standing] = MappingProxyType({})  # of the address, by topic
    within_limit: bool = True
    approved: bool = True
    in_sandbox: bool = False
    verified: frozenset[str] = frozenset()
    first_contact: bool = False
    loop_proven: bool = True


class Asked(StrEnum):
    ACCEPT = "accept"
    ALWAYS = "accept, take"


Answer = Hold | Drop | TurnedAway | None


def is_an_address(case: Case, facts: Facts) -> Answer:
    return TurnedAway("invalid_address", "to", case.to.why) if isinstance(case.to, NotAnAddress) else None


def caller_may(case: Case, facts: Facts) -> Answer:
    if case.caller is None:
        return None
    if not case.caller.may_use(case.stream):
        return TurnedAway("not_allowed", "stream", f"the key {case.caller.name!r} may not use {case.stream.name!r}")
    if not case.caller.may_send_as(case.sender):
        sender = case.sender.address.spelled
        return TurnedAway("not_allowed", "from", f"the key {case.caller.name!r} may not send as {sender}")
    only = case.stream.only_to
    if only and isinstance(case.to, Address) and case.to.key != only.key:
        return TurnedAway("not_allowed", "to", f"mail of {case.stream.name!r} goes to {only} and to nobody else")
    return None


def is_triggered(case: Case, facts: Facts) -> Answer:
    stream = case.stream
    if stream.built_in or stream.standing:
        return None
    if case.trigger is None:
        return TurnedAway("missing_trigger", "trigger", "say which act of a person asked for this mail: act, by, at")
    return None if triggers.recent(case.trigger, stream.trigger_within, facts.now) else Drop("stale_trigger")


def is_still_useful(case: Case, facts: Facts) -> Answer:
    return Drop("expired") if facts.now >= case.useful_until else None


def is_not_suppressed(case: Case, facts: Facts) -> Answer:
    found = facts.suppression
    ended = found is None or (found.until is not None and found.until <= facts.now)
    if not ended:
        return Drop("suppressed")
    return Drop("account_deleted") if facts.account_deleted else None


def is_wanted(case: Case, facts: Facts) -> Answer:
    topic = case.stream.topic
    standing = Standing.NOTHING if topic is None else standing_of(facts.consents, topic)
    if standing is Standing.LEFT:
        return Drop("left")
    if case.stream.kind is Kind.MARKETING and standing is not Standing.CONFIRMED:
        return Drop("no_consent")
    return None


def is_within_limit(case: Case, facts: Facts) -> Answer:
    return None if facts.within_limit else Drop("rate_limited")


def is_approved(case: Case, facts: Facts) -> Answer:
    stream = case.stream
    return Hold("not_approved") if stream.needs_approval and not (facts.approved or stream.built_in) else None


def is_out_of_the_sandbox(case: Case, facts: Facts) -> Answer:
    if not facts.in_sandbox or isinstance(case.to, NotAnAddress) or case.to.is_simulator:
        return None
    return None if {case.to.key, case.to.domain} & facts.verified else Hold("sandbox")


def is_loop_proven(case: Case, facts: Facts) -> Answer:
    if facts.loop_proven or not facts.first_contact or case.stream.lane is Lane.URGENT or case.stream.built_in:
        return None
    if isinstance(case.to, Address) and case.to.is_simulator:  # nobody's address
        return None
    return Hold("loop_not_proven")


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    ask: Callable[[Case, Facts], Answer]
    asked: Asked


ROWS: Sequence[Row] = (
    Row(1, is_an_address, Asked.ACCEPT),
    Row(2, caller_may, Asked.ACCEPT),
    Row(3, is_triggered, Asked.ACCEPT),
    Row(4, is_still_useful, Asked.ALWAYS),
    Row(5, is_not_suppressed, Asked.ALWAYS),
    Row(6, is_wanted, Asked.ALWAYS),
    Row(7, is_within_limit, Asked.ACCEPT),
    Row(8, is_approved, Asked.ALWAYS),
    Row(9, is_out_of_the_sandbox, Asked.ALWAYS),
    Row(10, is_loop_proven, Asked.ALWAYS),
)
_AT_ACCEPT_ONLY = tuple(row for row in ROWS if row.asked is Asked.ACCEPT)
_AT_TAKE = tuple(row for row in ROWS if row.asked is Asked.ALWAYS)


def refusals(case: Case, now: datetime) -> list[TurnedAway]:
    """What no fact of the record could make acceptable."""
    facts = Facts(now)
    answers = [row.ask(case, facts) for row in _AT_ACCEPT_ONLY]
    return [answer for answer in answers if isinstance(answer, TurnedAway)]


def at_accept(case: Case, facts: Facts) -> Verdict | TurnedAway:
    for row in ROWS:
        answer = row.ask(case, facts)
        if answer is not None:
            return answer
    return Send()


def at_take(case: Case, facts: Facts) -> Verdict:
    for row in _AT_TAKE:
        answer = row.ask(case, facts)
        if answer is not None and not isinstance(answer, TurnedAway):
            return answer
    return Send()
