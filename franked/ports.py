"""What the core asks of the world. Whoever stands behind a port keeps the contract written on it. All times are UTC."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from franked.formats.links import Links
from franked.formats.mail import Mail
from franked.formats.template import Template
from franked.outside import Control, Dns, Visitor
from franked.rules.at_ses import Listed, Reason
from franked.rules.declared import Declared
from franked.rules.diagnosis import Ears, Publishing
from franked.rules.gauge import Kept, MetricAlarm, Quarter, Reading
from franked.rules.outcome import Outcome
from franked.rules.pace import Access
from franked.rules.rates import AwsRates
from franked.rules.reach import Network
from franked.store import Store


class Bell(Protocol):
    """Wakes workers. It carries nothing: whoever wakes looks into the store."""

    def ring(self) -> None: ...

    async def wait(self, seconds: float) -> None:
        """Until the bell rings (or has rung since the last wait), at most this long."""
        ...


class Transport(Protocol):
    async def send(self, mail: Mail, call_by: datetime) -> Outcome:
        """One call to SES, never repeated. Past `call_by` right before the first byte: TryLater(LATE). Never raises
        for what a network or SES can do; being cancelled after the first byte is the caller's Unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """An address or a domain, as SES has it. `records`: the CNAMEs (name, value) that prove a domain."""

    name: str
    verified: bool
    records: tuple[tuple[str, str], ...] = ()


class Account(Protocol):
    async def read(self) -> Access:
        """GetAccount and the verified identities. Raises AccountUnreadable."""
        ...

    async def verify(self, name: str) -> Identity:
        """Have SES verify an address (it writes to it) or a domain. One that SES knows is told as it stands; to an
        address whose mail was overlooked, SES writes again. Raises AccountUnreadable."""
        ...

    async def publishing(self, configuration_set: str) -> Publishing:
        """Which events its destinations that are switched on publish, and where to. Raises AccountUnreadable."""
        ...

    async def set_sending(self, configuration_set: str, *, enabled: bool) -> None:
        """Pause one configuration set at SES, or let it send again. Raises AccountUnreadable."""
        ...


class AccountUnreadable(Exception):
    """SES did not answer, or not to these credentials. `str()` is for an operator."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of SES's list. `token`: of the next; None on the last."""

    listed: tuple[Listed, ...]
    token: str | None


@dataclass(frozen=True, slots=True)
class NoPut:
    """SES will never take this entry. `why`: in its words."""

    why: str


class SuppressionList(Protocol):
    """SES's account-level list: what is put there is not mailed by anybody of the account. Each call is one control
    call, never repeated; AWS allows one a second. Raises ListUnreachable, and ListThrottled where that was too fast."""

    async def reasons(self) -> frozenset[str]:
        """Which bounces and complaints SES puts there by itself, and honours; none: it is switched off."""
        ...

    async def switch_on(self) -> None: ...

    async def honoured_by(self, configuration_set: str) -> frozenset[str] | None:
        """The reasons that mail by this set is stopped for, where the set says it for itself; None: as the account."""
        ...

    async def page(self, since: datetime | None, token: str | None) -> Leaf | None:
        """What is listed (since then). None: the token leads nowhere any more."""
        ...

    async def put(self, address: str, reason: Reason) -> NoPut | None: ...

    async def remove(self, spelled: str) -> bool:
        """In exactly this spelling. False: it was not there."""
        ...


class ListUnreachable(Exception):
    """SES did not answer, or not to these credentials. `str()` is for an operator."""


class ListThrottled(ListUnreachable):
    """Too many control calls: all programs of the account share them."""


class Templates(Protocol):
    def current(self, name: str) -> Template | None:
        """The newest version on this machine; None when there is no such template."""
        ...

    async def load(self, version: str) -> Template | None:
        """A pinned version, from memory or from the store's shelf."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the feed; `receipt` settles it."""

    body: str
    receipt: str


class Feed(Protocol):
    """Events by queue (SQS)."""

    async def receive(self) -> Sequence[Delivery]:
        """Waits up to 20 s for the next; may be empty. Raises FeedUnavailable."""
        ...

    async def done(self, receipts: Sequence[str]) -> None:
        """Take them off the queue. Raises FeedUnavailable: those that stayed come again, which hurts nobody."""
        ...


class FeedUnavailable(Exception):
    """The queue did not answer. `str()` is for an operator."""


@dataclass(frozen=True, slots=True)
class Post:
    """A body for a place that somebody named. `allow`: networks that it may be in, beside the public ones."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    allow: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """`status` None: no answer came, and `why` says, for an operator, what did."""

    status: int | None
    why: str = ""

    @property
    def refusal(self) -> str | None:
        """None: it was taken."""
        if self.status is not None and 200 <= self.status < 300:
            return None
        return self.why or f"it answered {self.status}"


class Web(Protocol):
    async def fetch(self, url: str) -> bytes | None:
        """GET over https, no redirects, 5 s, at most 64 KB; None when that did not give a 200."""
        ...

    async def certificate(self, url: str) -> bytes | None:
        """As `fetch`, kept by URL: SNS signs every message with the same few certificates."""
        ...

    async def post(self, post: Post) -> Posted:
        """The name is looked up now, once; every address it has must be public or allowed, and one of these is called.
        Without TLS only where it is allowed. No redirect is followed, and of the answer only the head is read: 5 s to
        connect, 15 s in all."""
        ...


class Gauges(Protocol):
    """What AWS measures of the account, and what it shows of ours."""

    async def rates(self) -> AwsRates | None:
        """AWS's own, as it last published them; None: it has not yet. Raises GaugesUnreadable."""
        ...

    async def quarters(self) -> Sequence[Quarter]:
        """What the account sent in the last 14 days, by time; a quarter without mail is not there. Raises
        GaugesUnreadable."""
        ...

    async def publish(self, readings: Sequence[Reading]) -> None:
        """Raises GaugesUnreadable."""
        ...

    async def keep_alarms(self, wanted: Sequence[MetricAlarm], topic: str | None) -> list[Kept]:
        """Once or again, the alarms are as wanted. `topic`: who hears of them. Raises GaugesUnreadable."""
        ...

    async def ring(self, name: str) -> str:
        """Sets an alarm on a figure of ours off, until CloudWatch looks at it again; what was done. Raises
        GaugesUnreadable."""
        ...


class GaugesUnreadable(Exception):
    """AWS did not answer, or not to these credentials. `str()` is for an operator."""


@dataclass(frozen=True, slots=True)
class World:
    """The ports, what the settings declare, and the one clock. Last argument of a trip's entry functions."""

    store: Store
    bell: Bell
    transport: Transport
    account: Account
    templates: Templates
    web: Web
    declared: Declared
    links: Links  # what a reader may click
    now: Callable[[], datetime]  # aware, UTC; a test or the demo can move it
    monotonic: Callable[[], float]  # seconds; deadlines and local waits
    sleep: Callable[[float], Awaitable[None]]
    new_id: Callable[[], str]  # a message id
    rand: Callable[[], float]  # in [0, 1): jitter only
    draw: Callable[[int], int]  # a number from 0 to below that, which nobody can guess
    log: Callable[..., None]  # log("sent", message=…): one structured line; never a variable, code or secret
    feed: Feed | None = None
    gauges: Gauges | None = None
    ears: Ears = field(default_factory=Ears)
    suppression_list: SuppressionList | None = None
    control: Control | None = None
    dns: Dns | None = None
    visitor: Visitor | None = None
