"""A declared class of mail: what it is for, who may get it, how long it is worth sending."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from franked.rules.address import Address, Sender
from franked.rules.asking import Volume
from franked.rules.content import Content
from franked.rules.lane import Lane

_SPAN = re.compile(r"([0-9]{1,5})\s*(s|m|h|d)")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PER = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
LONGEST_WINDOW = timedelta(seconds=max(_PER.values()))  # of a limit: nobody asks for one that opened before


class Kind(StrEnum):
    TRANSACTIONAL = "transactional"
    NOTIFICATION = "notification"  # can be turned off
    MARKETING = "marketing"  # must have been asked for


class IfUnknown(StrEnum):
    """What to do when SES may or may not have taken a mail and no event tells."""

    RESEND = "resend"  # a second copy is harmless
    HOLD = "hold"  # a person or an event decides
    DROP = "drop"  # better lost than doubled


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages in any window of `per` that opens with the first of them."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        unit = next((name for name, seconds in _PER.items() if seconds == self.per.total_seconds()), str(self.per))
        return f"{self.count}/{unit}"


@dataclass(frozen=True, slots=True)
class Coding:
    """How the codes of a stream are made."""

    valid_for: timedelta
    digits: int = 6
    attempts: int = 5
    resend_after: timedelta = timedelta(seconds=45)
    leads_to: str | None = None  # the product's own page, after a link's button was pressed


@dataclass(frozen=True, slots=True)
class Stream:
    name: str
    kind: Kind
    purpose: str
    sender: Sender
    lane: Lane
    template: str
    useful_for: timedelta  # a sign-in code that arrives an hour late only confuses
    trigger_within: timedelta
    if_unknown: IfUnknown
    content: Content = Content.TEMPLATE
    reply_to: Sender | None = None
    per_recipient: Limit | None = None
    topic: str | None = None  # a stream with a topic can be left, whatever its kind
    secret: bool = False  # codes: the variables are never shown nor returned
    standing: bool = False  # a standing setting or a consent is the trigger: row 3 is not asked
    built_in: bool = False  # Franked's own: no trigger, approved, not braked
    only_to: Address | None = None  # nobody else is mailed
    needs_approval: bool = False  # its template's version goes only once a second person has approved it
    keep_for: timedelta = timedelta(days=180)  # from when its mail was accepted, once that has ended
    keep_content: timedelta | None = None  # likewise what its mail says; None: gone as soon as that has ended
    codes: Coding | None = None  # it sends codes that Franked makes and checks
    asked_by: str = ""  # what a person does that asks for it, in a sentence
    not_left_because: str = ""  # where it has no topic
    planned: Volume | None = None  # a day


def parse_span(text: str) -> timedelta | None:
    """`90s`, `10m`, `24h`, `30d`; None for anything else."""
    found = _SPAN.fullmatch(text.strip())
    return timedelta(**{_UNIT[found[2]]: int(found[1])}) if found else None


def parse_limit(text: str) -> Limit | None:
    """`5/hour`, per second, minute, hour or day; None for anything else."""
    count, _, unit = text.strip().partition("/")
    if not count.isascii() or not count.isdigit() or len(count) > 9 or int(count) < 1 or unit.strip() not in _PER:
        return None
    return Limit(int(count), timedelta(seconds=_PER[unit.strip()]))
