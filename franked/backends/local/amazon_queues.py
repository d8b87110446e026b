"""What is asked of `sqs.REGION.amazonaws.com` as queues are set up. They hold no messages."""

from collections.abc import Callable, Mapping
from typing import Any

from franked.backends.local.answers import AwsError
from franked.backends.local.office import Office

Wire = Mapping[str, Any]

_NO_QUEUE = AwsError(400, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
_THERE = AwsError(400, "com.amazonaws.sqs#QueueNameExists", "A queue already exists with this name and other values.")


def create(wire: Wire, office: Office) -> Wire | AwsError:
    name, attributes, queues = wire["QueueName"], dict(wire.get("Attributes") or {}), office.estate.book.queues
    if name in queues and any(queues[name].get(key) != value for key, value in attributes.items()):
        return _THERE
    queues.setdefault(name, attributes)
    office.estate.keep()
    return {"QueueUrl": office.queue_url(name)}


def get_url(wire: Wire, office: Office) -> Wire | AwsError:
    name = wire["QueueName"]
    return {"QueueUrl": office.queue_url(name)} if name in office.estate.book.queues else _NO_QUEUE


def get_attributes(wire: Wire, office: Office) -> Wire | AwsError:
    name = _name(wire)
    found = office.estate.book.queues.get(name)
    if found is None:
        return _NO_QUEUE
    said = {"QueueArn": office.arn("sqs", name), "ApproximateNumberOfMessages": "0"} | found
    asked = wire.get("AttributeNames") or []
    return {"Attributes": {key: value for key, value in said.items() if key in asked or "All" in asked}}


def set_attributes(wire: Wire, office: Office) -> Wire | AwsError:
    found = office.estate.book.queues.get(_name(wire))
    if found is None:
        return _NO_QUEUE
    found.update(wire.get("Attributes") or {})
    office.estate.keep()
    return {}


def _name(wire: Wire) -> str:
    return str(wire["QueueUrl"]).rpartition("/")[2]


OPERATIONS: Mapping[str, Callable[[Wire, Office], Wire | AwsError]] = {
    "CreateQueue": create,
    "GetQueueUrl": get_url,
    "GetQueueAttributes": get_attributes,
    "SetQueueAttributes": set_attributes,
}
