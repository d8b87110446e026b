"""What AWS measures of the account, and our own figures and alarms in CloudWatch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from franked.backends.aws.boto import config, connect, in_thread, sentence
from franked.backends.aws.sigv4 import Credentials
from franked.ports import GaugesUnreadable
from franked.rules.gauge import (
    AS_IT_WAS,
    CREATED,
    OURS,
    PREFIX,
    SES,
    UPDATED,
    Kept,
    MetricAlarm,
    Quarter,
    Reading,
    name_at_cloudwatch,
)
from franked.rules.rates import AwsRates

T = TypeVar("T")
Wire = Mapping[str, Any]

LOOKS_BACK = timedelta(days=3)  # the rates have points only where something was sent
PERIOD = 900  # seconds
RATES = {"bounce": "Reputation.BounceRate", "complaint": "Reputation.ComplaintRate"}
DIMENSION = "Sender"


class CloudWatch:
    """The port `Gauges`. `sender`: the domain that our own figures bear, for a Region may have several Frankeds."""

    def __init__(
        self,
        region: str,
        sender: str,
        now: Callable[[], datetime],
        endpoint: str | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        """`endpoint`: the simulator's; None: what botocore finds. `credentials` None: botocore's chain."""
        self._region, self._sender, self._now = region, sender, now
        self._endpoint, self._credentials = endpoint, credentials
        self._clients: dict[str, Any] = {}

    async def rates(self) -> AwsRates | None:
        return await in_thread(lambda: self._asked("cloudwatch", self._rates))

    async def quarters(self) -> Sequence[Quarter]:
        return await in_thread(lambda: self._asked("ses", _quarters))

    async def publish(self, readings: Sequence[Reading]) -> None:
        await in_thread(lambda: self._asked("cloudwatch", lambda client: self._publish(client, readings)))

    async def keep_alarms(self, wanted: Sequence[MetricAlarm], topic: str | None) -> list[Kept]:
        return await in_thread(lambda: self._asked("cloudwatch", lambda client: self._keep(client, wanted, topic)))

    def _asked(self, service: str, question: Callable[[Any], T]) -> T:
        try:
            return question(self._connected(service))
        except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: an endpoint that is no URL
            self._clients.clear()  # the next one finds credentials that were changed meanwhile
            raise GaugesUnreadable(_why(error, "SES" if service == "ses" else "CloudWatch")) from error

    def _connected(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = connect(
                service, self._region, self._endpoint, self._credentials, config(read_timeout=10)
            )
        return self._clients[service]

    # what AWS measures

    def _rates(self, client: Any) -> AwsRates | None:
        now = self._now()
        answer = client.get_metric_data(
            MetricDataQueries=[_query(id_, metric) for id_, metric in RATES.items()],
            StartTime=now - LOOKS_BACK,
            EndTime=now + timedelta(minutes=1),
            ScanBy="TimestampDescending",
        )
        newest = {one["Id"]: _newest(one) for one in answer.get("MetricDataResults", [])}
        bounce, complaint = newest.get("bounce"), newest.get("complaint")
        times = [one[0] for one in (bounce, complaint) if one]
        return AwsRates(bounce and bounce[1], complaint and complaint[1], max(times)) if times else None

    # what of ours it shows

    def _publish(self, client: Any, readings: Sequence[Reading]) -> None:
        now = self._now()
        data = [
            {
                "MetricName": one.name,
                "Value": one.value,
                "Unit": one.unit,
                "Timestamp": now,
                "Dimensions": self._of_us(),
            }
            for one in readings
        ]
        client.put_metric_data(Namespace=OURS, MetricData=data)

    async def ring(self, name: str) -> str:
        def set_off(client: Any) -> str:
            said = {"StateValue": "ALARM", "StateReason": "franked alarms test"}
            try:
                client.set_alarm_state(AlarmName=self._name(name), **said)
            except client.exceptions.ResourceNotFound:
                return f"there is no {self._name(name)} yet: franked alarms --cloudwatch creates it"
            return f"{self._name(name)} was set off; CloudWatch ends it by itself"

        return await in_thread(lambda: self._asked("cloudwatch", set_off))

    def _name(self, of_ours: str) -> str:
        return f"{PREFIX}-{self._sender}-{of_ours}"

    def _of_us(self) -> list[dict[str, str]]:
        return [{"Name": DIMENSION, "Value": self._sender}]

    def _keep(self, client: Any, wanted: Sequence[MetricAlarm], topic: str | None) -> list[Kept]:
        """Only what is new or another is put: an alarm that is put again is looked at anew."""
        wires = [self._wire(one, topic) for one in wanted]
        answer = client.describe_alarms(AlarmNames=[one["AlarmName"] for one in wires])
        known = {one["AlarmName"]: one for one in answer.get("MetricAlarms", [])}
        return [_put(client, wire, known.get(wire["AlarmName"])) for wire in wires]

    def _wire(self, one: MetricAlarm, topic: str | None) -> dict[str, Any]:
        return {
            "AlarmName": name_at_cloudwatch(one, self._sender),
            "AlarmDescription": one.says,
            "ActionsEnabled": True,
            "AlarmActions": [topic] if topic else [],
            "OKActions": [topic] if topic else [],
            "MetricName": one.metric,
            "Namespace": OURS if one.is_ours else SES,
            "Statistic": one.statistic,
            "Dimensions": self._of_us() if one.is_ours else [],
            "Period": one.period,
            "EvaluationPeriods": one.periods,
            "Threshold": one.at_least,
            "ComparisonOperator": "LessThanThreshold" if one.is_below else "GreaterThanOrEqualToThreshold",
            "TreatMissingData": one.missing,
        }


def _put(client: Any, wire: Wire, known: Wire | None) -> Kept:
    name = str(wire["AlarmName"])
    if known is not None and all(known.get(member, []) == value for member, value in wire.items()):
        return Kept(name, AS_IT_WAS)
    client.put_metric_alarm(**wire)
    return Kept(name, CREATED if known is None else UPDATED)


def _query(id_: str, metric: str) -> dict[str, Any]:
    stat = {"Metric": {"Namespace": SES, "MetricName": metric}, "Period": PERIOD, "Stat": "Maximum"}
    return {"Id": id_, "MetricStat": stat, "ReturnData": True}


def _newest(result: Wire) -> tuple[datetime, float] | None:
    points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
    found = [(at.astimezone(UTC), float(value)) for at, value in points]
    return max(found, default=None)


def _quarters(client: Any) -> list[Quarter]:
    """By time: SES sorts nothing."""
    return sorted(_read(client.get_send_statistics().get("SendDataPoints", [])), key=lambda one: one.at)


def _read(points: Sequence[Wire]) -> Iterator[Quarter]:
    for one in points:
        if at := one.get("Timestamp"):
            counted = (one.get(name, 0) for name in ("DeliveryAttempts", "Bounces", "Complaints", "Rejects"))
            yield Quarter(at.astimezone(UTC), *counted)


def _why(error: BotoCoreError | ClientError | ValueError, who: str) -> str:
    return f"{who} can't be asked: {error}" if isinstance(error, ValueError) else sentence(error, who)
