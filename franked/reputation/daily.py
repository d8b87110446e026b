"""The admins' report of the day before: made of the record's figures and AWS's own, mailed once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from franked.enquiry import Stop
from franked.ports import GaugesUnreadable, World
from franked.reputation.saying import mail_admins
from franked.rules.alarm import REPORT
from franked.rules.gauge import Quarter
from franked.rules.pace import NO_QUOTA
from franked.rules.rates import QUARTER
from franked.rules.report import TREND, Daily, Report, Row, begin_of, end_of, of_aws, rows_of, trend_of

MOST_LINES = 1000
_JUST_BEFORE = timedelta(milliseconds=1)


async def report_of(day: date, world: World) -> Report:
    """Raises StoreUnavailable."""
    store, begin, end = world.store, begin_of(day), end_of(day)
    total, streams = rows_of(await store.parts(begin, end - _JUST_BEFORE))
    seen = await store.seen_since(begin_of(day - timedelta(days=TREND - 1)) + QUARTER - _JUST_BEFORE)
    listed = await store.count_history(begin, end)
    standing, brake = await store.standing(world.now()), await store.brake()
    quota = standing.access.quota if standing.access else NO_QUOTA
    return Report(
        day=day,
        total=total,
        streams=streams,
        aws=of_aws(await _quarters(world), day),
        aws_rates=brake.aws,
        suppressed=listed.get("added", 0) + listed.get("replaced", 0),
        imported=listed.get("imported", 0),
        lifted=listed.get("lifted", 0),
        dead=(await store.count_stopped())[Stop.DEAD],
        used=standing.used_24h,
        quota=None if quota == NO_QUOTA else quota,
        brake=brake,
        braked=tuple(one for one in reversed(await store.brake_log(MOST_LINES)) if begin <= one.at < end),
        alarms=tuple(f"{one.key}: {one.text}" for one in await store.alarms()),
        trend=trend_of(seen, day),
    )


async def _quarters(world: World) -> list[Quarter]:
    """Nothing where AWS does not answer: the report goes all the same."""
    if world.gauges is None:
        return []
    try:
        return list(await world.gauges.quarters())
    except GaugesUnreadable as error:
        world.log("statistics_unreadable", level="warning", why=str(error))
        return []


class Reporter:
    """One process's. Which day it has reported it knows by itself; that no other process, and none before it, has
    mailed the same report the record knows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._done: date | None = None

    async def report(self) -> None:
        """Yesterday's, once its hour has come; late rather than never. Raises StoreUnavailable."""
        world, now = self._world, self._world.now()
        at, day = world.declared.watching.report_at, now.date() - timedelta(days=1)
        if at is None or now.hour < at or self._done == day or not world.declared.admins:
            return
        report = await report_of(day, world)
        if not report.is_empty:
            await mail_admins(REPORT, "report", told(report), f"report|{day.isoformat()}", world)
        self._done = day


def told(report: Report) -> Mapping[str, Any]:
    """What the template shows. Numbers stay numbers, and dates ISO's: each language writes them in its own way."""
    largest = max((one.row.sent for one in report.trend), default=0) or 1
    rates = report.aws_rates
    return {
        "day": report.day.isoformat(),
        "rows": [_cells(one) for one in report.streams],
        "total": _cells(report.total),
        "aws": report.aws and _cells(report.aws),
        "aws_rates": rates and {"bounce": _percent(rates.bounce), "complaint": _percent(rates.complaint)},
        **{name: getattr(report, name) for name in ("suppressed", "imported", "lifted", "dead", "alarms")},
        "used": round(report.used),
        "quota": report.quota and round(report.quota),
        "step": _word(report.brake.step.word),
        "because": report.brake.because,
        "braked": [(f"{one.at:%H:%M}", _word(one.what), one.why, one.by, one.action) for one in report.braked],
        "trend": [_of_trend(one, largest) for one in report.trend],
    }


def _of_trend(one: Daily, largest: int) -> Mapping[str, Any]:
    """`width`: in percent of the day with the most mail."""
    width = max(1, round(100 * one.row.sent / largest))
    return {**_cells(one.row), "day": one.day.isoformat(), "width": width}


def _cells(row: Row) -> Mapping[str, Any]:
    counted = {name: getattr(row, name) for name in ("of", "sent", "delivered", "bounced", "complained", "rejected")}
    return {
        **counted,
        "bounce_rate": _percent(row.bounce_rate),
        "complaint_rate": _percent(row.complaint_rate),
    }


def _percent(rate: float | None) -> float | None:
    """Three digits of it say enough."""
    return None if rate is None else float(f"{100 * rate:.3g}")


def _word(code: str) -> str:
    return code.replace("_", " ")
