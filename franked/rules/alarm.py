"""Who hears of an alarm, and when: at once, each day as long as it is open, and once it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from franked.rules.address import Sender
from franked.rules.content import Content
from franked.rules.lane import Lane
from franked.rules.stream import IfUnknown, Kind, Stream

ALARMS, REPORT = "franked-alarms", "franked-report"
ADMIN_STREAMS = (ALARMS, REPORT)
AGAIN_AFTER = timedelta(days=1)
TELLING_WITHIN = timedelta(minutes=5)  # then whoever tells has failed, and another may
FADES = frozenset({"complaint", "authentication_failure"})  # over a day after they were told
GOVERNOR = "governor_"
OF_RATES = ("complaint", "bounce_rate", "complaint_rate", GOVERNOR)


class Says(StrEnum):
    OPENED = "opened"
    OPEN = "open"  # still
    OVER = "over"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one kind of alarm, in one language."""

    title: str
    did: str  # by Franked itself
    todo: str  # by a person


@dataclass(frozen=True, slots=True)
class Telling:
    """All that a person is told of an alarm. `id`: of this telling; who gets it twice can see it."""

    id: str
    key: str
    says: Says
    product: str
    words: Words
    what: str
    since: datetime
    over_at: datetime | None = None
    sample: str = ""  # where it is about rates


@dataclass(frozen=True, slots=True)
class Watching:
    """What is published, and when the admins have their report."""

    to_cloudwatch: bool = False
    topic: str | None = None  # an SNS topic's ARN: who hears of CloudWatch's alarms
    report_at: int | None = 6  # hour, UTC; None: no report


def kind_of(key: str, known: Mapping[str, Words]) -> Words:
    """The words whose name the key begins with; the longest such name has its say. `known[""]` is there."""
    return known[max((name for name in known if key.startswith(name)), key=len)]


def is_of_rates(key: str) -> bool:
    return key.startswith(OF_RATES)


def with_admin_mail(streams: Mapping[str, Stream], sender: Sender) -> Mapping[str, Stream]:
    """Franked's own, to the admins. An alarm goes first; one that a day could not bring is said again by then."""
    alarms = _stream(ALARMS, "Tells the admins what they should look at", sender, Lane.URGENT, AGAIN_AFTER)
    report = _stream(REPORT, "The admins' report of a day", sender, Lane.URGENT, timedelta(days=3))
    return {**streams, ALARMS: alarms, REPORT: report}


def _stream(name: str, purpose: str, sender: Sender, lane: Lane, useful_for: timedelta) -> Stream:
    return Stream(
        name=name,
        kind=Kind.TRANSACTIONAL,
        purpose=purpose,
        sender=sender,
        lane=lane,
        template=name,
        useful_for=useful_for,
        trigger_within=timedelta(hours=24),
        if_unknown=IfUnknown.RESEND,  # a second copy is harmless
        content=Content.INLINE,
        built_in=True,
    )
