"""What AWS has for us, over its APIs: the port `Control`."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from franked.backends.aws import reading
from franked.backends.aws.calls import SECOND, Calls, text
from franked.backends.aws.sigv4 import Credentials
from franked.backends.aws.writing import wire_of
from franked.outside import ControlUnreadable
from franked.rules.at_aws import (
    Details,
    Increase,
    No,
    NotTaken,
    Queue,
    Quota,
    SesAccount,
    SesIdentity,
    SesSet,
    SnsTopic,
)
from franked.rules.steps import QueueSet, Step

NO_SUCH = {"NotFoundException", "NotFound", "ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"}
NO_QUEUE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
THERE_ALREADY = {"AlreadyExistsException"}
MOST_PAGES = 100
SERVICE = "ses"  # of Service Quotas
_OF_A_QUEUE = ["QueueArn", "Policy", "RedrivePolicy", "ApproximateNumberOfMessages"]
_NOT_PUT = {"ConflictException": No.UNDER_REVIEW, "BadRequestException": No.BAD}
_NOT_RAISED = {
    "ResourceAlreadyExistsException": No.ALREADY_OPEN,
    "QuotaExceededException": No.TOO_MANY,  # of open requests
    "NoSuchResourceException": No.BAD,
    "IllegalArgumentException": No.BAD,
    "InvalidResourceStateException": No.BAD,
}


class AwsControl:
    def __init__(
        self,
        region: str,
        endpoint: str | None = None,
        credentials: Credentials | None = None,
        ses_endpoint: str | None = None,
        apart: float = SECOND,
    ) -> None:
        """As `Calls`."""
        self._calls = Calls(region, endpoint, credentials, ses_endpoint, apart)

    # what is there

    async def caller(self) -> str:
        said = str((await self._calls.ask("sts:GetCallerIdentity")).get("Account", ""))
        if len(said) != 12 or not said.isdecimal():
            raise ControlUnreadable("sts:GetCallerIdentity: AWS named no account", "sts:GetCallerIdentity")
        return said

    async def account(self) -> SesAccount:
        return reading.account(await self._calls.ask("ses:GetAccount"))

    async def identity(self, name: str) -> SesIdentity | None:
        said = await self._calls.ask("ses:GetEmailIdentity", NO_SUCH, EmailIdentity=name)
        return None if said is None else reading.identity(name, said)

    async def identities(self) -> Sequence[str]:
        pages = self._pages("ses:ListEmailIdentities", PageSize=100)
        return [
            text(one["IdentityName"], 320)
            async for page in pages
            for one in page.get("EmailIdentities", [])
            if one.get("IdentityName")
        ]

    async def configuration_set(self, name: str) -> SesSet | None:
        said = await self._calls.ask("ses:GetConfigurationSet", NO_SUCH, ConfigurationSetName=name)
        if said is None:
            return None
        call = "ses:GetConfigurationSetEventDestinations"
        destinations = await self._calls.ask(call, NO_SUCH, ConfigurationSetName=name)
        return reading.configuration_set(name, said, destinations or {})

    async def topic(self, arn: str) -> SnsTopic | None:
        said = await self._calls.ask("sns:GetTopicAttributes", NO_SUCH, TopicArn=arn)
        if said is None:
            return None
        pages = self._pages("sns:ListSubscriptionsByTopic", TopicArn=arn)
        found = [one async for page in pages for one in reading.subscriptions(page)]
        policy = str(said.get("Attributes", {}).get("Policy", ""))[: reading.POLICY]
        return SnsTopic(arn, policy, tuple(found))

    async def queue(self, name: str) -> Queue | None:
        url = await self._url(name)
        if url is None:
            return None
        said = await self._calls.ask("sqs:GetQueueAttributes", NO_QUEUE, QueueUrl=url, AttributeNames=_OF_A_QUEUE)
        if said is None:
            return None
        attributes = said.get("Attributes", {})
        return reading.queue(url, attributes, _json(attributes.get("RedrivePolicy")))

    async def _url(self, name: str) -> str | None:
        said = await self._calls.ask("sqs:GetQueueUrl", NO_QUEUE, QueueName=name)
        url = str(said.get("QueueUrl", "")) if said else ""
        return url or None

    async def alarms(self, prefix: str) -> frozenset[str]:
        pages = self._pages("cloudwatch:DescribeAlarms", AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"])
        return frozenset([text(one["AlarmName"]) async for page in pages for one in page.get("MetricAlarms", [])])

    async def dashboard(self, name: str) -> str | None:
        said = await self._calls.ask("cloudwatch:GetDashboard", NO_SUCH, DashboardName=name)
        return None if said is None else str(said.get("DashboardBody", ""))

    async def quotas(self) -> Sequence[Quota]:
        pages = self._pages("servicequotas:ListServiceQuotas", ServiceCode=SERVICE)
        return [one async for page in pages for one in reading.quotas(page)]

    async def increases(self) -> Sequence[Increase]:
        pages = self._pages("servicequotas:ListRequestedServiceQuotaChangeHistory", ServiceCode=SERVICE)
        found = [reading.increase(one) async for page in pages for one in page.get("RequestedQuotas", [])]
        return sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)

    async def _pages(self, call: str, **wire: Any) -> AsyncIterator[Any]:
        page = await self._calls.ask(call, **wire)
        for _ in range(MOST_PAGES):
            yield page
            token = page.get("NextToken")
            if not token:
                return
            page = await self._calls.ask(call, **wire, NextToken=token)

    # what is to be there

    async def take(self, step: Step) -> None:
        wire = wire_of(step)
        if isinstance(step, QueueSet):
            url = await self._url(step.name)
            if url is None:
                raise ControlUnreadable(f"{step.call}: there is no queue {step.name}", step.call)
            wire["QueueUrl"] = url
        await self._calls.ask(step.call, THERE_ALREADY, **wire)

    async def put_details(self, details: Details) -> NotTaken | None:
        optional = {
            "UseCaseDescription": details.use_case,
            "AdditionalContactEmailAddresses": list(details.contacts),
        }
        wire = {
            "MailType": details.mail_type,
            "WebsiteURL": details.website,
            "ContactLanguage": details.language,
            "ProductionAccessEnabled": True,
        }
        said = {name: value for name, value in optional.items() if value}
        answer = await self._calls.ask_once("ses:PutAccountDetails", _NOT_PUT, **wire, **said)
        return answer if isinstance(answer, NotTaken) else None

    async def ask_increase(self, code: str, value: float) -> Increase | NotTaken:
        wire = {"ServiceCode": SERVICE, "QuotaCode": code, "DesiredValue": value}
        answer = await self._calls.ask_once("servicequotas:RequestServiceQuotaIncrease", _NOT_RAISED, **wire)
        return answer if isinstance(answer, NotTaken) else reading.increase(answer.get("RequestedQuota", {}))


def _json(said: object) -> object:
    try:
        return json.loads(str(said)) if said else None
    except (ValueError, RecursionError):
        return None
