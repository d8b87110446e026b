"""The control calls as AWS gets them and answers them: parameters and answers against botocore's models."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, get_args

import pytest
from botocore import xform_name
from botocore.stub import Stubber

from franked.backends.aws.calls import _SERVICES, PATIENT
from franked.backends.aws.control import AwsControl
from franked.backends.aws.sigv4 import Credentials
from franked.outside import ControlUnreadable
from franked.rules import at_aws, steps
from franked.rules.at_aws import (
    Destination,
    Details,
    Dkim,
    Increase,
    MailFrom,
    No,
    NotTaken,
    Queue,
    Quota,
    Review,
    SesAccount,
    SesIdentity,
    SesSet,
    SnsTopic,
    Subscription,
)

KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
TOPIC = "arn:aws:sns:eu-central-1:111122223333:franked-events"
QUEUE = "arn:aws:sqs:eu-central-1:111122223333:franked-events"
URL = "https://sqs.eu-central-1.amazonaws.com/111122223333/franked-events"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ASKED = {
    "QuotaCode": "L-804C8AE8",
    "QuotaName": "Sending quota",
    "DesiredValue": 1000.0,
    "Status": "PENDING",
    "Created": NOON,
}


@pytest.fixture
def control() -> AwsControl:
    return AwsControl("eu-central-1", credentials=KEYS, apart=0.0)


@contextmanager
def stubbed(control: AwsControl, call: str, attempts: int = PATIENT) -> Iterator[Stubber]:
    client = control._calls._connected(_SERVICES[call.partition(":")[0]][0], attempts)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


# --- answers ----------------------------------------------------------------------------------------------------------


async def test_the_account_as_ses_tells_it(control: AwsControl) -> None:
    said = {
        "ProductionAccessEnabled": True,
        "SendingEnabled": True,
        "EnforcementStatus": "PROBATION",
        "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0},
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]},
        "Details": {
            "MailType": "TRANSACTIONAL",
            "WebsiteURL": "https://example.com",
            "ContactLanguage": "EN",
            "UseCaseDescription": "We mail receipts.\nAnd codes.",
            "AdditionalContactEmailAddresses": ["ops@example.com"],
            "ReviewDetails": {"Status": "DENIED", "CaseId": "173900000000000"},
        },
    }
    with stubbed(control, "ses:GetAccount") as stub:
        stub.add_response("get_account", said, {})
        assert await control.account() == SesAccount(
            production=True,
            sending_enabled=True,
            enforcement="PROBATION",
            rate=14.0,
            quota=50_000.0,
            sent_24h=12.0,
            reasons=frozenset({"BOUNCE"}),
            details=Details(
                "TRANSACTIONAL",
                "https://example.com",
                "EN",
                ("ops@example.com",),
                "We mail receipts.\nAnd codes.",
                Review.DENIED,
                "173900000000000",
            ),
        )


async def test_an_account_of_which_nothing_is_said_is_a_new_one(control: AwsControl) -> None:
    with stubbed(control, "ses:GetAccount") as stub:
        stub.add_response("get_account", {}, {})
        assert await control.account() == SesAccount(False, True, "HEALTHY", 1.0, 200.0, 0.0, frozenset(), None)
        stub.add_response("get_account", {"Details": {"ReviewDetails": {"Status": "ON_HOLD"}}}, {})
        details = (await control.account()).details
        assert details is not None
        assert details.review is Review.UNKNOWN


async def test_an_identity_as_ses_tells_it(control: AwsControl) -> None:
    tokens = ["aaaa", "bbbb", "cccc"]
    said = {
        "IdentityType": "DOMAIN",
        "VerifiedForSendingStatus": False,
        "VerificationStatus": "FAILED",
        "DkimAttributes": {
            "SigningEnabled": True,
            "Status": "FAILED",
            "Tokens": tokens,
            "SigningHostedZone": "dkim.af-south-1.amazonses.com",
            "SigningAttributesOrigin": "AWS_SES",
            "CurrentSigningKeyLength": "RSA_1024_BIT",
        },
        "MailFromAttributes": {
            "MailFromDomain": "bounce.example.com",
            "MailFromDomainStatus": "TEMPORARY_FAILURE",
            "BehaviorOnMxFailure": "REJECT_MESSAGE",
        },
        "ConfigurationSetName": "tx",
        "VerificationInfo": {"ErrorType": "HOST_NOT_FOUND"},
    }
    with stubbed(control, "ses:GetEmailIdentity") as stub:
        stub.add_response("get_email_identity", said, {"EmailIdentity": "example.com"})
        found = await control.identity("example.com")
    assert found == SesIdentity(
        name="example.com",
        is_domain=True,
        verified=False,
        status="FAILED",
        dkim=Dkim("FAILED", True, tuple(tokens), "dkim.af-south-1.amazonses.com", 1024, "AWS_SES"),
        mail_from=MailFrom("bounce.example.com", "TEMPORARY_FAILURE", "REJECT_MESSAGE"),
        configuration_set="tx",
        trouble="HOST_NOT_FOUND",
    )
    assert [one.value for one in found.dkim_records] == [f"{one}.dkim.af-south-1.amazonses.com" for one in tokens]


async def test_an_identity_of_which_little_is_said(control: AwsControl) -> None:
    with stubbed(control, "ses:GetEmailIdentity") as stub:
        stub.add_response("get_email_identity", {}, {"EmailIdentity": "ops@example.com"})
        found = await control.identity("ops@example.com")
        assert found == SesIdentity("ops@example.com", False, False, "PENDING", Dkim(zone="dkim.amazonses.com"))
        stub.add_client_error("get_email_identity", "NotFoundException", http_status_code=404)
        assert await control.identity("nobody@example.com") is None


async def test_what_is_no_name_of_the_dns_never_becomes_a_record(control: AwsControl) -> None:
    evil = {"Tokens": ["aaaa", "b b", '"; drop', "c" * 64], "SigningHostedZone": "evil zone\n", "Status": "\x1b[31m"}
    said = {
        "DkimAttributes": evil,
        "MailFromAttributes": {
            "MailFromDomain": "x\ny",
            "MailFromDomainStatus": "PENDING",
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        },
    }
    with stubbed(control, "ses:GetEmailIdentity") as stub:
        stub.add_response("get_email_identity", said, {"EmailIdentity": "example.com"})
        found = await control.identity("example.com")
    assert found is not None
    assert (found.dkim.tokens, found.dkim.zone, found.dkim.status, found.mail_from) == (
        ("aaaa",),
        "",
        "NOT_STARTED",
        None,
    )
    assert found.dkim_records == ()


async def test_identities_come_by_pages(control: AwsControl) -> None:
    with stubbed(control, "ses:ListEmailIdentities") as stub:
        first = {"EmailIdentities": [{"IdentityName": "example.com"}, {}], "NextToken": "more"}
        stub.add_response("list_email_identities", first, {"PageSize": 100})
        second = {"EmailIdentities": [{"IdentityName": "ops@example.com"}]}
        stub.add_response("list_email_identities", second, {"PageSize": 100, "NextToken": "more"})
        assert await control.identities() == ["example.com", "ops@example.com"]


async def test_a_configuration_set_and_where_its_events_go(control: AwsControl) -> None:
    said = {
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SendingOptions": {"SendingEnabled": False},
        "SuppressionOptions": {"SuppressedReasons": ["COMPLAINT"]},
    }
    bus = "arn:aws:events:eu-central-1:111122223333:event-bus/default"
    led = [
        {"Name": "a", "Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": TOPIC}},
        {"Name": "b", "MatchingEventTypes": ["SEND"], "EventBridgeDestination": {"EventBusArn": bus}},
        {
            "Name": "c",
            "Enabled": True,
            "MatchingEventTypes": ["OPEN"],
            "CloudWatchDestination": {"DimensionConfigurations": []},
        },
    ]
    with stubbed(control, "ses:GetConfigurationSet") as stub:
        stub.add_response("get_configuration_set", said, {"ConfigurationSetName": "tx"})
        asked = {"ConfigurationSetName": "tx"}
        stub.add_response("get_configuration_set_event_destinations", {"EventDestinations": led}, asked)
        found = await control.configuration_set("tx")
        stub.add_client_error("get_configuration_set", "NotFoundException", http_status_code=404)
        assert await control.configuration_set("none") is None
    assert found == SesSet(
        "tx",
        sends=False,
        counts_reputation=True,
        reasons=frozenset({"COMPLAINT"}),
        destinations=(
            Destination("a", True, frozenset({"BOUNCE"}), TOPIC),
            Destination("b", False, frozenset({"SEND"}), None, bus),
            Destination("c", True, frozenset({"OPEN"})),
        ),
    )
    assert found.kinds_to([TOPIC]) == {"BOUNCE"}  # the bus is off, the figures come to nobody


async def test_a_topic_with_a_subscription_that_waits(control: AwsControl) -> None:
    with stubbed(control, "sns:GetTopicAttributes") as stub:
        stub.add_response("get_topic_attributes", {"Attributes": {"Policy": "{}"}}, {"TopicArn": TOPIC})
        page = {
            "Subscriptions": [
                {"SubscriptionArn": "PendingConfirmation", "Protocol": "https", "Endpoint": "https://a.example.com"},
                {"SubscriptionArn": f"{TOPIC}:1", "Protocol": "sqs", "Endpoint": QUEUE},
            ]
        }
        stub.add_response("list_subscriptions_by_topic", page, {"TopicArn": TOPIC})
        waits, is_there = Subscription("https", "https://a.example.com", False), Subscription("sqs", QUEUE, True)
        assert await control.topic(TOPIC) == SnsTopic(TOPIC, "{}", (waits, is_there))
        stub.add_client_error("get_topic_attributes", "NotFound", http_status_code=404)
        assert await control.topic(TOPIC) is None


async def test_a_queue_with_its_dead_letters(control: AwsControl) -> None:
    names = ["QueueArn", "Policy", "RedrivePolicy", "ApproximateNumberOfMessages"]
    redrive = f'{{"deadLetterTargetArn":"{QUEUE}-dead","maxReceiveCount":"5"}}'  # AWS has it as text, at times
    said = {"QueueArn": QUEUE, "RedrivePolicy": redrive, "ApproximateNumberOfMessages": "7"}
    with stubbed(control, "sqs:GetQueueUrl") as stub:
        stub.add_response("get_queue_url", {"QueueUrl": URL}, {"QueueName": "franked-events"})
        asked = {"QueueUrl": URL, "AttributeNames": names}
        stub.add_response("get_queue_attributes", {"Attributes": said}, asked)
        assert await control.queue("franked-events") == Queue(QUEUE, URL, "", f"{QUEUE}-dead", 5, 7)
        stub.add_client_error("get_queue_url", "AWS.SimpleQueueService.NonExistentQueue", http_status_code=400)
        assert await control.queue("none") is None


async def test_alarms_and_a_dashboard_of_cloudwatch(control: AwsControl) -> None:
    with stubbed(control, "cloudwatch:DescribeAlarms") as stub:
        page = {"MetricAlarms": [{"AlarmName": "franked-a"}, {"AlarmName": "franked-b"}]}
        stub.add_response("describe_alarms", page, {"AlarmNamePrefix": "franked-", "AlarmTypes": ["MetricAlarm"]})
        assert await control.alarms("franked-") == {"franked-a", "franked-b"}
        stub.add_response("get_dashboard", {"DashboardBody": "{}"}, {"DashboardName": "franked"})
        assert await control.dashboard("franked") == "{}"
        stub.add_client_error("get_dashboard", "ResourceNotFound", http_status_code=404)
        assert await control.dashboard("none") is None


async def test_e10_quotas_and_what_was_asked_for(control: AwsControl) -> None:
    with stubbed(control, "servicequotas:ListServiceQuotas") as stub:
        quotas = [
            {"QuotaCode": "L-804C8AE8", "QuotaName": "Sending quota", "Value": 200.0},
            {"QuotaCode": "L-CDEF9B6B", "QuotaName": "Sending rate", "Value": 1.0},
            {"QuotaCode": "L-00000000"},
        ]
        stub.add_response("list_service_quotas", {"Quotas": quotas}, {"ServiceCode": "ses"})
        found = await control.quotas()
        assert found == [Quota("L-804C8AE8", "Sending quota", 200.0), Quota("L-CDEF9B6B", "Sending rate", 1.0)]
        old = {
            "QuotaCode": "L-804C8AE8",
            "QuotaName": "Sending quota",
            "DesiredValue": 500.0,
            "Status": "DENIED",
            "CaseId": "17",
            "Created": NOON,
        }
        new = old | {"Status": "CASE_OPENED", "Created": NOON.replace(hour=13)}
        page = {"RequestedQuotas": [old, new]}
        stub.add_response("list_requested_service_quota_change_history", page, {"ServiceCode": "ses"})
        increases = await control.increases()
        assert [(one.status, one.is_open, one.case) for one in increases] == [
            ("CASE_OPENED", True, "17"),
            ("DENIED", False, "17"),
        ]


def test_a_quota_is_looked_up_by_its_name_whatever_its_case() -> None:
    quotas = [Quota("L-2", "Sending quota for another thing", 5.0), Quota("L-1", "SENDING  Quota", 200.0)]
    assert at_aws.quota_named(quotas, at_aws.SENDING_QUOTA) == quotas[1]
    assert at_aws.quota_named(quotas, at_aws.SENDING_RATE) is None


async def test_aws_that_names_no_account_is_said(control: AwsControl) -> None:
    with stubbed(control, "sts:GetCallerIdentity") as stub:
        stub.add_response("get_caller_identity", {"Account": "111122223333"}, {})
        assert await control.caller() == "111122223333"
        stub.add_response("get_caller_identity", {"Account": "../.."}, {})
        with pytest.raises(ControlUnreadable, match="AWS named no account"):
            await control.caller()


# --- steps ------------------------------------------------------------------------------------------------------------

SET = {"ConfigurationSetName": "tx"}
LED = {"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": TOPIC}}
WIRES: Mapping[steps.Step, dict[str, Any]] = {
    steps.NewIdentity("example.com"): {
        "EmailIdentity": "example.com",
        "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
    },
    steps.NewIdentity("ops@example.com"): {"EmailIdentity": "ops@example.com"},
    steps.DkimAgain("example.com"): {
        "EmailIdentity": "example.com",
        "SigningAttributesOrigin": "AWS_SES",
        "SigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
    },
    steps.DkimOn("example.com"): {"EmailIdentity": "example.com", "SigningEnabled": True},
    steps.NewMailFrom("example.com", "bounce.example.com"): {
        "EmailIdentity": "example.com",
        "MailFromDomain": "bounce.example.com",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    },
    steps.DefaultSet("example.com", "tx"): {"EmailIdentity": "example.com", "ConfigurationSetName": "tx"},
    steps.NewTopic(TOPIC, "{}"): {"Name": "franked-events", "Attributes": {"Policy": "{}"}},
    steps.TopicPolicy(TOPIC, "{}"): {"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": "{}"},
    steps.NewQueue("q", (("MessageRetentionPeriod", "60"),)): {
        "QueueName": "q",
        "Attributes": {"MessageRetentionPeriod": "60"},
    },
    steps.QueueSet("q", (("Policy", "{}"),), "policy"): {"QueueUrl": URL, "Attributes": {"Policy": "{}"}},
    steps.Subscribe(TOPIC, "sqs", QUEUE): {
        "TopicArn": TOPIC,
        "Protocol": "sqs",
        "Endpoint": QUEUE,
        "ReturnSubscriptionArn": True,
    },
    steps.NewSet("tx"): SET
    | {
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    },
    steps.SetCounts("tx"): SET | {"ReputationMetricsEnabled": True},
    steps.SetSuppresses("tx"): SET | {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    steps.NewDestination("tx", "franked", TOPIC, ("BOUNCE",)): SET
    | {"EventDestinationName": "franked", "EventDestination": LED},
    steps.DestinationAgain("tx", "franked", TOPIC, ("BOUNCE",)): SET
    | {"EventDestinationName": "franked", "EventDestination": LED},
    steps.AccountSuppresses(): {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    steps.NewDashboard("franked", "{}"): {"DashboardName": "franked", "DashboardBody": "{}"},
}
ANSWERS = {
    "create_topic": {"TopicArn": TOPIC},
    "create_queue": {"QueueUrl": URL},
    "subscribe": {"SubscriptionArn": f"{TOPIC}:1"},
}


def test_every_step_has_its_wire_here() -> None:
    assert {type(one) for one in WIRES} == set(get_args(steps.Step))


@pytest.mark.parametrize("step", WIRES, ids=lambda one: one.call)
async def test_each_step_is_this_call(control: AwsControl, step: steps.Step) -> None:
    """Stubber checks the parameters against botocore's model as well."""
    operation = _operation(step.call)
    with stubbed(control, step.call) as stub:
        if isinstance(step, steps.QueueSet):
            stub.add_response("get_queue_url", {"QueueUrl": URL}, {"QueueName": "q"})
        stub.add_response(operation, ANSWERS.get(operation, {}), WIRES[step])
        await control.take(step)


