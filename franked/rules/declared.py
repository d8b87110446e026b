"""What the settings declare, as the core knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from franked.rules.address import Address, Sender
from franked.rules.alarm import Watching
from franked.rules.asking import Asked
from franked.rules.at_ses import AtSes
from franked.rules.canary import Plan
from franked.rules.code import CodeLimits
from franked.rules.consent import Asking, Topic
from franked.rules.lane import Lane
from franked.rules.stream import Stream
from franked.rules.ticket import TicketOffice
from franked.rules.webhook import Endpoint
from franked.rules.website import About


@dataclass(frozen=True, slots=True)
class Declared:
    """What the settings declare."""

    brand: str
    website: str
    postal_address: str
    sender: Sender  # alarms, reports, streams that name no other
    admins: tuple[Address, ...]
    region: str
    streams: Mapping[str, Stream]
    configuration_sets: Mapping[Lane, str] = field(default_factory=dict)
    sns_topics: frozenset[str] = frozenset()  # ARNs whose events we take
    topics: Mapping[str, Topic] = field(default_factory=dict)  # that readers agree to and leave
    asking: Asking = field(default_factory=Asking)
    default_locale: str = "en"
    call_deadline: timedelta = timedelta(seconds=30)
    keep_for: timedelta = timedelta(days=180)  # ended messages and events
    code_limits: CodeLimits = field(default_factory=CodeLimits)
    tickets: TicketOffice | None = None
    watching: Watching = field(default_factory=Watching)
    canary: Plan = field(default_factory=Plan)
    at_ses: AtSes = AtSes.OFF
    webhooks: tuple[Endpoint, ...] = ()
    site_pages: Mapping[About, str] = field(default_factory=dict)  # of the website, as far as they are named
    asked: Asked = field(default_factory=Asked)
    stops_all: bool = False  # the governor, in the end: codes too
    is_rehearsal: bool = False  # SES is simulated

    @property
    def contact(self) -> Mapping[str, str]:
        """What every template may show of the sender."""
        return {"name": self.brand, "website": self.website, "postal_address": self.postal_address}
