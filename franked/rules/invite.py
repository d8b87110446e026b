"""An invite, its attendees and their answers: when a calendar has to be told what (RFC 5546)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from franked.rules.address import Address, Sender
from franked.rules.trigger import Trigger

MOST_ATTENDEES = 200
LONGEST_EVENT = timedelta(days=366)
_ONE_LINE = re.compile("[\x00-\x1f\x7f\u2028\u2029]")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Method(StrEnum):
    """There is no update: that is a request with the same UID and, where it matters, a higher sequence."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Answer(StrEnum):
    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Event(Struct, frozen=True):
    """`start` and `end` are aware; with a time zone they are shown in it."""

    title: str
    start: datetime
    end: datetime
    time_zone: str | None = None  # IANA, as Europe/Zurich
    place: str = ""
    description: str = ""
    url: str = ""


class Attendee(Struct, frozen=True):
    address: Address
    name: str = ""
    answer: Answer = Answer.NEEDS_ACTION
    answered_at: datetime | None = None  # by the attendee's own clock: of two answers the later one counts
    message_id: str = ""  # the last mail to them


class Letter(Struct, frozen=True):
    """A mail that is due: to whom, and what their calendar is told."""

    to: Attendee
    method: Method


class Invite(Struct, frozen=True):
    """One event that people were invited to. `version` rises with each change of the record, `sequence` as RFC 5546
    says; `stamp` is newer in whatever a calendar should believe."""

    id: str
    uid: str
    stream: str
    key_id: str
    organizer: Sender
    reply_to: Sender | None
    locale: str | None
    trigger: Trigger
    event: Event
    attendees: tuple[Attendee, ...]
    stamp: datetime
    variables: Mapping[str, object] = {}  # of its template, besides the event
    asked: bytes = b""  # a digest of what it was made of
    due: tuple[Letter, ...] = ()  # letters that nobody has written yet
    sequence: int = 0
    is_cancelled: bool = False
    version: int = 1

    def attendee(self, key: str) -> Attendee | None:
        return next((one for one in self.attendees if one.address.key == key), None)


class Reply(Struct, frozen=True):
    """What an attendee's calendar sends back."""

    uid: str
    address: Address
    answer: Answer
    sequence: int
    stamp: datetime


def faults(event: Event, now: datetime) -> Iterator[tuple[str, str]]:
    """Which field, and a sentence."""
    if not event.title.strip() or _ONE_LINE.search(event.title) or len(event.title) > 200:
        yield "title", "a title is one line of 1 to 200 characters"
    if _ONE_LINE.search(event.place) or len(event.place) > 500:
        yield "place", "a place is one line of at most 500 characters"
    if _NO_TEXT.search(event.description) or len(event.description) > 10_000:
        yield "description", "a description has at most 10,000 characters, and no control characters"
    if event.url and not re.fullmatch(r"https?://[!-~]{1,1000}", event.url):
        yield "url", "an address begins with https://"
    if event.start <= now:
        yield "start", "it is over: nobody is invited to what has begun"
    if not event.start < event.end <= event.start + LONGEST_EVENT:
        yield "end", "it lies behind the start, by at most a year"


def begun(invite: Invite) -> Invite:
    """Everyone is to be asked."""
    return replace(invite, due=_letters(invite.attendees, Method.REQUEST))


def updated(invite: Invite, event: Event, attendees: Sequence[Attendee], now: datetime) -> Invite:
    """As it stands after a change; the same where nothing changed. Told are all where the event changed, else who came
    or went. An answer stays until it is asked for anew."""
    known = {one.address.key: one for one in invite.attendees}
    invited = tuple(replace(known.get(one.address.key, one), name=one.name) for one in attendees)
    if event == invite.event and invited == invite.attendees:
        return invite
    asks = _asks_anew(invite.event, event)
    if asks:
        invited = tuple(replace(one, answer=Answer.NEEDS_ACTION, answered_at=None) for one in invited)
    keys = {one.address.key for one in invited}
    left = [one for one in invite.attendees if one.address.key not in keys]
    told = [one for one in invited if event != invite.event or one.address.key not in known]
    return replace(
        invite,
        event=event,
        attendees=invited,
        sequence=invite.sequence + (asks or bool(left)),
        stamp=_later(invite, now),
        due=_due(invite, [*_letters(left, Method.CANCEL), *_letters(told, Method.REQUEST)]),
        version=invite.version + 1,
    )


def cancelled(invite: Invite, now: datetime) -> Invite:
    if invite.is_cancelled:
        return invite
    return replace(
        invite,
        is_cancelled=True,
        sequence=invite.sequence + 1,
        stamp=_later(invite, now),
        due=_due(invite, _letters(invite.attendees, Method.CANCEL)),
        version=invite.version + 1,
    )


def mailed(invite: Invite, message_ids: Mapping[str, str]) -> Invite:
    """`message_ids`: by address key. What was due and is not among them still is."""
    told = (replace(one, message_id=message_ids.get(one.address.key, one.message_id)) for one in invite.attendees)
    due = tuple(one for one in invite.due if one.to.address.key not in message_ids)
    return replace(invite, attendees=tuple(told), due=due, version=invite.version + 1)


def answered(invite: Invite, reply: Reply) -> Invite:
    """The same where the answer is to an older version of the event, or older than one that is known."""
    found = invite.attendee(reply.address.key)
    is_old = found is None or (found.answered_at is not None and reply.stamp <= found.answered_at)
    if is_old or reply.sequence < invite.sequence or invite.is_cancelled:
        return invite
    told = (
        replace(one, answer=reply.answer, answered_at=reply.stamp) if one is found else one for one in invite.attendees
    )
    return replace(invite, attendees=tuple(told), version=invite.version + 1)


def _letters(to: Sequence[Attendee], method: Method) -> tuple[Letter, ...]:
    return tuple(Letter(one, method) for one in to)


def _due(before: Invite, letters: Sequence[Letter]) -> tuple[Letter, ...]:
    """What was due before, and is not made up for by a newer letter, still is."""
    newer = {one.to.address.key for one in letters}
    return (*(one for one in before.due if one.to.address.key not in newer), *letters)


def _asks_anew(before: Event, after: Event) -> bool:
    """Another time or place needs another answer; a mended typo does not."""
    return (before.start, before.end, before.place) != (after.start, after.end, after.place)


def _later(invite: Invite, now: datetime) -> datetime:
    """Outlook ignores an update whose stamp is not newer; a stamp has seconds."""
    return max(now, invite.stamp + timedelta(seconds=1))
