"""What is asked of `monitoring.REGION.amazonaws.com`, and of SES in its first version, which is XML: figures."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from franked.backends.local.answers import AwsError
from franked.backends.local.events import aws_time
from franked.backends.local.metrics import Alarm, Name
from franked.backends.local.office import Office

_XML = "http://ses.amazonaws.com/doc/2010-12-01/"
_STATISTICS = (
    f'<GetSendStatisticsResponse xmlns="{_XML}"><GetSendStatisticsResult><SendDataPoints>{{}}</SendDataPoints>'
    "</GetSendStatisticsResult><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
    "</GetSendStatisticsResponse>"
)
_POINT = (
    "<member><Timestamp>{}</Timestamp><DeliveryAttempts>{}</DeliveryAttempts><Bounces>{}</Bounces>"
    "<Complaints>{}</Complaints><Rejects>0</Rejects></member>"
)
Wire = Mapping[str, Any]


def _statistics(form: Mapping[str, str], office: Office) -> str | AwsError:
    """Not sorted, as at SES; a quarter without mail is not there."""
    points = list(office.metrics.statistics.quarters())
    mixed = points[1::2] + points[::2]
    return _STATISTICS.format(
        "".join(_POINT.format(aws_time(at), one.sent, one.bounced, one.complained) for at, one in mixed)
    )


# --- CloudWatch -------------------------------------------------------------------------------------------------------


def _put_data(wire: Wire, office: Office) -> Wire:
    for one in wire.get("MetricData", []):
        at = _moment(one["Timestamp"]) if "Timestamp" in one else office.now()
        for value in one.get("Values", [one.get("Value", 0.0)]):
            office.metrics.put(Name.of({**one, "Namespace": wire["Namespace"]}), value, at)
    return {}


def _data(wire: Wire, office: Office) -> Wire:
    begin, end = _moment(wire["StartTime"]), _moment(wire["EndTime"])
    results = []
    for query in wire["MetricDataQueries"]:
        stat = query["MetricStat"]
        points = office.metrics.points(Name.of(stat["Metric"]), begin, end, stat["Period"], stat["Stat"])
        if wire.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            points.reverse()
        results.append(
            {
                "Id": query["Id"],
                "Label": stat["Metric"]["MetricName"],
                "Timestamps": [at.timestamp() for at, _ in points],
                "Values": [value for _, value in points],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results, "Messages": []}


def _metric_statistics(wire: Wire, office: Office) -> Wire:
    begin, end = _moment(wire["StartTime"]), _moment(wire["EndTime"])
    points: dict[datetime, dict[str, Any]] = {}
    for statistic in wire.get("Statistics", []):
        for at, value in office.metrics.points(Name.of(wire), begin, end, wire["Period"], statistic):
            points.setdefault(at, {"Timestamp": at.timestamp(), "Unit": "None"})[statistic] = value
    return {"Label": wire["MetricName"], "Datapoints": list(points.values())}


def _put_alarm(wire: Wire, office: Office) -> Wire | AwsError:
    needed = ("Namespace", "MetricName", "Statistic", "Period", "Threshold", "ComparisonOperator", "EvaluationPeriods")
    if gone := [name for name in needed if name not in wire]:
        return AwsError(400, "MissingParameter", f"The parameter {gone[0]} is required.")
    office.metrics.put_alarm(wire, office.now())
    return {}


def _alarms(wire: Wire, office: Office) -> Wire:
    asked, prefix = wire.get("AlarmNames"), wire.get("AlarmNamePrefix", "")
    names = [one for one in sorted(office.metrics.alarms) if one.startswith(prefix) and (not asked or one in asked)]
    told = [_told(office.metrics.looked_at(name, office.now()), office) for name in names]
    return {"MetricAlarms": told, "CompositeAlarms": []}


def _told(alarm: Alarm, office: Office) -> Wire:
    name = alarm.wire["AlarmName"]
    return {
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
        **alarm.wire,
        "AlarmArn": f"arn:aws:cloudwatch:{office.account.region}:{office.account_id}:alarm:{name}",
        "AlarmConfigurationUpdatedTimestamp": alarm.changed_at.timestamp(),
        "StateValue": alarm.state,
        "StateReason": alarm.reason,
        "StateUpdatedTimestamp": (alarm.state_at or alarm.changed_at).timestamp(),
    }


def _set_state(wire: Wire, office: Office) -> Wire | AwsError:
    name = wire["AlarmName"]
    known = office.metrics.set_state(name, wire["StateValue"], wire["StateReason"], office.now())
    return {} if known else AwsError(404, "ResourceNotFound", f"Alarm {name} does not exist")


def _moment(said: Any) -> datetime:
    return datetime.fromtimestamp(said, UTC) if isinstance(said, int | float) else datetime.fromisoformat(said)


def _dashboard(wire: Wire, office: Office) -> Wire | AwsError:
    name = wire["DashboardName"]
    body = office.estate.book.dashboards.get(name)
    if body is None:
        return AwsError(404, "ResourceNotFound", f"Dashboard {name} does not exist")
    arn = f"arn:aws:cloudwatch::{office.account_id}:dashboard/{name}"
    return {"DashboardArn": arn, "DashboardBody": body, "DashboardName": name}


def _put_dashboard(wire: Wire, office: Office) -> Wire | AwsError:
    try:
        msgspec.json.decode(wire["DashboardBody"], type=dict[str, Any])
    except (ValueError, RecursionError):
        return AwsError(400, "InvalidParameterInput", "The field DashboardBody must be a valid JSON object")
    office.estate.book.dashboards[wire["DashboardName"]] = wire["DashboardBody"]
    office.estate.keep()
    return {"DashboardValidationMessages": []}


OPERATIONS: Mapping[str, Callable[[Wire, Office], Wire | AwsError]] = {
    "PutMetricData": _put_data,
    "GetMetricData": _data,
    "GetMetricStatistics": _metric_statistics,
    "PutMetricAlarm": _put_alarm,
    "DescribeAlarms": _alarms,
    "SetAlarmState": _set_state,
    "GetDashboard": _dashboard,
    "PutDashboard": _put_dashboard,
}
ACTIONS = {"GetSendStatistics": _statistics}
