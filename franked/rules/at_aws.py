"""What AWS has for us, as it tells it: identities, configuration sets, topics, queues, the account, its quotas."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SUCCESS, PENDING, FAILED = "SUCCESS", "PENDING", "FAILED"  # SES's words for a proof by DNS; it may say others
NOT_STARTED, TEMPORARY_FAILURE = "NOT_STARTED", "TEMPORARY_FAILURE"  # the latter: the records were there, and are gone
BOTH_REASONS = frozenset({"BOUNCE", "COMPLAINT"})


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the DNS. `value` as a DNS tool shows it: an MX with its preference, a TXT without quotes."""

    name: str
    kind: str  # CNAME, MX, TXT
    value: str


@dataclass(frozen=True, slots=True)
class Dkim:
    status: str = NOT_STARTED
    is_on: bool = False
    tokens: tuple[str, ...] = ()  # of Easy DKIM: three
    zone: str = ""  # where the keys behind the CNAMEs are, as SES says
    bits: int | None = None  # of the key that signs now
    origin: str = ""  # AWS_SES, EXTERNAL


@dataclass(frozen=True, slots=True)
class MailFrom:
    domain: str
    status: str
    on_mx_failure: str = "USE_DEFAULT_VALUE"  # or REJECT_MESSAGE


@dataclass(frozen=True, slots=True)
class SesIdentity:
    """`verified`: it may send. `trouble`: what SES met as it last looked into the DNS; may be empty."""

    name: str
    is_domain: bool
    verified: bool
    status: str
    dkim: Dkim = field(default_factory=Dkim)
    mail_from: MailFrom | None = None
    configuration_set: str | None = None
    trouble: str = ""

    @property
    def dkim_records(self) -> tuple[Record, ...]:
        """The CNAMEs exactly as SES names them."""
        dkim = self.dkim
        if not (self.is_domain and dkim.zone):
            return ()
        return tuple(Record(f"{one}._domainkey.{self.name}", "CNAME", f"{one}.{dkim.zone}") for one in dkim.tokens)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where events go. Neither topic nor bus: somewhere that Franked does not listen to."""

    name: str
    is_on: bool
    kinds: frozenset[str]  # SES's words: SEND, BOUNCE, …
    topic: str | None = None  # an ARN
    bus: str | None = None  # EventBridge's, an ARN


@dataclass(frozen=True, slots=True)
class SesSet:
    """A configuration set. `reasons`: for which an address is suppressed; None: as the account says."""

    name: str
    sends: bool
    counts_reputation: bool
    reasons: frozenset[str] | None = None
    destinations: tuple[Destination, ...] = ()

    def kinds_to(self, topics: Iterable[str]) -> frozenset[str]:
        """What is published, by destinations that are on, to one of these topics or by way of a bus."""
        ours = set(topics)
        found = (one.kinds for one in self.destinations if one.is_on and (one.bus or one.topic in ours))
        return frozenset().union(*found)


@dataclass(frozen=True, slots=True)
class Subscription:
    protocol: str  # sqs, https, …
    endpoint: str  # of sqs: the queue's ARN
    confirmed: bool


@dataclass(frozen=True, slots=True)
class SnsTopic:
    arn: str
    policy: str = ""  # JSON
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """`dead_letters`: the ARN of the queue that gets what was received `tries` times and never settled."""

    arn: str
    url: str
    policy: str = ""  # JSON
    dead_letters: str | None = None
    tries: int | None = None
    waiting: int | None = None


class Review(StrEnum):
    """Of the request for production access. AWS may say others: they are UNKNOWN, never one of these."""

    PENDING = "PENDING"
    GRANTED = "GRANTED"
    DENIED = "DENIED"
    FAILED = "FAILED"  # AWS did not get it: it may be sent again
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Details:
    """What AWS was told when production access was asked for. `review` None: it was not asked for."""

    mail_type: str  # MARKETING, TRANSACTIONAL
    website: str
    language: str = "EN"
    contacts: tuple[str, ...] = ()
    use_case: str = ""
    review: Review | None = None
    case: str = ""  # the support case's number


@dataclass(frozen=True, slots=True)
class SesAccount:
    """`details` None: nobody has ever asked. `enforcement`: HEALTHY, PROBATION, SHUTDOWN; AWS may say others."""

    production: bool
    sending_enabled: bool
    enforcement: str
    rate: float  # recipients a second
    quota: float  # recipients in any 24 hours; -1: no limit
    sent_24h: float
    reasons: frozenset[str]  # for which an address comes onto the account's suppression list
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """Of Service Quotas, in this Region. Look it up by its name: codes that circulate are not always right."""

    code: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Increase:
    """A quota that was asked for. `status`: PENDING, CASE_OPENED, APPROVED, DENIED, …"""

    code: str
    name: str
    desired: float
    status: str
    case: str = ""
    at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in {"PENDING", "CASE_OPENED"}


class No(StrEnum):
    """Why AWS did not take what it was asked for."""

    UNDER_REVIEW = "under_review"  # ConflictException: a request is being reviewed, or was denied
    ALREADY_OPEN = "already_open"  # ResourceAlreadyExistsException: an increase of this quota is open
    TOO_MANY = "too_many"  # calls; the same may be tried again later
    BAD = "bad"  # AWS's words say what


@dataclass(frozen=True, slots=True)
class NotTaken:
    """`said`: in AWS's words, at most 300 characters."""

    why: No
    said: str


SENDING_QUOTA, SENDING_RATE = "Sending quota", "Sending rate"  # how Service Quotas names them


def quota_named(quotas: Iterable[Quota], name: str) -> Quota | None:
    """Whatever its case and spaces; of several the one whose name is the shortest."""
    wanted = _folded(name)
    found = [one for one in quotas if _folded(one.name).startswith(wanted)]
    return min(found, key=lambda one: len(one.name), default=None)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def statements(policy: str) -> tuple[Mapping[str, object], ...]:
    """Of a policy's JSON; what is no policy has none."""
    try:
        said = json.loads(policy or "{}")
    except (ValueError, RecursionError):
        return ()
    found = said.get("Statement", []) if isinstance(said, dict) else []
    return tuple(one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict))
