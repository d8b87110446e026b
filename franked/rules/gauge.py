"""What AWS measures of the account, what of ours it shows, and which alarms stand on both."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

OURS, SES = "Franked", "AWS/SES"
PREFIX = "franked"
MINUTE, HOUR = 60, 3600  # seconds
GONE_AFTER = 10  # minutes without a word
SATURATED = 0.8  # of the sending rate, for a quarter of an hour: mail begins to wait
WAITS_LONG = 30 * MINUTE
QUOTA_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Quarter:
    """Of GetSendStatistics: a quarter of an hour of the whole account, whoever sends through it."""

    at: datetime
    attempts: int
    bounces: int
    complaints: int
    rejects: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of ours, as it stands."""

    name: str
    value: float
    unit: str = "Count"  # CloudWatch's word


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """`is_ours`: on a figure of ours, which bears the sender's domain. `missing`: what CloudWatch makes of a period
    without a figure; `ignore` leaves the alarm as it was, which is AWS's advice for rates."""

    name: str
    says: str
    metric: str
    at_least: float
    statistic: str = "Maximum"
    period: int = HOUR
    periods: int = 1
    is_ours: bool = False
    missing: str = "ignore"
    is_below: bool = False


def name_at_cloudwatch(alarm: MetricAlarm, sender: str) -> str:
    """`sender`: the domain that our own figures bear."""
    return f"{PREFIX}-{sender}-{alarm.name}" if alarm.is_ours else f"{PREFIX}-{alarm.name}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a wanted alarm: created, updated, or as it was."""

    name: str
    what: str


CREATED, UPDATED, AS_IT_WAS = "created", "updated", "as it was"


def alarms_for(rate: float) -> Iterator[MetricAlarm]:
    """`rate`: the account's, in recipients a second. A raised one raises its alarm."""
    of_rates = MetricAlarm("", "", "", 0.0)
    for tier, bounce, complaint, then in (
        ("limit", 0.05, 0.001, "AWS reviews the account from here on."),
        ("warning", 0.02, 0.0005, "AWS reviews the account at 5 % bounces and 0.1 % complaints."),
    ):
        yield replace(
            of_rates,
            name=f"ses-bounce-rate-{tier}",
            says=f"Bounces have reached {100 * bounce:g} %. {then}",
            metric="Reputation.BounceRate",
            at_least=bounce,
        )
        yield replace(
            of_rates,
            name=f"ses-complaint-rate-{tier}",
            says=f"Complaints have reached {100 * complaint:g} %. {then}",
            metric="Reputation.ComplaintRate",
            at_least=complaint,
        )
    yield MetricAlarm(
        "ses-sending-rate",
        f"For a quarter of an hour the account has sent at {SATURATED:.0%} of the rate that AWS allows.",
        "Send",
        at_least=SATURATED * rate * 5 * MINUTE,
        statistic="Sum",
        period=5 * MINUTE,
        periods=3,
        missing="notBreaching",
    )
    yield from _on_ours()


def _on_ours() -> Iterator[MetricAlarm]:
    ours = MetricAlarm("", "", "", 1.0, period=5 * MINUTE, is_ours=True)
    yield replace(ours, name="dead-letters", says="Mail has used up all its tries: franked dead.", metric="DeadLetters")
    yield replace(
        ours,
        name="oldest-queued",
        says="Mail has been due for half an hour: franked alarms says why.",
        metric="OldestQueuedSeconds",
        at_least=float(WAITS_LONG),
    )
    yield replace(
        ours,
        name="quota",
        says="Four fifths of the 24-hour quota are used up.",
        metric="QuotaShare",
        at_least=QUOTA_NEAR,
    )
    yield replace(
        ours,
        name="silent",
        says="Franked has published no figures for ten minutes: does it run?",
        metric="DeadLetters",
        statistic="SampleCount",
        period=MINUTE * GONE_AFTER,
        is_below=True,
        missing="breaching",
    )
