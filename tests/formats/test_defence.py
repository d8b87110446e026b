"""The defence of the account: nothing that the record does not say."""

from dataclasses import replace
from datetime import UTC, date, datetime

from franked.formats.defence import defence
from franked.rules.defence import Defence
from franked.rules.governor import Brake, BrakeLine, Step
from franked.rules.rates import AwsRates, Window
from franked.rules.report import ALL, Daily, Row
from franked.rules.request import Line, What

AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
TOTAL = Row(ALL, sent=2000, delivered=1900, bounced=90, complained=1, rejected=1)
TOLD = Defence(
    at=AT,
    since=date(2026, 3, 3),
    company="Example Shop Ltd",
    region="eu-central-1",
    domains=("shop.example.com",),
    windows=(Window("24 hours", 1000, 10, 0), Window("7 days", 2000, 90, 1)),
    days=(Daily(date(2026, 3, 3), Row(ALL, 1000, bounced=80)), Daily(date(2026, 3, 4), Row(ALL, 1000, bounced=10))),
    total=TOTAL,
    streams=(Row("digest", 1500, bounced=90), Row("receipt", 500)),
    aws=AwsRates(0.045, None, AT),
    brake=Brake(),
    braked=(
        BrakeLine(AT, "stop_bulk", "4.5 % hard bounces"),
        BrakeLine(AT, "released", "an old list was imported", "Ana", "it was taken off again"),
    ),
    noted=(Line(AT, What.MENDED, "Ana", "The import form asks for a source now."),),
    suppressed={"added": 90, "imported": 1, "lifted": 2},
    prevents=("A hard bounce takes the address out at once.",),
    left_out=("cleaning: events is wrong",),
    rehearsal=False,
)


def test_it_has_the_rates_by_window_stream_and_day() -> None:
    text = defence(TOLD)
    assert "2,000 mails were sent: 90 bounced for good (4.5 %), 1 was complained about (0.05 %)" in text
    assert "| 7 days | 2,000 | 90 | 4.5 % | 1 | 0.05 % |" in text
    assert "| digest | 1,500 | 90 | 6 % | 0 | 0 % |" in text
    assert "| 2026-03-03 | 1,000 | 80 | 8 % | 0 | 0 % |" in text
    assert "CloudWatch counted 4.5 % bounces for the account" in text


def test_it_has_what_was_done_by_whom() -> None:
    text = defence(TOLD)
    assert "90 addresses were put on our suppression list, 1 was imported into it, and 2 were taken off it." in text
    assert "| 2026-03-04 10:15 | stop bulk | 4.5 % hard bounces | governor |" in text
    assert "| released | an old list was imported | Ana | it was taken off again |" in text
    assert "The import form asks for a source now." in text


def test_it_has_what_prevents_it_and_not_what_is_not_true() -> None:
    text = defence(TOLD)
    assert "## What prevents it" in text
    assert "- A hard bounce takes the address out at once." in text
    assert "cleaning" not in text
    assert "What prevents it" not in defence(replace(TOLD, prevents=()))


def test_without_mail_there_is_no_rate() -> None:
    """D7."""
    nothing = replace(TOLD, total=Row(ALL), streams=(), windows=(), aws=None, braked=(), noted=(), suppressed={})
    text = defence(nothing)
    assert "No mail was sent on these days." in text
    assert "%" not in text
    assert "It has not moved on these days." in text
    assert "0 addresses were put on our suppression list" in text


def test_a_brake_that_stands_is_told_and_a_rehearsal_says_so() -> None:
    text = defence(replace(TOLD, brake=Brake(Step.STOP_BULK), rehearsal=True))
    assert "“stop bulk” now: the bulk lane stands still" in text
    assert "> REHEARSAL" in text
    assert "REHEARSAL" not in defence(TOLD)
