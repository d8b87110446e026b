"""What `franked setup` can do at AWS, one value for each call: which call that is, what it changes, in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import get_args


class Part(StrEnum):
    """Steps of one part build on one another; the parts do not."""

    IDENTITIES = "identities"
    EVENTS = "events"
    DEFAULTS = "defaults"
    ACCOUNT = "account"
    WATCHING = "watching"


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """A domain, with Easy DKIM of 2048 bits; or an address, to which SES writes."""

    name: str
    call = "ses:CreateEmailIdentity"

    @property
    def says(self) -> str:
        kind = "address, confirmed by a link that SES mails to it" if "@" in self.name else "domain, Easy DKIM 2048 bit"
        return f"identity {self.name} ({kind})"


@dataclass(frozen=True, slots=True)
class DkimAgain:
    """SES looks for the CNAMEs anew; the tokens may be others afterwards."""

    domain: str
    call = "ses:PutEmailIdentityDkimSigningAttributes"

    @property
    def says(self) -> str:
        return f"Easy DKIM of {self.domain}, anew"


@dataclass(frozen=True, slots=True)
class DkimOn:
    domain: str
    call = "ses:PutEmailIdentityDkimAttributes"

    @property
    def says(self) -> str:
        return f"DKIM signing of {self.domain} switched on"


@dataclass(frozen=True, slots=True)
class NewMailFrom:
    domain: str
    mail_from: str
    call = "ses:PutEmailIdentityMailFromAttributes"

    @property
    def says(self) -> str:
        return f"MAIL FROM {self.mail_from} of {self.domain}"


@dataclass(frozen=True, slots=True)
class NewTopic:
    arn: str
    policy: str
    call = "sns:CreateTopic"

    @property
    def says(self) -> str:
        return f"topic {self.arn}, to which SES may publish"


@dataclass(frozen=True, slots=True)
class TopicPolicy:
    arn: str
    policy: str
    call = "sns:SetTopicAttributes"

    @property
    def says(self) -> str:
        return f"policy of topic {self.arn}: SES may publish"


@dataclass(frozen=True, slots=True)
class NewQueue:
    """`attributes`: SQS's names and values."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    what: str = "queue"
    call = "sqs:CreateQueue"

    @property
    def says(self) -> str:
        return f"{self.what} {self.name}"


@dataclass(frozen=True, slots=True)
class QueueSet:
    name: str
    attributes: tuple[tuple[str, str], ...]
    what: str
    call = "sqs:SetQueueAttributes"

    @property
    def says(self) -> str:
        return f"queue {self.name}: {self.what}"


@dataclass(frozen=True, slots=True)
class Subscribe:
    topic: str
    protocol: str
    endpoint: str
    call = "sns:Subscribe"

    @property
    def says(self) -> str:
        return f"subscription of {self.endpoint} ({self.protocol}) to the topic"


@dataclass(frozen=True, slots=True)
class NewSet:
    name: str
    call = "ses:CreateConfigurationSet"

    @property
    def says(self) -> str:
        return f"configuration set {self.name} (reputation metrics; bounces and complaints are suppressed)"


@dataclass(frozen=True, slots=True)
class SetCounts:
    name: str
    call = "ses:PutConfigurationSetReputationOptions"

    @property
    def says(self) -> str:
        return f"configuration set {self.name}: reputation metrics on"


@dataclass(frozen=True, slots=True)
class SetSuppresses:
    name: str
    call = "ses:PutConfigurationSetSuppressionOptions"

    @property
    def says(self) -> str:
        return f"configuration set {self.name}: bounces and complaints are suppressed"


@dataclass(frozen=True, slots=True)
class NewDestination:
    configuration_set: str
    name: str
    topic: str
    kinds: tuple[str, ...]
    call = "ses:CreateConfigurationSetEventDestination"

    @property
    def says(self) -> str:
        return f"event destination {self.name} of {self.configuration_set}: {', '.join(self.kinds)} to the topic"


@dataclass(frozen=True, slots=True)
class DestinationAgain:
    """One of this name is there, and is off, incomplete, or leads elsewhere."""

    configuration_set: str
    name: str
    topic: str
    kinds: tuple[str, ...]
    call = "ses:UpdateConfigurationSetEventDestination"

    @property
    def says(self) -> str:
        return f"event destination {self.name} of {self.configuration_set}: {', '.join(self.kinds)} to the topic"


@dataclass(frozen=True, slots=True)
class DefaultSet:
    identity: str
    name: str
    call = "ses:PutEmailIdentityConfigurationSetAttributes"

    @property
    def says(self) -> str:
        return f"default configuration set {self.name} of {self.identity}"


@dataclass(frozen=True, slots=True)
class AccountSuppresses:
    call = "ses:PutAccountSuppressionAttributes"
    says = "suppression list of the account: bounces and complaints"


@dataclass(frozen=True, slots=True)
class NewAlarms:
    """All that are wanted are put, by the port Gauges; `names`: those that are not there."""

    names: tuple[str, ...]
    call = "cloudwatch:PutMetricAlarm"

    @property
    def says(self) -> str:
        return f"alarms {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class NewDashboard:
    name: str
    body: str = field(repr=False)
    call = "cloudwatch:PutDashboard"

    @property
    def says(self) -> str:
        return f"dashboard {self.name} ({len(json.loads(self.body)['widgets'])} graphs)"


Step = (
    NewIdentity
    | DkimAgain
    | DkimOn
    | NewMailFrom
    | NewTopic
    | TopicPolicy
    | NewQueue
    | QueueSet
    | Subscribe
    | NewSet
    | SetCounts
    | SetSuppresses
    | NewDestination
    | DestinationAgain
    | DefaultSet
    | AccountSuppresses
    | NewDashboard
)
Todo = Step | NewAlarms
CALLS = frozenset(str(one.call) for one in get_args(Todo))
PARTS: Mapping[type, Part] = {
    **dict.fromkeys((NewIdentity, DkimAgain, DkimOn, NewMailFrom), Part.IDENTITIES),
    DefaultSet: Part.DEFAULTS,
    AccountSuppresses: Part.ACCOUNT,
    **dict.fromkeys((NewAlarms, NewDashboard), Part.WATCHING),
}


def part_of(step: Todo) -> Part:
    return PARTS.get(type(step), Part.EVENTS)
