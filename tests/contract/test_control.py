"""What AWS has for us, as botocore asks it of the simulated account (B8, D10)."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from franked.backends.aws.cloudwatch import CloudWatch
from franked.backends.aws.control import AwsControl
from franked.backends.aws.sigv4 import Credentials
from franked.backends.local.office import EVENT_TYPES
from franked.outside import ControlUnreadable
from franked.rules.at_aws import (
    BOTH_REASONS,
    SENDING_QUOTA,
    SENDING_RATE,
    Destination,
    Details,
    Dkim,
    Increase,
    No,
    NotTaken,
    Quota,
    Record,
    Review,
    SesAccount,
    SesSet,
    Subscription,
    quota_named,
    statements,
)
from franked.rules.gauge import alarms_for
from franked.rules.policies import with_ses
from franked.rules.steps import (
    AccountSuppresses,
    DestinationAgain,
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
    Subscribe,
    TopicPolicy,
)
from tests.contract.test_simulator import Played, playing

KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
DOMAIN = "mail.example.org"


@dataclass(slots=True)
class Zone:
    """What SES sees of the DNS; `silent`: nobody answers."""

    records: set[Record] = field(default_factory=set)
    silent: bool = False

    async def has(self, records: Sequence[Record]) -> bool | None:
        return None if self.silent else self.records.issuperset(records)


@dataclass(slots=True)
class AtAws:
    played: Played
    control: AwsControl
    zone: Zone


@asynccontextmanager
async def at_aws(folder: Path, **how: Any) -> AsyncIterator[AtAws]:
    """An account that has nothing yet, in its sandbox."""
    zone = Zone()
    chosen: dict[str, Any] = {"verified": [], "bare": True, "resolver": zone} | how
    async with playing(folder, **chosen) as played:
        yield AtAws(played, AwsControl("eu-central-1", played.simulator.url, KEYS, apart=0.0), zone)


async def test_b8_a_domain_is_pending_until_the_dns_has_its_three_cnames(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        assert await it.control.identity(DOMAIN) is None
        await it.control.take(NewIdentity(DOMAIN))
        await it.control.take(NewIdentity(DOMAIN))  # twice is once
        waiting = await it.control.identity(DOMAIN)
        assert waiting is not None
        assert (waiting.is_domain, waiting.verified, waiting.status) == (True, False, "PENDING")
        assert waiting.dkim == Dkim("PENDING", True, waiting.dkim.tokens, "dkim.amazonses.com", 2048, "AWS_SES")
        first, second, third = waiting.dkim_records
        token = waiting.dkim.tokens[0]
        assert first == Record(f"{token}._domainkey.{DOMAIN}", "CNAME", f"{token}.dkim.amazonses.com")
        it.zone.records = {first, second}
        assert not _verified(await it.control.identity(DOMAIN))
        it.zone.records.add(third)
        proven = await it.control.identity(DOMAIN)
        assert proven is not None
        assert (proven.verified, proven.status, proven.dkim.status) == (True, "SUCCESS", "SUCCESS")


async def test_b8_mail_from_is_pending_until_the_dns_has_mx_and_spf(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        await it.control.take(NewIdentity(DOMAIN))
        await it.control.take(NewMailFrom(DOMAIN, f"bounce.{DOMAIN}"))
        assert await _mail_from(it) == (f"bounce.{DOMAIN}", "PENDING", "USE_DEFAULT_VALUE")
        it.zone.records = {
            Record(f"bounce.{DOMAIN}", "MX", "10 feedback-smtp.eu-central-1.amazonses.com"),
            Record(f"bounce.{DOMAIN}", "TXT", "v=spf1 include:amazonses.com ~all"),
        }
        assert (await _mail_from(it))[1] == "SUCCESS"
        it.zone.silent = True
        assert (await _mail_from(it))[1] == "SUCCESS"  # nobody can tell: as it was
        it.zone.silent, it.zone.records = False, set()
        assert (await _mail_from(it))[1] == "TEMPORARY_FAILURE"


async def _mail_from(it: AtAws) -> tuple[str, str, str]:
    found = await it.control.identity(DOMAIN)
    assert found is not None
    assert found.mail_from is not None
    return found.mail_from.domain, found.mail_from.status, found.mail_from.on_mx_failure


def _verified(found: Any) -> bool:
    return bool(found.verified)


# --- events -----------------------------------------------------------------------------------------------------------

TOPIC = "arn:aws:sns:eu-central-1:111122223333:franked-events"
POLICY = with_ses("", TOPIC, "111122223333")
KINDS = ("BOUNCE", "COMPLAINT")


async def test_a_set_publishes_nothing_until_it_has_an_event_destination(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        assert await it.control.configuration_set("tx") is None
        await it.control.take(NewSet("tx"))
        fresh = SesSet("tx", sends=True, counts_reputation=True, reasons=BOTH_REASONS)
        assert await it.control.configuration_set("tx") == fresh
        with pytest.raises(ControlUnreadable, match=r"ses:CreateConfigurationSetEventDestination: .*not found"):
            await it.control.take(NewDestination("tx", "franked", TOPIC, KINDS))
        await it.control.take(NewTopic(TOPIC, POLICY))
        await it.control.take(NewDestination("tx", "franked", TOPIC, KINDS))
        await it.control.take(NewDestination("tx", "franked", TOPIC, KINDS))
        led = Destination("franked", is_on=True, kinds=frozenset(KINDS), topic=TOPIC)
        assert await it.control.configuration_set("tx") == replace(fresh, destinations=(led,))
        await it.control.take(DestinationAgain("tx", "franked", TOPIC, (*KINDS, "DELIVERY")))
        found = await it.control.configuration_set("tx")
        assert found is not None
        assert found.kinds_to([TOPIC]) == {"BOUNCE", "COMPLAINT", "DELIVERY"}
        assert found.kinds_to(["arn:of:another"]) == frozenset()
        assert it.played.simulator.office.published("tx") == {"BOUNCE", "COMPLAINT", "DELIVERY"}


async def test_ses_does_not_publish_to_a_topic_that_does_not_let_it(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        await it.control.take(NewSet("tx"))
        await it.control.take(NewTopic(TOPIC, "{}"))
        with pytest.raises(ControlUnreadable, match="permission to publish"):
            await it.control.take(NewDestination("tx", "franked", TOPIC, KINDS))
        await it.control.take(TopicPolicy(TOPIC, POLICY))
        await it.control.take(NewDestination("tx", "franked", TOPIC, KINDS))


async def test_a_set_may_be_put_right(tmp_path: Path) -> None:
    async with at_aws(tmp_path, configuration_sets=["old"]) as it:
        await it.played.ask("create_configuration_set", ConfigurationSetName="poor")
        await it.played.ask(
            "put_configuration_set_suppression_options", ConfigurationSetName="poor", SuppressedReasons=[]
        )
        poor = await it.control.configuration_set("poor")
        assert poor == SesSet("poor", sends=True, counts_reputation=False, reasons=frozenset())
        await it.control.take(SetCounts("poor"))
        await it.control.take(SetSuppresses("poor"))
        assert await it.control.configuration_set("poor") == SesSet("poor", True, True, BOTH_REASONS)
        old = await it.control.configuration_set("old")
        assert old is not None
        assert (old.reasons, old.kinds_to([it.played.simulator.topic_arn])) == (None, frozenset(EVENT_TYPES))


# --- the account ------------------------------------------------------------------------------------------------------


async def test_c11_the_sandbox_as_the_account_tells_it(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        assert await it.control.account() == SesAccount(
            production=False,
            sending_enabled=True,
            enforcement="HEALTHY",
            rate=1.0,
            quota=200.0,
            sent_24h=0.0,
            reasons=BOTH_REASONS,
            details=None,
        )
        it.played.simulator.suppressed.honour([])
        assert (await it.control.account()).reasons == frozenset()
        await it.control.take(AccountSuppresses())
        assert (await it.control.account()).reasons == BOTH_REASONS
        assert await it.control.caller() == "111122223333"


ASKED = Details("TRANSACTIONAL", "https://backup.example.com", "EN", ("ops@example.com",), "We mail receipts.")


async def review_of(it: AtAws) -> Review | None:
    details = (await it.control.account()).details
    return details.review if details else None


async def test_a_request_is_pending_until_aws_answers_and_cannot_be_sent_again(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        assert await it.control.put_details(ASKED) is None
        told = (await it.control.account()).details
        assert told is not None
        assert told == replace(ASKED, review=Review.PENDING, case=told.case)
        assert told.case.isdecimal()
        again = await it.control.put_details(ASKED)
        assert isinstance(again, NotTaken)
        assert again.why is No.UNDER_REVIEW


async def test_after_a_denial_it_cannot_be_sent_again_and_after_a_failure_it_can(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        await it.control.put_details(ASKED)
        it.played.simulator.review("FAILED")
        assert await review_of(it) is Review.FAILED
        assert await it.control.put_details(ASKED) is None
        it.played.simulator.review("DENIED", "no website")
        assert await review_of(it) is Review.DENIED
        refused = await it.control.put_details(ASKED)
        assert isinstance(refused, NotTaken)
        assert refused.why is No.UNDER_REVIEW
        assert "no website" not in refused.said  # the API does not tell why
        it.played.simulator.review("PENDING")  # the case was answered
        assert await review_of(it) is Review.PENDING
        assert (await it.control.account()).production is False


async def test_c16_a_grant_is_in_force_at_once_and_stays(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        with pytest.raises(ValueError, match="nobody has asked"):
            it.played.simulator.review("GRANTED")
        await it.control.put_details(ASKED)
        it.played.simulator.review("GRANTED", rate=14, quota=50_000)
        account = await it.control.account()
        assert (account.production, account.rate, account.quota) == (True, 14.0, 50_000.0)
        assert account.details is not None
        assert account.details.review is Review.GRANTED
    async with at_aws(tmp_path) as it:
        assert await review_of(it) is Review.GRANTED
        assert (await it.control.account()).production


async def test_what_aws_would_not_take_comes_back_in_its_words(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        bad = await it.control.put_details(replace(ASKED, contacts=("nobody",)))
        assert isinstance(bad, NotTaken)
        assert bad.why is No.BAD
        assert "validation error" in bad.said


# --- quotas -----------------------------------------------------------------------------------------------------------


async def test_e10_a_quota_is_found_by_its_name_and_asked_for_once(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        quotas = await it.control.quotas()
        daily, rate = quota_named(quotas, SENDING_QUOTA), quota_named(quotas, SENDING_RATE)
        assert daily == Quota("L-804C8AE8", "Sending quota", 200.0)
        assert rate == Quota("L-CDEF9B6B", "Sending rate", 1.0)
        asked = await it.control.ask_increase(daily.code, 1000)
        assert isinstance(asked, Increase)
        assert (asked.name, asked.desired, asked.status, asked.is_open) == ("Sending quota", 1000.0, "PENDING", True)
        again = await it.control.ask_increase(daily.code, 1000)
        assert isinstance(again, NotTaken)
        assert again.why is No.ALREADY_OPEN
        nothing = await it.control.ask_increase("L-00000000", 1000)
        assert isinstance(nothing, NotTaken)
        assert nothing.why is No.BAD
        it.played.clock.move(hours=1)
        assert isinstance(await it.control.ask_increase(rate.code, 5), Increase)
        assert [one.name for one in await it.control.increases()] == ["Sending rate", "Sending quota"]
        it.played.simulator.decide_increase(daily.code, "APPROVED")
        assert (await it.control.account()).quota == 1000.0
        assert [one.status for one in await it.control.increases()] == ["PENDING", "APPROVED"]


async def test_a_dashboard_and_alarms(tmp_path: Path) -> None:
    async with at_aws(tmp_path) as it:
        assert await it.control.dashboard("franked") is None
        await it.control.take(NewDashboard("franked", '{"widgets": []}'))
        assert await it.control.dashboard("franked") == '{"widgets": []}'
        assert await it.control.alarms("franked-") == frozenset()
        gauges = CloudWatch("eu-central-1", DOMAIN, it.played.clock, it.played.simulator.url, KEYS)
        await gauges.keep_alarms(list(alarms_for(14.0))[:2], None)
        assert await it.control.alarms("franked-") == {
            "franked-ses-bounce-rate-limit",
            "franked-ses-complaint-rate-limit",
        }


# --- topics and queues: as the simulated account has them, and moto's -------------------------------------------------


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(params=["simulator", "moto"])
async def topics(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AwsControl]:
    if request.param == "moto":
        yield AwsControl("eu-central-1", request.getfixturevalue("moto"), KEYS, apart=0.0)
        return
    async with at_aws(tmp_path) as it:
        yield it.control


async def test_events_find_their_way_to_a_queue_with_dead_letters(topics: AwsControl) -> None:
    account = await topics.caller()
    arn, queue, dead = (
        f"arn:aws:{one}:eu-central-1:{account}:franked-{what}"
        for one, what in (("sns", "events"), ("sqs", "events"), ("sqs", "events-dead"))
    )
    assert await topics.topic(arn) is None
    assert await topics.queue("franked-events") is None
    policy, redrive = '{"Statement":[]}', json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5})
    for _ in range(2):
        await topics.take(NewTopic(arn, policy))
        await topics.take(NewQueue("franked-events-dead", (("MessageRetentionPeriod", "1209600"),)))
        await topics.take(NewQueue("franked-events", (("RedrivePolicy", redrive),)))
        await topics.take(Subscribe(arn, "sqs", queue))
    allowed = '{"Statement":[{"Effect":"Allow","Action":"sqs:SendMessage"}]}'
    await topics.take(QueueSet("franked-events", (("Policy", allowed),), "policy"))
    found = await topics.queue("franked-events")
    assert found is not None
    assert (found.arn, found.dead_letters, found.tries, found.waiting) == (queue, dead, 5, 0)
    assert statements(found.policy)[0]["Action"] == "sqs:SendMessage"
    topic = await topics.topic(arn)
    assert topic is not None
    assert (topic.policy, topic.subscriptions) == (policy, (Subscription("sqs", queue, confirmed=True),))
    await topics.take(TopicPolicy(arn, allowed))
    again = await topics.topic(arn)
    assert again is not None
    assert again.policy == allowed


async def test_a_webhook_is_subscribed_once_it_has_confirmed(topics: AwsControl) -> None:
    arn = f"arn:aws:sns:eu-central-1:{await topics.caller()}:other"
    await topics.take(NewTopic(arn, "{}"))
    await topics.take(Subscribe(arn, "https", "https://mail.example.com/v1/events/sns"))
    assert await topics.topic(arn) is not None


async def test_a_queue_that_is_not_there_cannot_be_set(topics: AwsControl) -> None:
    with pytest.raises(ControlUnreadable, match="sqs:SetQueueAttributes: there is no queue none"):
        await topics.take(QueueSet("none", (), "policy"))
