"""CloudWatch's memory: metrics that were put, those that SES puts by itself, and the alarms on them.

An alarm's state is looked at when somebody asks for it. No action is taken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from franked.backends.local.statistics import Counted, Statistics

SES = "AWS/SES"
KEPT_FOR = timedelta(days=15)
_OF_SES: Mapping[str, Callable[[Counted], float]] = {
    "Send": attrgetter("sent"),
    "Delivery": attrgetter("delivered"),
    "Bounce": attrgetter("bounced"),
    "Complaint": attrgetter("complained"),
    "Reputation.BounceRate": attrgetter("bounce_rate"),
    "Reputation.ComplaintRate": attrgetter("complaint_rate"),
}
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": lambda values: float(sum(values)),
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "SampleCount": lambda values: float(len(values)),
}
_COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
OK, ALARM, UNKNOWN = "OK", "ALARM", "INSUFFICIENT_DATA"
_WHEN_MISSING = {"breaching": ALARM, "notBreaching": OK, "missing": UNKNOWN}  # and with `ignore` it stays as it was

Sample = tuple[datetime, float]
Dimensions = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Name:
    namespace: str
    metric: str
    dimensions: Dimensions = frozenset()

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> "Name":
        pairs = frozenset((one["Name"], one["Value"]) for one in wire.get("Dimensions", []))
        return cls(wire["Namespace"], wire["MetricName"], pairs)


@dataclass(slots=True)
class Alarm:
    """As it was put. A state that was set holds for one period."""

    wire: Mapping[str, Any]
    changed_at: datetime
    state: str = UNKNOWN
    reason: str = "Unchecked: Initial alarm creation"
    state_at: datetime | None = None
    set_until: datetime | None = None


@dataclass(slots=True)
class Metrics:
    statistics: Statistics
    samples: dict[Name, list[Sample]] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)

    def put(self, name: Name, value: float, at: datetime) -> None:
        kept = [one for one in self.samples.get(name, []) if one[0] > at - KEPT_FOR]
        self.samples[name] = [*kept, (at, value)]

    def points(self, name: Name, begin: datetime, end: datetime, period: int, statistic: str) -> list[Sample]:
        """By time; a period without samples has none."""
        found: dict[datetime, list[float]] = {}
        for at, value in self._samples(name):
            if begin <= at < end:
                found.setdefault(at - timedelta(seconds=at.timestamp() % period), []).append(value)
        return [(at, _STATISTICS[statistic](values)) for at, values in sorted(found.items())]

    def put_alarm(self, wire: Mapping[str, Any], now: datetime) -> None:
        """One of the same name takes its place and keeps its state."""
        before = self.alarms.get(wire["AlarmName"])
        stands = (before.state, before.reason, before.state_at) if before else ()
        self.alarms[wire["AlarmName"]] = Alarm(wire, now, *stands)

    def set_state(self, name: str, state: str, reason: str, now: datetime) -> bool:
        alarm = self.alarms.get(name)
        if alarm is None:
            return False
        alarm.state, alarm.reason, alarm.state_at = state, reason, now
        alarm.set_until = now + timedelta(seconds=alarm.wire["Period"])
        return True

    def looked_at(self, name: str, now: datetime) -> Alarm:
        alarm = self.alarms[name]
        if alarm.set_until is None or now >= alarm.set_until:
            state = self._state(alarm, now)
            if state != alarm.state:
                alarm.state, alarm.state_at, alarm.reason = state, now, f"Threshold Crossed: {state}"
        return alarm

    def _state(self, alarm: Alarm, now: datetime) -> str:
        wire = alarm.wire
        missing = wire.get("TreatMissingData", "missing")
        values = list(self._periods(wire, now))
        if all(value is None for value in values):
            return _WHEN_MISSING.get(missing, alarm.state)
        is_breach = _COMPARES[wire["ComparisonOperator"]]
        breaches = [
            missing == "breaching" if value is None else is_breach(value, wire["Threshold"]) for value in values
        ]
        return ALARM if sum(breaches) >= wire.get("DatapointsToAlarm", len(values)) else OK

    def _periods(self, wire: Mapping[str, Any], now: datetime) -> Iterator[float | None]:
        """The last ones, the newest first."""
        length = timedelta(seconds=wire["Period"])
        samples = list(self._samples(Name.of(wire)))
        for number in range(wire["EvaluationPeriods"]):
            end = now - number * length
            values = [value for at, value in samples if end - length < at <= end]
            yield _STATISTICS[wire["Statistic"]](values) if values else None

    def _samples(self, name: Name) -> Iterator[Sample]:
        of_ses = _OF_SES.get(name.metric)
        if name.namespace != SES:
            yield from self.samples.get(name, [])
        elif of_ses and not name.dimensions:
            yield from ((at, of_ses(one)) for at, one in self.statistics.minutes.items())
