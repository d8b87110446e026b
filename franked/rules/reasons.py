"""Why did X not get it? What the record knows of an address, as reasons, each with the way to mend it.

One sentence answers, the reasons stand below it, the newest first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from shlex import quote

from franked.rules.address import Address
from franked.rules.at_ses import Listed
from franked.rules.became import MailTold, became, colon, minute
from franked.rules.consent import EVERY, Standing, Statement
from franked.rules.event import Kind
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.pace import LaneWait
from franked.rules.stream import Kind as StreamKind
from franked.rules.stream import Limit, Stream
from franked.rules.suppression import Suppression, Why

MOST = 30  # reasons
LATEST = 10  # mails that are looked at


class OnSesList(StrEnum):
    """Whether SES's own list has the address, as far as it was compared."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # it was never compared


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A limit that has no room until then."""

    stream: str
    limit: Limit
    until: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """What stops mail until a person acts: an alarm of rules.trouble. `of`: the lane, the sender's domain; "": all."""

    text: str
    since: datetime
    of: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """`mails`: the newest first. `consents`: where the address stands, by topic, with the `statements` that led there,
    in the order said."""

    to: Address
    now: datetime
    is_known: bool  # it has an origin
    mails: Sequence[MailTold] = ()
    suppression: Suppression | None = None
    at_ses: Listed | None = None  # SES's own entry
    is_compared: bool = False  # with SES's list, ever
    consents: Mapping[str, Standing] | None = None
    statements: Sequence[Statement] = ()
    streams: Sequence[Stream] = ()
    used_up: Sequence[UsedUp] = ()
    waits: Mapping[Lane, LaneWait] | None = None
    stops: Sequence[Stop] = ()
    needs_verifying: bool = False  # the account is in the sandbox, and this address is not verified
    needs_canary: str | None = None  # it was never mailed, and nothing proves the loop: what is known of that

    @property
    def on_ses_list(self) -> OnSesList:
        if self.at_ses is not None:
            return OnSesList.YES
        return OnSesList.NO if self.is_compared else OnSesList.UNKNOWN


@dataclass(frozen=True, slots=True)
class Reason:
    """`what`: a word for programs. `weight`: of two, the one with more of it answers the question; 0 explains nothing
    by itself."""

    what: str
    at: datetime
    says: str
    way_out: str
    stream: str | None = None
    message: str | None = None
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    says: str
    reasons: tuple[Reason, ...]


def answer(known: Known) -> Answer:
    found = sorted(_reasons(known), key=lambda one: one.at, reverse=True)[:MOST]
    return Answer(_sentence(known, found), tuple(found))


def _sentence(known: Known, found: Sequence[Reason]) -> str:
    """What stands in the way of every mail; else what became of the newest one."""
    to, heaviest = known.to.spelled, max(found, key=lambda one: one.weight, default=None)
    if heaviest is not None and heaviest.weight > _OF_A_MAIL:
        return f"{to} gets no mail: {heaviest.says}"
    if known.mails:
        newest = known.mails[0]
        told = next((one for one in found if one.message == newest.id), None)
        return told.says if told else f"Nothing stands in the way of mail to {to}."
    if heaviest is not None and heaviest.weight:
        return f"{to} was not mailed yet: {heaviest.says}"
    if not known.is_known:
        return f"Franked has never heard of {to}: nobody has asked it to mail there."
    return f"Nobody has asked Franked to mail {to}, as far as the record goes back; nothing stands in the way."


_OF_ALL, _OF_ACCOUNT, _OF_A_MAIL = 30, 20, 10


def _reasons(known: Known) -> Iterator[Reason]:
    yield from _of_the_lists(known)
    yield from _of_the_account(known)
    yield from _of_consents(known)
    yield from _of_limits(known)
    for mail in known.mails:
        yield _of_mail(mail, known)


# --- what stands against all mail ---------------------------------------------------------------------------------


_LISTED = {
    Why.SOFT_BOUNCES: "it bounced again and again, for a time at least",
    Why.VALIDATION: "SES took it for an address that does not exist",
    Why.MANUAL: "a person put it on the list",
    Why.HARD_BOUNCE: "it bounced for good",
    Why.COMPLAINT: "its reader called our mail spam",
    Why.ERASED: "its person was erased",
}


