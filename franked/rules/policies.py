"""Who may do what at AWS: the policies of our topic and queue, and the least that Franked itself needs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from franked.rules.at_aws import statements

Statement = dict[str, Any]

VERSION = "2012-10-17"
LOOKS = (
    *("ses:GetAccount", "ses:ListEmailIdentities", "ses:GetEmailIdentity", "ses:GetConfigurationSet"),
    *("ses:GetConfigurationSetEventDestinations", "ses:ListSuppressedDestinations", "ses:GetSendStatistics"),
    *("cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard"),
    *("servicequotas:ListServiceQuotas", "servicequotas:ListRequestedServiceQuotaChangeHistory"),
    *("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sqs:GetQueueUrl", "sqs:GetQueueAttributes"),
)
SES, SNS = "ses.amazonaws.com", "sns.amazonaws.com"


def arn(service: str, region: str, account: str, name: str) -> str:
    return f"arn:{_partition(region)}:{service}:{region}:{account}:{name}"


def _partition(region: str) -> str:
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


# --- of the topic and the queue ---------------------------------------------------------------------------------------


def lets_ses(policy: str) -> bool:
    return any(_allows(one, SES, "sns:Publish") for one in statements(policy))


def with_ses(policy: str, topic: str, account: str) -> str:
    """SES publishes only to a topic whose policy says so; what the policy says already stays."""
    ours = {
        "Sid": "FrankedLetsSesPublish",
        "Effect": "Allow",
        "Principal": {"Service": SES},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceAccount": account}},
    }
    return _written([*statements(policy), ours])


def lets_topic(policy: str, topic: str) -> bool:
    found = (one for one in statements(policy) if _allows(one, SNS, "sqs:SendMessage"))
    return any(topic in json.dumps(one.get("Condition", {})) for one in found)


def with_topic(policy: str, queue: str, topic: str) -> str:
    ours = {
        "Sid": f"FrankedLets{_letters(topic.rpartition(':')[2])}Write",  # two of one name are refused
        "Effect": "Allow",
        "Principal": {"Service": SNS},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return _written([*statements(policy), ours])


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name))


def _allows(statement: Mapping[str, object], service: str, action: str) -> bool:
    principal = statement.get("Principal")
    services = _listed(principal.get("Service")) if isinstance(principal, dict) else []
    actions = {one.casefold() for one in _listed(statement.get("Action"))}
    every = f"{action.partition(':')[0]}:*"
    return (
        statement.get("Effect") == "Allow" and service in services and bool(actions & {action.casefold(), every, "*"})
    )


def _listed(said: object) -> list[str]:
    return [str(one) for one in said] if isinstance(said, list) else [said] if isinstance(said, str) else []


def _written(said: Sequence[Mapping[str, object]]) -> str:
    return json.dumps({"Version": VERSION, "Statement": list(said)}, separators=(",", ":"))


# --- of whoever calls (IAM) -------------------------------------------------------------------------------------------


def franked_policy(region: str, account: str, froms: Iterable[str], queue: str | None) -> dict[str, Any]:
    """The least that a Franked that runs needs. Mail goes from the settings' own addresses only."""
    keeps = ["ses:PutSuppressedDestination", "ses:DeleteSuppressedDestination", "ses:PutAccountSuppressionAttributes"]
    identities = ["ses:CreateEmailIdentity", "ses:DeleteEmailIdentity"]  # to verify an address: POST /v1/identities
    alarms = ["cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState"]
    events = [_allow("ReadEvents", ["sqs:ReceiveMessage", "sqs:DeleteMessage"], [queue])] if queue else []
    return _policy(
        _sending("Send", region, account, froms),
        _allow("Look", LOOKS, ["*"]),
        _allow("KeepSuppressionList", keeps, ["*"]),
        _allow("PauseConfigurationSet", ["ses:PutConfigurationSetSendingOptions"], [_sets(region, account)]),
        _allow("VerifyAddresses", identities, [arn("ses", region, account, "identity/*@*")]),
        _allow("KeepAlarms", alarms, [arn("cloudwatch", region, account, "alarm:franked-*")]),
        _allow("PublishFigures", ["cloudwatch:PutMetricData"], ["*"])
        | {"Condition": {"StringEquals": {"cloudwatch:namespace": "Franked"}}},
        *events,
    )


def setup_policy(calls: Iterable[str]) -> dict[str, Any]:
    """For `franked setup --apply` and `franked request`: a person's, for a day, and not the running Franked's.
    `calls`: those of the steps."""
    asks = ["ses:PutAccountDetails", "servicequotas:RequestServiceQuotaIncrease"]
    return _policy(
        _allow("Look", [*LOOKS, "sts:GetCallerIdentity"], ["*"]),
        _allow("SetUp", sorted(set(calls)), ["*"]),
        _allow("AskForMore", asks, ["*"]),
    )


def sender_policy(region: str, account: str, address: str) -> dict[str, Any]:
    """For a part of the system that sends by itself: from its own address, and from no other (E4)."""
    return _policy(_sending("SendOnlyAs", region, account, [address]))


def _sending(sid: str, region: str, account: str, froms: Iterable[str]) -> Statement:
    """In the sandbox SES asks for permission on the recipient's identity too: it is the address that is held."""
    addresses = sorted(set(froms))
    resources = [arn("ses", region, account, "identity/*"), _sets(region, account)]
    only = {"Condition": {"StringEquals": {"ses:FromAddress": addresses}}}
    return _allow(sid, ["ses:SendEmail", "ses:SendRawEmail"], resources) | only


def _sets(region: str, account: str) -> str:
    return arn("ses", region, account, "configuration-set/*")


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _policy(*said: Statement) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": list(said)}
