"""Who may do what at AWS: as IAM would judge it."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from franked.rules.at_aws import statements
from franked.rules.policies import (
    arn,
    franked_policy,
    lets_ses,
    lets_topic,
    sender_policy,
    setup_policy,
    with_ses,
    with_topic,
)
from franked.rules.steps import CALLS
from franked.settings import read
from franked.wiring import wants

ROOT = Path(__file__).parents[2]
REGION, ACCOUNT = "eu-central-1", "111122223333"
TOPIC, QUEUE = arn("sns", REGION, ACCOUNT, "franked-events"), arn("sqs", REGION, ACCOUNT, "franked-events")
MAIL = arn("ses", REGION, ACCOUNT, "identity/shop.example.com")


def allows(policy: dict[str, Any], action: str, resource: str, **context: str) -> bool:
    """IAM's judgement of our statements: one of them must allow it, with all that it says."""
    return any(_applies(one, action, resource, context) for one in policy["Statement"])


def _applies(one: dict[str, Any], action: str, resource: str, context: dict[str, str]) -> bool:
    if one["Effect"] != "Allow" or action not in one["Action"]:
        return False
    conditions = one.get("Condition", {}).get("StringEquals", {})
    held = all(
        context.get(key.partition(":")[2]) in (said if isinstance(said, list) else [said])
        for key, said in conditions.items()
    )
    return held and any(fnmatchcase(resource, pattern) for pattern in one["Resource"])


def _listed(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def test_e4_each_sender_may_send_from_its_own_address_only() -> None:
    """Through the product that has two: sign-in codes from one, tickets and decisions from the other."""
    wanted = wants(read(ROOT / "examples" / "activities" / "franked.toml", {}), played=True)
    assert len(wanted.froms) > 1
    for mine in wanted.froms:
        policy = sender_policy(REGION, ACCOUNT, mine)
        for other in wanted.froms:
            assert allows(policy, "ses:SendEmail", MAIL, FromAddress=other) is (other == mine)
        assert not allows(policy, "ses:SendEmail", MAIL)
        assert not allows(policy, "ses:SendEmail", MAIL.replace(ACCOUNT, "999999999999"), FromAddress=mine)
        assert not allows(policy, "ses:GetAccount", "*")


def test_franked_may_send_from_its_settings_addresses_only() -> None:
    policy = franked_policy(REGION, ACCOUNT, ["no-reply@shop.example.com", "billing@shop.example.com"], QUEUE)
    assert allows(policy, "ses:SendEmail", MAIL, FromAddress="billing@shop.example.com")
    assert not allows(policy, "ses:SendEmail", MAIL, FromAddress="boss@shop.example.com")
    assert allows(policy, "sqs:ReceiveMessage", QUEUE)
    assert not allows(policy, "sqs:ReceiveMessage", QUEUE + "-dead")
    assert not allows(franked_policy(REGION, ACCOUNT, [], None), "sqs:ReceiveMessage", QUEUE)
    assert not allows(policy, "ses:PutAccountDetails", "*")
    assert not allows(policy, "ses:DeleteEmailIdentity", MAIL)
    assert allows(policy, "ses:DeleteEmailIdentity", arn("ses", REGION, ACCOUNT, "identity/ana@example.org"))
    assert allows(policy, "cloudwatch:PutMetricData", "*", namespace="Franked")
    assert not allows(policy, "cloudwatch:PutMetricData", "*", namespace="Theirs")


_BOTO = re.compile(r"\b(ses|sqs|client|cloudwatch)\.((?:get|put|list|create|delete|describe|receive|set)_[a-z_]+)\(")
_ACTIONS = {"delete_message_batch": "sqs:DeleteMessage", "set_alarm_state": "cloudwatch:SetAlarmState"}
_FILES = ("account", "destinations", "identities", "feed", "cloudwatch", "suppression_list")
_CLOUDWATCH = re.compile(r"metric|alarm|dashboard")


def called() -> set[str]:
    """Every call that a Franked that runs makes, by its source."""
    folder = ROOT / "franked" / "backends" / "aws"
    text = "".join(
        (folder / f"{name}.py").read_text()
        for name in ("account", "destinations", "identities", "feed", "cloudwatch", "suppression_list")
    )
    return {_action(who, name) for who, name in _BOTO.findall(text)}


def _action(who: str, name: str) -> str:
    service = "sqs" if who == "sqs" else "cloudwatch" if _CLOUDWATCH.search(name) else "ses"
    return _ACTIONS.get(name, f"{service}:{''.join(part.capitalize() for part in name.split('_'))}")


def test_the_least_that_franked_needs_is_enough() -> None:
    allowed = {action for one in franked_policy(REGION, ACCOUNT, [], QUEUE)["Statement"] for action in one["Action"]}
    assert len(called()) > 15
    assert called() - allowed == set()


def test_what_setup_calls_is_in_its_policy() -> None:
    source = (ROOT / "franked" / "backends" / "aws" / "control.py").read_text()
    read_or_asked = set(re.findall(r'"((?:ses|sns|sqs|sts|cloudwatch|servicequotas):[A-Z]\w+)"', source))
    allowed = {action for one in setup_policy(CALLS)["Statement"] for action in one["Action"]}
    assert len(read_or_asked) > 12
    assert (read_or_asked | CALLS) - allowed == set()


@pytest.mark.parametrize(
    "policy", ["", "{}", "nonsense", "[]", '{"Statement": 7}', "[" * 10_000, '{"Statement": [7, {}]}']
)
def test_a_policy_that_is_none_lets_nobody(policy: str) -> None:
    assert not lets_ses(policy)
    assert not lets_topic(policy, TOPIC)
    assert lets_ses(with_ses(policy, TOPIC, ACCOUNT))
    assert lets_topic(with_topic(policy, QUEUE, TOPIC), TOPIC)


def test_a_policy_that_lets_others_does_not_let_us() -> None:
    theirs = with_topic("", QUEUE, TOPIC.replace("franked", "their"))
    assert not lets_topic(theirs, TOPIC)
    both = statements(with_topic(theirs, QUEUE, TOPIC))
    assert len(both) == len({one["Sid"] for one in both}) == 2
    denied = json.dumps(
        {"Statement": {"Effect": "Deny", "Principal": {"Service": "ses.amazonaws.com"}, "Action": "sns:Publish"}}
    )
    assert not lets_ses(denied)
    every = json.dumps(
        {"Statement": {"Effect": "Allow", "Principal": {"Service": ["ses.amazonaws.com"]}, "Action": "SNS:*"}}
    )
    assert lets_ses(every)


def test_other_partitions_have_other_names() -> None:
    assert arn("ses", "cn-north-1", ACCOUNT, "identity/x").startswith("arn:aws-cn:ses:cn-north-1:")
    assert arn("ses", "us-gov-west-1", ACCOUNT, "identity/x").startswith("arn:aws-us-gov:ses:us-gov-west-1:")
    assert arn("ses", "us-east-1", ACCOUNT, "identity/x").startswith("arn:aws:ses:us-east-1:")
