"""What AWS measures: as botocore asks it, of a simulated account that sends to people who bounce and complain."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from franked.backends.aws.cloudwatch import CloudWatch
from franked.backends.aws.sigv4 import Credentials
from franked.backends.local import Share
from franked.ports import GaugesUnreadable
from franked.rules.gauge import AS_IT_WAS, CREATED, UPDATED, Quarter, Reading, alarms_for
from franked.rules.rates import AwsRates
from tests.contract.test_simulator import Played, playing

KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"
SENDER = "backup.example.com"
OF_OURS = ("dead-letters", "quota", "oldest-queued")


@dataclass(slots=True)
class Measured:
    """An account of which everybody may be mailed, and what AWS measures of it."""

    played: Played
    gauges: CloudWatch
    cloudwatch: Any

    async def send(self, *recipients: str) -> None:
        for number in range(0, len(recipients), 50):
            await self.played.send(*recipients[number : number + 50])
            self.played.clock.move(seconds=1)

    async def states(self) -> dict[str, str]:
        answer = await asyncio.to_thread(self.cloudwatch.describe_alarms)
        return {one["AlarmName"].removeprefix("franked-"): one["StateValue"] for one in answer["MetricAlarms"]}


@asynccontextmanager
async def measured(folder: Path, **how: Any) -> AsyncIterator[Measured]:
    async with playing(folder, **{"production": True, "rate": 100_000.0, "quota": -1.0} | how) as played:
        url, region = played.simulator.url, "eu-central-1"
        client = boto3.client(
            "cloudwatch", region_name=region, endpoint_url=url, aws_access_key_id="any", aws_secret_access_key="any"
        )
        yield Measured(played, CloudWatch(region, SENDER, played.clock, url, KEYS), client)


def people(number: int, domain: str = "gmail.com") -> list[str]:
    return [f"p{n}@{domain}" for n in range(number)]


async def test_before_the_first_mail_there_is_nothing(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        assert await it.gauges.rates() is None
        assert await it.gauges.quarters() == []


async def test_c7_the_rates_are_of_those_who_are_gone_and_who_complained(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        it.played.simulator.people("gmail.com", Share(bounce=0.05, complaint=0.01))
        it.played.simulator.people("full.example.net", Share(full=1.0))
        await it.send(*people(1000))
        rates = await it.gauges.rates()
        assert rates is not None
        assert rates.bounce == pytest.approx(0.05, abs=0.02)
        assert rates.complaint == pytest.approx(0.01, abs=0.008)
        await it.send(*people(500, "full.example.net"))  # softly: it counts as sent
        diluted = await it.gauges.rates()
        assert diluted is not None
        assert (diluted.bounce, diluted.complaint) == pytest.approx(
            (2 / 3 * (rates.bounce or 0), 2 / 3 * (rates.complaint or 0))
        )


async def test_what_does_not_count_at_ses_does_not_count(tmp_path: Path) -> None:
    """The mailbox simulator, a domain of the account's own, and what SES's own list stops."""
    async with measured(tmp_path, verified=["example.com", "ours.example.org"]) as it:
        it.played.simulator.people("ours.example.org", Share(bounce=1.0))
        it.played.simulator.people("gmail.com", Share(bounce=1.0))
        await it.send("bounce@simulator.amazonses.com", "complaint@simulator.amazonses.com")
        assert await it.gauges.rates() is None
        await it.send(*people(10, "ours.example.org"))
        await it.send("once@gmail.com")
        await it.send("once@gmail.com")  # on the list by now
        assert [(one.attempts, one.bounces) for one in await it.gauges.quarters()] == [(11, 1)]


async def test_the_quarters_come_by_time_and_those_without_mail_are_not_there(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        begin = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
        for minutes in (0, 30, 120, 15):
            await it.send(*people(3))
            it.played.clock.move(minutes=minutes)
        assert [(one.at, one.attempts) for one in await it.gauges.quarters()] == [
            (begin, 6),
            (begin + timedelta(minutes=30), 3),
            (begin + timedelta(minutes=150), 3),
        ]


async def test_ses_may_answer_in_any_order_and_leave_out_members() -> None:
    gauges = CloudWatch("eu-central-1", SENDER, lambda: datetime.now(UTC), None, KEYS)
    later, sooner = (datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in (10, 9))
    with stubbed(gauges, "ses") as stub:
        stub.add_response(
            "get_send_statistics",
            {"SendDataPoints": [{"Timestamp": later, "DeliveryAttempts": 4, "Bounces": 1}, {"Timestamp": sooner}, {}]},
            {},
        )
        assert await gauges.quarters() == [Quarter(sooner, 0, 0, 0, 0), Quarter(later, 4, 1, 0, 0)]


async def test_of_cloudwatchs_points_the_newest_is_the_rate() -> None:
    now = datetime(2026, 3, 4, 10, 20, tzinfo=UTC)
    gauges = CloudWatch("eu-central-1", SENDER, lambda: now, None, KEYS)
    times = [now - timedelta(minutes=20), now - timedelta(minutes=5)]
    with stubbed(gauges, "cloudwatch") as stub:
        found = [{"Id": "bounce", "Timestamps": times, "Values": [0.03, 0.01]}, {"Id": "complaint", "Timestamps": []}]
        asked = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY, "ScanBy": "TimestampDescending"}
        stub.add_response("get_metric_data", {"MetricDataResults": found}, asked)
        assert await gauges.rates() == AwsRates(0.01, None, times[1])


def stubbed(gauges: CloudWatch, service: str) -> Stubber:
    stub = Stubber(gauges._connected(service))
    stub.activate()
    return stub


# --- what of ours it shows --------------------------------------------------------------------------------------------


async def test_a15_figures_of_ours_are_put_together(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        await it.gauges.publish([Reading("DeadLetters", 2.0), Reading("QuotaShare", 0.25, "None")])
        assert it.played.simulator.metric("DeadLetters") == 2.0
        answer = await asyncio.to_thread(
            it.cloudwatch.get_metric_statistics,
            Namespace="Franked",
            MetricName="QuotaShare",
            Dimensions=[{"Name": "Sender", "Value": SENDER}],
            StartTime=it.played.clock() - timedelta(hours=1),
            EndTime=it.played.clock() + timedelta(hours=1),
            Period=300,
            Statistics=["Average", "SampleCount"],
        )
        assert [(one["Average"], one["SampleCount"]) for one in answer["Datapoints"]] == [(0.25, 1.0)]


async def test_c7_alarms_are_created_once_and_updated_where_they_differ(tmp_path: Path) -> None:
    wanted = list(alarms_for(14.0))
    async with measured(tmp_path) as it:
        assert {one.what for one in await it.gauges.keep_alarms(wanted, None)} == {CREATED}
        assert {one.what for one in await it.gauges.keep_alarms(wanted, None)} == {AS_IT_WAS}
        raised = await it.gauges.keep_alarms(list(alarms_for(50.0)), None)
        assert [one.name for one in raised if one.what == UPDATED] == ["franked-ses-sending-rate"]  # C16
        assert {one.what for one in await it.gauges.keep_alarms(list(alarms_for(50.0)), TOPIC)} == {UPDATED}
        answer = await asyncio.to_thread(it.cloudwatch.describe_alarms, AlarmNamePrefix="franked-ses-")
        put = {one["AlarmName"]: one for one in answer["MetricAlarms"]}
        limit = put["franked-ses-bounce-rate-limit"]
        assert (limit["Namespace"], limit["MetricName"], limit["Threshold"]) == (
            "AWS/SES",
            "Reputation.BounceRate",
            0.05,
        )
        assert limit["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert (limit["TreatMissingData"], limit["AlarmActions"]) == ("ignore", [TOPIC])
        assert put["franked-ses-complaint-rate-limit"]["Threshold"] == 0.001
        assert put["franked-ses-bounce-rate-warning"]["Threshold"] == 0.02
        assert put["franked-ses-complaint-rate-warning"]["Threshold"] == 0.0005


async def test_c7_each_alarm_rings_at_its_threshold(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        await it.gauges.keep_alarms(list(alarms_for(0.8)), None)
        await it.gauges.publish([Reading("DeadLetters", 0.0), Reading("QuotaShare", 0.79, "None")])
        await it.send(*people(100))
        quiet = await it.states()
        assert {name for name, state in quiet.items() if state == "ALARM"} == set()
        await it.gauges.publish(
            [Reading("DeadLetters", 1.0), Reading("QuotaShare", 0.8, "None"), Reading("OldestQueuedSeconds", 1800.0)]
        )
        it.played.simulator.people("gone.example.net", Share(bounce=1.0))
        await it.send(*people(3, "gone.example.net"))
        rung = {name for name, state in (await it.states()).items() if state == "ALARM"}
        assert rung == {"ses-bounce-rate-warning"} | {f"{SENDER}-{of}" for of in OF_OURS}
        for _ in range(17):
            await it.send(*people(50))
            it.played.clock.move(seconds=59)
        assert (await it.states())["ses-sending-rate"] == "ALARM"
        it.played.clock.move(minutes=11)
        assert (await it.states())[f"{SENDER}-silent"] == "ALARM"


async def test_a_state_that_was_set_holds_until_it_is_looked_at_again(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        await it.gauges.keep_alarms(list(alarms_for(14.0)), None)
        await it.send(*people(10))
        said = {"AlarmName": "franked-ses-bounce-rate-limit", "StateValue": "ALARM", "StateReason": "a test"}
        await asyncio.to_thread(it.cloudwatch.set_alarm_state, **said)
        assert (await it.states())["ses-bounce-rate-limit"] == "ALARM"
        it.played.clock.move(hours=1)
        await it.send(*people(10))
        assert (await it.states())["ses-bounce-rate-limit"] == "OK"
        with pytest.raises(ClientError, match="ResourceNotFound"):
            await asyncio.to_thread(it.cloudwatch.set_alarm_state, **said | {"AlarmName": "nobody"})


async def test_an_alarm_is_set_off_for_a_test_once_it_is_there(tmp_path: Path) -> None:
    async with measured(tmp_path) as it:
        assert "franked alarms --cloudwatch creates it" in await it.gauges.ring("dead-letters")
        await it.gauges.keep_alarms(list(alarms_for(14.0)), None)
        assert (await it.gauges.ring("dead-letters")).startswith(f"franked-{SENDER}-dead-letters was set off")
        assert (await it.states())[f"{SENDER}-dead-letters"] == "ALARM"


async def test_who_may_not_ask_is_told_so() -> None:
    gauges = CloudWatch("eu-central-1", SENDER, lambda: datetime.now(UTC), None, KEYS)
    with stubbed(gauges, "cloudwatch") as stub:
        stub.add_client_error("put_metric_data", "AccessDenied", "not yours", 403)
        with pytest.raises(GaugesUnreadable, match="CloudWatch does not allow these credentials"):
            await gauges.publish([Reading("DeadLetters", 1.0)])


async def test_what_cannot_be_reached_is_told_so() -> None:
    gauges = CloudWatch("eu-central-1", SENDER, lambda: datetime.now(UTC), "http://127.0.0.1:9", KEYS)
    with pytest.raises(GaugesUnreadable, match="can't be reached"):
        await gauges.quarters()


def test_those_on_figures_of_ours_are_told_apart() -> None:
    ours = [one for one in alarms_for(14.0) if one.is_ours]
    assert {one.name for one in ours} == {"dead-letters", "oldest-queued", "quota", "silent"}
