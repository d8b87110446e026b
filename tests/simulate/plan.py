"""What is to happen in one run, as values: all of it follows from these and the seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from franked.backends.local.account import Limits
from franked.backends.local.faults import Fault, When
from tests.simulate.product import SENDING_DOMAIN

Where = int | tuple[str, int]  # the so-manieth port call of the run, or of one kind: ("transport.send", 2)


class Mishap(StrEnum):
    """What befalls one call of a port."""

    KILLED_BEFORE = "the process dies before"  # it takes effect
    KILLED_AFTER = "the process dies after"  # it took effect, before its answer is seen
    LOST = "the answer is lost of"  # it took effect
    FAILED = "nothing comes of"  # it did not
    PAUSED = "the process stands still before"


@dataclass(frozen=True, slots=True)
class Post:
    """The application asks for a mail. Without an answer it asks again, if it gave a key; `twice`: at once as well."""

    at: float
    stream: str
    to: str
    key: str | None = None
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Weather:
    """The account's next calls go wrong like this."""

    at: float
    fault: Fault


@dataclass(frozen=True, slots=True)
class Refusals:
    """No connection to SES."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Outage:
    """The store can't: nothing is stored, or (AFTER) it is stored and the answer is lost."""

    at: float
    seconds: float
    when: When = When.BEFORE


@dataclass(frozen=True, slots=True)
class NewLimits:
    at: float
    limits: Limits


@dataclass(frozen=True, slots=True)
class Verified:
    at: float
    identity: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """By a person's hand."""

    at: float
    to: str


@dataclass(frozen=True, slots=True)
class Left:
    """By the link in a digest."""

    at: float
    to: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A hard bounce of a mail that we never sent: another sender of the same account."""

    at: float
    to: str


@dataclass(frozen=True, slots=True)
class PutBack:
    """A person looks at what stopped, the dead and the unknown, and sends it again."""

    at: float


@dataclass(frozen=True, slots=True)
class Pause:
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Restart:
    """In good order: what is in flight lands first."""

    at: float


@dataclass(frozen=True, slots=True)
class SecondWorker:
    """Another process on the same record, as PostgreSQL allows: it ends nobody's leases."""

    at: float


Action = (
    Post
    | Weather
    | Refusals
    | Outage
    | NewLimits
    | Verified
    | Suppressed
    | Left
    | Stranger
    | PutBack
    | Pause
    | Restart
    | SecondWorker
)


@dataclass(frozen=True, slots=True)
class EventLuck:
    """How likely each event is to be … ; `late`: by up to so many seconds."""

    early: float = 0.0  # there before the answer to its send
    doubled: float = 0.0
    delayed: float = 0.0
    lost_send: float = 0.0  # SES's own Send event never comes
    lost: float = 0.0  # nor any other
    late: float = 60.0
    untagged: float = 0.0  # of an identity's own topic, which bears no tags: known by the SES id only


OUT_OF_THE_SANDBOX = Limits(production=True, rate=14.0, quota=50_000.0)


@dataclass(frozen=True, slots=True)
class Plan:
    seed: object
    actions: tuple[Action, ...]
    mishaps: Mapping[Where, Mishap] = field(default_factory=dict)
    limits: Limits = OUT_OF_THE_SANDBOX
    verified: tuple[str, ...] = (SENDING_DOMAIN,)
    luck: EventLuck = EventLuck()
    webhook: bool = False  # events come by SNS's POST; else by queue
    pause: float = 120.0  # seconds, of a Mishap.PAUSED
    latest: float = 100 * 3600.0  # seconds, until which all must be at rest
