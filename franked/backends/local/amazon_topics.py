"""What is asked of `sns.REGION.amazonaws.com` as topics are set up, and of STS: whose account this is.

Only subscriptions at the account's own topic, by http or https, get anything.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from franked.backends.local.answers import AwsError
from franked.backends.local.office import Office
from franked.backends.local.xml import STS, answered, tags

Form = Mapping[str, str]

_NO_TOPIC = AwsError(404, "NotFound", "Topic does not exist")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SETTABLE = {"Policy", "DisplayName"}


def create(form: Form, office: Office) -> str | AwsError:
    name, topics = form.get("Name", ""), office.estate.book.topics
    if not _NAME.fullmatch(name):
        return AwsError(400, "InvalidParameter", "Invalid parameter: Topic Name")
    arn, attributes = office.arn("sns", name), dict(_entries(form, "Attributes"))
    if arn in topics and any(topics[arn].get(key) != value for key, value in attributes.items()):
        return AwsError(400, "InvalidParameter", "Invalid parameter: Topic already exists with different attributes")
    topics.setdefault(arn, attributes)
    office.estate.keep()
    return answered("CreateTopic", tags({"TopicArn": arn}))


def get_attributes(form: Form, office: Office) -> str | AwsError:
    arn = form.get("TopicArn", "")
    found = office.estate.book.topics.get(arn)
    if found is None:
        return _NO_TOPIC
    said = {"TopicArn": arn, "Owner": office.account_id} | found
    entries = "".join(f"<entry>{tags({'key': key, 'value': value})}</entry>" for key, value in said.items())
    return answered("GetTopicAttributes", f"<Attributes>{entries}</Attributes>")


def set_attributes(form: Form, office: Office) -> str | AwsError:
    found, name = office.estate.book.topics.get(form.get("TopicArn", "")), form.get("AttributeName", "")
    if found is None:
        return _NO_TOPIC
    if name not in _SETTABLE:
        return AwsError(400, "InvalidParameter", "Invalid parameter: AttributeName")
    found[name] = form.get("AttributeValue", "")
    office.estate.keep()
    return answered("SetTopicAttributes", "")


def subscribe(form: Form, office: Office) -> str | AwsError:
    arn, protocol, endpoint = (form.get(name, "") for name in ("TopicArn", "Protocol", "Endpoint"))
    if arn not in office.estate.book.topics:
        return _NO_TOPIC
    if protocol in {"http", "https"}:
        if urlsplit(endpoint).scheme != protocol:
            return AwsError(400, "InvalidParameter", "Invalid parameter: Endpoint must match the specified protocol")
        if arn == office.topic.arn:
            office.topic.subscribe(endpoint)
        return answered("Subscribe", tags({"SubscriptionArn": "pending confirmation"}))
    if protocol != "sqs" or endpoint.rpartition(":")[2] not in office.estate.book.queues:
        return AwsError(400, "InvalidParameter", "Invalid parameter: SQS endpoint ARN")
    line = (arn, protocol, endpoint)
    if line not in office.estate.book.subscriptions:
        office.estate.book.subscriptions.append(line)
        office.estate.keep()
    return answered("Subscribe", tags({"SubscriptionArn": _arn(arn, endpoint)}))


def list_subscriptions(form: Form, office: Office) -> str | AwsError:
    arn = form.get("TopicArn", "")
    if arn not in office.estate.book.topics:
        return _NO_TOPIC
    members = "".join(f"<member>{tags(one)}</member>" for one in _subscriptions(arn, office))
    return answered("ListSubscriptionsByTopic", f"<Subscriptions>{members}</Subscriptions>")


def _subscriptions(arn: str, office: Office) -> Iterator[Mapping[str, str]]:
    own = {"TopicArn": arn, "Owner": office.account_id}
    for one in office.topic.subscriptions.values() if arn == office.topic.arn else ():
        known = one.arn if one.confirmed else "PendingConfirmation"
        scheme = urlsplit(one.endpoint).scheme
        yield own | {"Protocol": scheme, "Endpoint": one.endpoint, "SubscriptionArn": known}
    for topic, protocol, endpoint in office.estate.book.subscriptions:
        if topic == arn:
            yield own | {"Protocol": protocol, "Endpoint": endpoint, "SubscriptionArn": _arn(arn, endpoint)}


def _arn(topic: str, endpoint: str) -> str:
    return f"{topic}:{endpoint.rpartition(':')[2]}"


def _entries(form: Form, name: str) -> Iterator[tuple[str, str]]:
    for number in range(1, 50):
        if (key := form.get(f"{name}.entry.{number}.key")) is None:
            return
        yield key, form.get(f"{name}.entry.{number}.value", "")


def identity(form: Form, office: Office) -> str | AwsError:
    account = office.account_id
    said = {"Arn": f"arn:aws:iam::{account}:user/simulator", "UserId": "SIMULATOR", "Account": account}
    return answered("GetCallerIdentity", tags(said), STS)


ACTIONS = {
    "CreateTopic": create,
    "GetTopicAttributes": get_attributes,
    "SetTopicAttributes": set_attributes,
    "Subscribe": subscribe,
    "ListSubscriptionsByTopic": list_subscriptions,
    "GetCallerIdentity": identity,
}
