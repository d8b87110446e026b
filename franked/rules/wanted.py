"""What Franked needs at AWS, as its settings say it; what is there; and what follows from both."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from franked.rules.at_aws import Queue, Record, SesAccount, SesIdentity, SesSet, SnsTopic
from franked.rules.gauge import MetricAlarm, alarms_for, name_at_cloudwatch
from franked.rules.lane import Lane
from franked.rules.policies import arn
from franked.rules.steps import Part, Todo

EVENTS = "franked-events"  # the topic and the queue, where the settings name none
DEAD = "{}-dead"
WEBHOOK = "/v1/events/sns"
DESTINATION = "franked"
KINDS = ("SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "RENDERING_FAILURE")
TRIES = 5  # receives before an event goes to the dead letters
KEPT_FOR = 14 * 24 * 3600  # seconds; SQS keeps nothing longer


@dataclass(frozen=True, slots=True)
class Wanted:
    """`domains`: that mail comes from. `addresses`: to be verified besides, `asked` ones even where their domain is.
    `sets`: of each lane, as named, or as they are named here (`unnamed`). `queue`: its name; `webhook`: a URL; one of
    both, or both. `played`: SES is simulated."""

    region: str
    sender: str  # the domain of `[sender] from`
    domains: tuple[str, ...]
    sets: Mapping[Lane, str]
    froms: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    unnamed: frozenset[Lane] = frozenset()
    topic: str | None = None  # an ARN, where the settings name it
    queue: str | None = None
    webhook: str | None = None
    has_queue_url: bool = False
    publishes_figures: bool = False
    reports_to: str | None = None  # an address for reports of DMARC
    played: bool = False

    def topic_of(self, account: str) -> str:
        return self.topic or arn("sns", self.region, account, EVENTS)

    def alarms(self, rate: float) -> tuple[MetricAlarm, ...]:
        """Those on figures that Franked publishes only where it does: others would ring for ever."""
        return tuple(one for one in alarms_for(rate) if self.publishes_figures or not one.is_ours)

    def alarm_names(self, rate: float) -> tuple[str, ...]:
        return tuple(name_at_cloudwatch(one, self.sender) for one in self.alarms(rate))


@dataclass(frozen=True, slots=True)
class Found:
    """What AWS has. `policies`: domains to which a DMARC record applies already. `troubles`: of parts that could not
    be read, why not; nothing is planned for them."""

    number: str  # of the account
    account: SesAccount | None = None
    identities: Mapping[str, SesIdentity] = field(default_factory=dict)
    sets: Mapping[str, SesSet] = field(default_factory=dict)
    topic: SnsTopic | None = None
    queue: Queue | None = None
    dead: Queue | None = None
    alarms: frozenset[str] = frozenset()
    has_dashboard: bool = False
    policies: frozenset[str] = frozenset()
    troubles: Mapping[Part, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """A record that must be in the DNS. `seen`: SES's word for it; "": SES does not look for it."""

    record: Record
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`there`: what need not be made. `notes`: what only a person can do. `settings`: lines for franked.toml."""

    there: tuple[str, ...] = ()
    todo: tuple[Todo, ...] = ()
    records: tuple[Published, ...] = ()
    notes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    troubles: Mapping[Part, str] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return not self.todo and not self.troubles
