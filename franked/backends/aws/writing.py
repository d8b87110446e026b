"""What a step of `franked setup` is to AWS: the members of its call."""

from typing import Any

from franked.rules.at_aws import BOTH_REASONS
from franked.rules.steps import (
    AccountSuppresses,
    DefaultSet,
    DestinationAgain,
    DkimAgain,
    DkimOn,
    NewDashboard,
    NewDestination,
    NewIdentity,
    NewMailFrom,
    NewQueue,
    NewSet,
    NewTopic,
    QueueSet,
    SetCounts,
    SetSuppresses,
    Step,
    Subscribe,
    TopicPolicy,
)

KEY = "RSA_2048_BIT"
_REASONS = sorted(BOTH_REASONS)


def wire_of(step: Step) -> dict[str, Any]:
    """Of a QueueSet without the queue's URL."""
    match step:
        case NewIdentity() | DkimAgain() | DkimOn() | NewMailFrom() | DefaultSet():
            return _of_identity(step)
        case NewSet() | SetCounts() | SetSuppresses() | NewDestination() | DestinationAgain():
            return {"ConfigurationSetName": _set_of(step)} | _of_set(step)
        case NewTopic() | TopicPolicy() | NewQueue() | QueueSet() | Subscribe():
            return _of_events(step)
        case AccountSuppresses():
            return {"SuppressedReasons": _REASONS}
        case NewDashboard(name, body):
            return {"DashboardName": name, "DashboardBody": body}


def _of_identity(step: NewIdentity | DkimAgain | DkimOn | NewMailFrom | DefaultSet) -> dict[str, Any]:
    match step:
        case NewIdentity(name):
            key = {} if "@" in name else {"DkimSigningAttributes": {"NextSigningKeyLength": KEY}}
            return {"EmailIdentity": name} | key
        case DkimAgain(domain):
            attributes = {"NextSigningKeyLength": KEY}
            return {"EmailIdentity": domain, "SigningAttributesOrigin": "AWS_SES", "SigningAttributes": attributes}
        case DkimOn(domain):
            return {"EmailIdentity": domain, "SigningEnabled": True}
        case DefaultSet(name, chosen):
            return {"EmailIdentity": name, "ConfigurationSetName": chosen}
        case NewMailFrom(domain, mail_from):
            behaviour = "USE_DEFAULT_VALUE"  # mail goes on, from SES's own domain, while the records are missing
            return {"EmailIdentity": domain, "MailFromDomain": mail_from, "BehaviorOnMxFailure": behaviour}


_OfASet = NewSet | SetCounts | SetSuppresses | NewDestination | DestinationAgain


def _set_of(step: _OfASet) -> str:
    return step.configuration_set if isinstance(step, NewDestination | DestinationAgain) else step.name


def _of_set(step: _OfASet) -> dict[str, Any]:
    match step:
        case NewSet():
            return {
                "ReputationOptions": {"ReputationMetricsEnabled": True},
                "SuppressionOptions": {"SuppressedReasons": _REASONS},
            }
        case SetCounts():
            return {"ReputationMetricsEnabled": True}
        case SetSuppresses():
            return {"SuppressedReasons": _REASONS}
        case NewDestination(_, name, topic, kinds) | DestinationAgain(_, name, topic, kinds):
            led = {"Enabled": True, "MatchingEventTypes": list(kinds), "SnsDestination": {"TopicArn": topic}}
            return {"EventDestinationName": name, "EventDestination": led}


def _of_events(step: NewTopic | TopicPolicy | NewQueue | QueueSet | Subscribe) -> dict[str, Any]:
    match step:
        case NewTopic(arn, policy):
            return {"Name": arn.rpartition(":")[2], "Attributes": {"Policy": policy}}
        case TopicPolicy(arn, policy):
            return {"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": policy}
        case NewQueue(name, attributes):
            return {"QueueName": name, "Attributes": dict(attributes)}
        case QueueSet(_, attributes):
            return {"Attributes": dict(attributes)}
        case Subscribe(topic, protocol, endpoint):
            return {"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "ReturnSubscriptionArn": True}
