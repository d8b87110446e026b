"""The report of a day, for the administrator."""

from datetime import date, datetime, timedelta
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.problems import no
from franked.doors.http.reputation_shapes import Rate, ToldAwsRates, ToldBrakeLine
from franked.doors.http.shapes import Moment
from franked.reputation.daily import report_of
from franked.rules.governor import BrakeLine
from franked.rules.report import KEPT_FOR, Report, Row

Day = Annotated[date | None, QueryParameter(name="day", description="one of UTC, of the last 39; without it yesterday")]
OfDay = Annotated[date, Meta(examples=["2026-03-04"])]
Count = Annotated[int, Meta(examples=[12])]


class ToldRow(Struct, frozen=True):
    """`rejected`: by SES. Rates are an estimate, and null without sends."""

    of: Annotated[str, Meta(description="a stream; `*`: all; empty: mail of others", examples=["receipt"])]
    sent: Count
    delivered: Count
    bounced: Annotated[int, Meta(description="for good", examples=[1])]
    soft_bounced: Count
    complained: Count
    rejected: Count
    bounce_rate: Rate
    complaint_rate: Rate


class ToldDay(Struct, frozen=True):
    day: OfDay
    sent: Count
    bounced: Count
    complained: Count
    bounce_rate: Rate
    complaint_rate: Rate


class ToldReport(Struct, frozen=True):
    """What was sent and came back that day; `dead`, `quota_used`, `quota` and `alarms` are of now."""

    day: OfDay
    total: ToldRow
    streams: list[ToldRow]
    aws: Annotated[
        ToldRow | None, Meta(description="what SES counted that day, whoever sent; null: nothing, or not asked")
    ]
    aws_rates: Annotated[ToldAwsRates | None, Meta(description="AWS's own, the newest")]
    suppressed: Annotated[int, Meta(description="came onto the list of suppressions that day", examples=[1])]
    imported: Count
    lifted: Count
    dead: Annotated[int, Meta(description="messages that used up their tries", examples=[0])]
    quota_used: Annotated[float, Meta(examples=[1200.0])]
    quota: Annotated[float | None, Meta(description="null: none, or not known", examples=[50000.0])]
    step: Annotated[str, Meta(description="where the governor stands", examples=["none"])]
    because: Annotated[str, Meta(examples=[""])]
    braked: Annotated[list[ToldBrakeLine], Meta(description="what it did that day, oldest first")]
    alarms: Annotated[list[str], Meta(examples=[["dead_letters: 3 messages used up all tries"]])]
    trend: Annotated[list[ToldDay], Meta(description="14 days, oldest first")]
    at: Moment


@get("/v1/report", summary="The report of a day", tags=["reputation"])
async def get_report(request: AnyRequest, day: Day = None) -> ToldReport:
    """What the admins are mailed each morning, of any of the last days."""
    world = door_of(request).world
    now = world.now()
    asked = day or now.date() - timedelta(days=1)
    if not now.date() - KEPT_FOR <= asked <= now.date():
        raise no("day", f"figures are kept from {now.date() - KEPT_FOR} to {now.date()}")
    return _told(await report_of(asked, world), now)


def _told(report: Report, now: datetime) -> ToldReport:
    rates = report.aws_rates
    return ToldReport(
        day=report.day,
        total=_row(report.total),
        streams=[_row(one) for one in report.streams],
        aws=_row(report.aws) if report.aws else None,
        aws_rates=ToldAwsRates(rates.bounce, rates.complaint, rates.at) if rates else None,
        suppressed=report.suppressed,
        imported=report.imported,
        lifted=report.lifted,
        dead=report.dead,
        quota_used=report.used,
        quota=report.quota,
        step=report.brake.step.word,
        because=report.brake.because,
        braked=[_line(one) for one in report.braked],
        alarms=list(report.alarms),
        trend=[_day(one.day, one.row) for one in report.trend],
        at=now,
    )


def _row(row: Row) -> ToldRow:
    return ToldRow(
        of=row.of,
        sent=row.sent,
        delivered=row.delivered,
        bounced=row.bounced,
        soft_bounced=row.soft_bounced,
        complained=row.complained,
        rejected=row.rejected,
        bounce_rate=row.bounce_rate,
        complaint_rate=row.complaint_rate,
    )


def _day(day: date, row: Row) -> ToldDay:
    return ToldDay(day, row.sent, row.bounced, row.complained, row.bounce_rate, row.complaint_rate)


def _line(line: BrakeLine) -> ToldBrakeLine:
    return ToldBrakeLine(line.at, line.what, line.why, line.by, line.action)