def _operation(call: str) -> str:

    return xform_name(call.partition(":")[2])


async def test_what_is_there_already_is_no_error(control: AwsControl) -> None:
    with stubbed(control, "ses:CreateEmailIdentity") as stub:
        stub.add_client_error("create_email_identity", "AlreadyExistsException", http_status_code=400)
        await control.take(steps.NewIdentity("example.com"))


# --- what is asked of AWS's people ------------------------------------------------------------------------------------

DETAILS = Details("TRANSACTIONAL", "https://example.com", "EN", ("ops@example.com",), "We mail receipts.")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("ConflictException", No.UNDER_REVIEW),
        ("TooManyRequestsException", No.TOO_MANY),
        ("BadRequestException", No.BAD),
    ],
)
async def test_a_request_that_aws_does_not_take(control: AwsControl, code: str, why: No) -> None:
    with stubbed(control, "ses:PutAccountDetails", attempts=1) as stub:
        stub.add_client_error("put_account_details", code, "so it is", 400)
        assert await control.put_details(DETAILS) == NotTaken(why, "so it is")


async def test_a_request_that_aws_takes(control: AwsControl) -> None:
    asked = {
        "MailType": "TRANSACTIONAL",
        "WebsiteURL": "https://example.com",
        "ContactLanguage": "EN",
        "UseCaseDescription": "We mail receipts.",
        "AdditionalContactEmailAddresses": ["ops@example.com"],
        "ProductionAccessEnabled": True,
    }
    with stubbed(control, "ses:PutAccountDetails", attempts=1) as stub:
        stub.add_response("put_account_details", {}, asked)
        assert await control.put_details(DETAILS) is None
        bare = {name: value for name, value in asked.items() if name[0] not in "UA"}
        stub.add_response("put_account_details", {}, bare)
        assert await control.put_details(replace(DETAILS, contacts=(), use_case="")) is None


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("ResourceAlreadyExistsException", No.ALREADY_OPEN),
        ("QuotaExceededException", No.TOO_MANY),
        ("NoSuchResourceException", No.BAD),
        ("TooManyRequestsException", No.TOO_MANY),
    ],
)
async def test_e10_an_increase_that_aws_does_not_take(control: AwsControl, code: str, why: No) -> None:
    with stubbed(control, "servicequotas:RequestServiceQuotaIncrease", attempts=1) as stub:
        stub.add_client_error("request_service_quota_increase", code, "no", 400)
        assert await control.ask_increase("L-804C8AE8", 1000) == NotTaken(why, "no")