def _of_the_lists(known: Known) -> Iterator[Reason]:
    to, listed = known.to.spelled, known.suppression
    if listed is not None:
        until = f", until {minute(listed.until)}" if listed.until else ""
        words = _words(known) if listed.why in {Why.HARD_BOUNCE, Why.SOFT_BOUNCES} else ""
        source = listed.source if listed.why is Why.MANUAL else ""
        said = f"{_LISTED[listed.why]} ({minute(listed.at)}{until}){colon(words or source)}."
        yield Reason("suppressed", listed.at, said, _lifting(listed, to), weight=_OF_ALL)
    if known.at_ses is not None:
        said = f"SES's own list has it ({known.at_ses.reason}, {minute(known.at_ses.at)}), and delivers no such mail."
        way_out = f"`franked suppressions lift {quote(to)} --why WHY` takes it off both lists, where that is right."
        yield Reason("suppressed_at_ses", known.at_ses.at, said, way_out, weight=_OF_ALL - 1)


def _lifting(listed: Suppression, to: str) -> str:
    if listed.why is Why.ERASED:
        return "Nothing: an erased person is not mailed again."
    lift = f'`franked suppressions lift {quote(to)} --why "…"`'
    if listed.why is Why.COMPLAINT:
        return f"Only the reader can want it back; then {lift} ends it."
    return f"When the mailbox works again, or the list is wrong: {lift}."


def _words(known: Known) -> str:
    """The receiving server's own, of the newest bounce that is still kept."""
    bounces = [event for mail in known.mails for event in mail.events if event.kind is Kind.BOUNCE]
    newest = max(bounces, key=lambda event: event.at, default=None)
    return newest.detail if newest else ""


def _of_the_account(known: Known) -> Iterator[Reason]:
    to = known.to.spelled
    if known.needs_verifying:
        said = "SES keeps this account in its sandbox, where only verified recipients get mail."
        way_out = f"`franked verify {quote(to)}`, or production access; what was held goes by itself then."
        yield Reason("sandbox", known.now, said, way_out, weight=_OF_ACCOUNT)
    if known.needs_canary is not None:
        said = f"it was never mailed, and first mails wait for the canary, urgent ones aside. {known.needs_canary}"
        yield Reason(
            "loop_not_proven", known.now, said, "`franked canary` says what is broken.", weight=_OF_ACCOUNT - 1
        )
    waiting = {mail.lane for mail in known.mails if mail.state is State.QUEUED}
    for stop in known.stops:
        weight = _OF_ACCOUNT - 1 if waiting and stop.of in {"", *waiting} else 0
        yield Reason("stopped", stop.since, f"{stop.text}.", "`/readyz` shows it as long as it lasts.", weight=weight)
    for lane, wait in (known.waits or {}).items():
        is_governed = wait.why.startswith("governor")
        way_out = (
            "`franked governor` says what a release needs." if is_governed else "It ends by itself; see `/readyz`."
        )
        said = f"the lane {lane} waits: {wait.why}."
        yield Reason("lane_waits", known.now, said, way_out, weight=_OF_ACCOUNT - 2 if lane in waiting else 0)


# --- what stands against some ---------------------------------------------------------------------------------------


def _of_consents(known: Known) -> Iterator[Reason]:
    """Of each topic that a stream has: left, or never confirmed where that is needed."""
    standings = known.consents or {}
    asked_for = {stream.topic for stream in known.streams if stream.kind is StreamKind.MARKETING}
    for topic in sorted({stream.topic for stream in known.streams if stream.topic}):
        standing = standings.get(topic) or standings.get(EVERY)
        last = next((one for one in reversed(known.statements) if one.topic in {topic, EVERY}), None)
        if standing is Standing.LEFT:
            when = f" on {minute(last.at)}, by {last.evidence.by}" if last else ""
            said = f"The reader has left the topic {topic}{when}."
            yield Reason("left", last.at if last else known.now, said, "Only the reader can come back to it.")
        elif standing is None and last is not None:
            said = f"Somebody asked for the topic {topic} on {minute(last.at)}, and the reader never confirmed it."
            yield Reason("not_confirmed", last.at, said, "Ask for the subscription again: a new mail asks the reader.")
        elif standing is None and topic in asked_for:
            said = f"The reader has never asked for the topic {topic}: marketing goes only to who has confirmed it."
            yield Reason("no_consent", known.now, said, "Only the reader can ask for it.")


def _of_limits(known: Known) -> Iterator[Reason]:
    for one in known.used_up:
        said = f"This mailbox had its share of {one.stream} ({one.limit}) until {minute(one.until)}."
        way_out = f"It ends by itself; `per_recipient` of the stream {one.stream} says how many may go."
        yield Reason("rate_limited", known.now, said, way_out, stream=one.stream)


# --- what became of the newest mails -----------------------------------------------------------------------------


def _of_mail(mail: MailTold, known: Known) -> Reason:
    named = f"The mail of {mail.stream} of {minute(mail.accepted_at)}"
    what, at, says, way_out = became(mail, known.to, known.waits or {})
    return Reason(what, at, f"{named} {says}", way_out, mail.stream, mail.id, _OF_A_MAIL)
