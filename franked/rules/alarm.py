"""Who hears of an alarm, and when: at once, each day as long as it is open, and once it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from franked.rules.address import Sender
from franked.rules.content import Content
from franked.rules.lane import Lane
from franked.rules.reach import Network
from franked.rules.stream import IfUnknown, Kind, Stream

ALARMS, REPORT = "franked-alarms", "franked-report"
ADMIN_STREAMS = (ALARMS, REPORT)
AGAIN_AFTER = timedelta(days=1)
TELLING_WITHIN = timedelta(minutes=5)  # then whoever tells has failed, and another may
FADES = frozenset({"complaint", "authentication_failure"})  # over a day after they were told
GOVERNOR = "governor_"
OF_RATES = ("complaint", "bounce_rate", "complaint_rate", GOVERNOR)


class Chat(StrEnum):
    """How a webhook's receiver wants it said."""

    TEXT = "text"  # and each part in a field of its own, for programs
    SLACK = "slack"
    MATTERMOST = "mattermost"
    DISCORD = "discord"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who knows the address may write there: it is in no log."""

    url: str = field(repr=False)
    chat: Chat = Chat.TEXT
    allow: tuple[Network, ...] = ()


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
class Language:
    """`kinds`: by what their keys begin with; `""` is of all others."""

    labels: Mapping[str, str]
    kinds: Mapping[str, Words]

    def of(self, key: str) -> Words:
        return self.kinds[max((name for name in self.kinds if key.startswith(name)), key=len)]


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
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.labels[self.says]}: {self.words.title}"

    @property
    def lines(self) -> Sequence[tuple[str, str]]:
        """What a person reads, and what each is called."""
        said = (
            ("what", self.what),
            ("since", _minute(self.since)),
            ("over_at", _minute(self.over_at) if self.over_at else ""),
            ("did", "" if self.over_at else self.words.did),
            ("todo", "" if self.over_at else self.words.todo),
            ("sample", self.sample),
        )
        return [(self.labels[name], text) for name, text in said if text]


@dataclass(frozen=True, slots=True)
class Watching:
    """What is published, and when the admins have their report."""

    webhook: Webhook | None = None
    to_cloudwatch: bool = False
    topic: str | None = None  # an SNS topic's ARN: who hears of CloudWatch's alarms
    report_at: int | None = 6  # hour, UTC; None: no report


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


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
