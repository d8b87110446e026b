"""Where a configuration set's events go: what botocore reads of SES's answer, and what is made of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from franked.backends.aws.account import SesAccount
from franked.backends.aws.destinations import publishing
from franked.backends.aws.sigv4 import Credentials
from franked.backends.local.office import EVENT_TYPES
from franked.ports import AccountUnreadable
from franked.rules.diagnosis import Publishing
from franked.wiring import simulator

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
OURS = "arn:aws:sns:eu-central-1:111122223333:franked-events"
BUS = "arn:aws:events:eu-central-1:111122223333:event-bus/default"


def told(*destinations: dict[str, Any]) -> Publishing:
    ses = boto3.client("sesv2", "eu-central-1", aws_access_key_id="any", aws_secret_access_key="any")
    with Stubber(ses) as stubbed:
        asked = {"ConfigurationSetName": "tx"}
        answer = {"EventDestinations": [{"Name": "one", "MatchingEventTypes": []} | one for one in destinations]}
        stubbed.add_response("get_configuration_set_event_destinations", answer, asked)
        found = publishing(ses, "tx")
        stubbed.assert_no_pending_responses()
    return found


def test_topics_and_kinds_of_all_that_are_switched_on() -> None:
    found = told(
        {"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": OURS}},
        {"Enabled": True, "MatchingEventTypes": ["COMPLAINT"], "SnsDestination": {"TopicArn": f"{OURS}-2"}},
        {"Enabled": False, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": OURS}},
    )
    assert found == Publishing(frozenset({"BOUNCE", "COMPLAINT"}), frozenset({OURS, f"{OURS}-2"}))


def test_a_bus_leads_where_nobody_can_see() -> None:
    found = told({"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "EventBridgeDestination": {"EventBusArn": BUS}})
    assert found == Publishing(frozenset({"BOUNCE"}), elsewhere=True)


def test_what_never_comes_here_does_not_count() -> None:
    dimension = {"DimensionName": "d", "DimensionValueSource": "MESSAGE_TAG", "DefaultDimensionValue": "x"}
    watched = {"CloudWatchDestination": {"DimensionConfigurations": [dimension]}}
    assert told({"Enabled": True, "MatchingEventTypes": ["BOUNCE"]} | watched) == Publishing()
    assert told() == Publishing()


async def test_the_simulated_account_answers_as_ses_does(tmp_path: Path) -> None:
    async with simulator(tmp_path, now=lambda: NOW, configuration_sets=["tx"], topic_arn=OURS) as played:
        account = SesAccount("eu-central-1", lambda: NOW, played.url, KEYS)
        every = frozenset(EVENT_TYPES)
        assert await account.publishing("tx") == Publishing(every, frozenset({OURS}))
        played.publish("BOUNCE", configuration_set="tx")
        assert await account.publishing("tx") == Publishing(frozenset({"BOUNCE"}), frozenset({OURS}))
        played.publish(configuration_set="tx")
        assert await account.publishing("tx") == Publishing()
        assert await account.publishing("no-such-set") == Publishing()


async def test_where_ses_can_not_be_asked_that_is_said() -> None:
    with pytest.raises(AccountUnreadable):
        await SesAccount("eu-central-1", lambda: NOW, "http://127.0.0.1:9", KEYS).publishing("tx")