async def test_e10_an_increase_that_aws_takes(control: AwsControl) -> None:
    with stubbed(control, "servicequotas:RequestServiceQuotaIncrease", attempts=1) as stub:
        asked = {"ServiceCode": "ses", "QuotaCode": "L-804C8AE8", "DesiredValue": 1000.0}
        told = {
            "QuotaCode": "L-804C8AE8",
            "QuotaName": "Sending quota",
            "DesiredValue": 1000.0,
            "Status": "PENDING",
            "Created": NOON,
        }
        stub.add_response("request_service_quota_increase", {"RequestedQuota": told}, asked)
        taken = await control.ask_increase("L-804C8AE8", 1000.0)
        assert taken == Increase("L-804C8AE8", "Sending quota", 1000.0, "PENDING", "", NOON)


# --- what goes wrong --------------------------------------------------------------------------------------------------


async def test_who_may_not_is_told_the_call_and_the_permission(control: AwsControl) -> None:
    with stubbed(control, "sns:CreateTopic") as stub:
        stub.add_client_error("create_topic", "AuthorizationError", "not\nyours " + "x" * 5000, 403)
        with pytest.raises(ControlUnreadable) as raised:
            await control.take(steps.NewTopic(TOPIC, "{}"))
    said = str(raised.value)
    assert said.startswith("sns:CreateTopic: SNS does not allow these credentials to do this: ")
    assert said.endswith(" The permission sns:CreateTopic is missing.")
    assert "\n" not in said
    assert len(said) < 800
    assert (raised.value.call, raised.value.is_denied) == ("sns:CreateTopic", True)


async def test_an_aws_that_is_not_there_is_told(control: AwsControl) -> None:
    nowhere = AwsControl("eu-central-1", "http://127.0.0.1:9", KEYS, apart=0.0)
    with pytest.raises(ControlUnreadable, match="ses:GetAccount: SES can't be reached"):
        await nowhere.account()
    no_url = AwsControl("eu-central-1", "nonsense", KEYS, apart=0.0)
    with pytest.raises(ControlUnreadable, match="ses:GetAccount: SES can't be asked"):
        await no_url.account()


async def test_calls_are_a_second_apart_however_many_ask_at_once() -> None:
    """Here a fifth of one."""
    control = AwsControl("eu-central-1", credentials=KEYS, apart=0.2)
    with stubbed(control, "ses:GetAccount") as stub:
        for _ in range(4):
            stub.add_response("get_account", {}, {})
        began = monotonic()
        await asyncio.gather(*(control.account() for _ in range(4)))
        assert 0.6 <= monotonic() - began < 3
