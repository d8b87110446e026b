"""Where a configuration set's events go, as SES tells it."""

from typing import TYPE_CHECKING

from franked.rules.diagnosis import Publishing

if TYPE_CHECKING:
    from types_boto3_sesv2.client import SESV2Client


def publishing(ses: "SESV2Client", configuration_set: str) -> Publishing:
    """Of a set that is not there, nothing is published. Only what may reach us counts: an SNS topic, or EventBridge."""
    try:
        found = ses.get_configuration_set_event_destinations(ConfigurationSetName=configuration_set)
    except ses.exceptions.NotFoundException:
        return Publishing()
    kinds: set[str] = set()
    topics: set[str] = set()
    elsewhere = False
    for one in found.get("EventDestinations", []):
        topic, is_bridge = one.get("SnsDestination", {}).get("TopicArn"), "EventBridgeDestination" in one
        if one.get("Enabled", False) and (topic or is_bridge):
            kinds.update(one.get("MatchingEventTypes", []))
            topics.update([topic] if topic else [])
            elsewhere = elsewhere or is_bridge
    return Publishing(frozenset(kinds), frozenset(topics), elsewhere)
