"""What the admins are told is whole in each language, and passes the lint that products' mails pass."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from franked.formats.lint import lint
from franked.reputation.daily import told
from franked.reputation.saying import LANGUAGES, template, words_in
from franked.rules.address import Address, Sender
from franked.rules.alarm import ALARMS, REPORT, with_admin_mail
from franked.rules.gauge import Quarter
from franked.rules.governor import Brake, BrakeLine, Step
from franked.rules.outcome import Delay
from franked.rules.rates import AwsRates, Part, Seen
from franked.rules.report import Report, of_aws, rows_of, trend_of
from franked.rules.watch import WATCHED

SENDER = {
    "name": "Example Backup",
    "website": "https://backup.example.com",
    "postal_address": "Example Backup Ltd, 1 Sample Street, 8000 Zurich",
}
FRANKED = Path(__file__).parents[2] / "franked"
DAY = date(2026, 3, 4)
CAME = (("bounced", 12), ("delivered", 1100))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_each_language_says_the_same_things() -> None:
    english, german = words_in("en"), words_in("de")
    assert english.labels.keys() == german.labels.keys()
    assert english.kinds.keys() == german.kinds.keys()
    same = {key for key in english.kinds if english.kinds[key].title == german.kinds[key].title}
    assert same == set()


def test_every_alarm_that_may_open_has_words_of_its_own() -> None:
    opened = {*WATCHED, *(one.value for one in Delay if one.stops)}
    opened |= {f"governor_{step.word}" for step in Step if step}
    source = "".join(path.read_text() for path in FRANKED.rglob("*.py"))
    opened |= set(re.findall(r'Alarm\("(\w+)"', source)) | set(re.findall(r'alarm="(\w+)"', source))
    assert {"complaint", "feedback_unsubscribed", "suppression_out_of_sync"} < opened
    kinds = words_in("en").kinds
    assert {key for key in opened if words_in("en").of(key) is kinds[""]} == set()
    assert words_in("en").of("something_new") is kinds[""]
    assert words_in("en").of("governor_stop_all") is kinds["governor_stop_all"]


@pytest.mark.parametrize(("name", "stream"), [("alarm", ALARMS), ("report", REPORT)])
def test_the_admins_mails_pass_the_lint(name: str, stream: str) -> None:
    streams = with_admin_mail({}, Sender("Example", Address.of_spelled("no-reply@example.com")))
    assert lint(template(name), [streams[stream]], SENDER) == []


def a_report(**changes: object) -> Report:
    sent = [Part(stream, "gmail", "sent", n) for stream, n in (("receipt", 1200), ("digest", 1), ("*", 1201))]
    came = [Part(stream, "gmail", what, n) for stream in ("receipt", "*") for what, n in CAME]
    total, streams = rows_of([*sent, *came])
    plain: dict[str, object] = {
        "day": DAY,
        "total": total,
        "streams": streams,
        "aws": of_aws([Quarter(NOON, 900, 8, 1, 0), Quarter(NOON.replace(hour=13), 310, 5, 0, 2)], DAY),
        "aws_rates": AwsRates(0.0123456, None, NOON),
        "suppressed": 13,
        "imported": 0,
        "lifted": 1,
        "dead": 1,
        "used": 1201.0,
        "quota": 50_000.0,
        "brake": Brake(Step.SLOW, NOON, "3 % hard bounces"),
        "braked": (BrakeLine(NOON, "slow", "3 % <b>hard</b> bounces"),),
        "alarms": ("dead_letters: 1 message used up all tries",),
        "trend": trend_of([Seen(NOON, 1201, 12, 0), Seen(NOON.replace(day=3), 600, 0, 1)], DAY),
    }
    return Report(**(plain | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_d7_the_report_has_the_day_s_figures_beside_aws_s(language: str) -> None:
    mail = template("report").render(told(a_report()), language, SENDER)
    dot = "." if language == "en" else ","
    for part in (mail.text, mail.html):
        assert f"1{',' if language == 'en' else '.'}200" in part
        assert f"0{dot}999 %" in part  # 12 of 1,201, ours
        assert f"1{dot}23 %" in part  # AWS's
    assert "1,210 sent, 13 bounced, 1 complaints, 2 rejected" in mail.text or language == "de"
    assert "<b>hard</b>" not in mail.html
    assert "&lt;b&gt;hard" in mail.html
    assert ("<svg" in mail.html, "<img" in mail.html) == (False, False)
    assert 'style="width: 50%' in mail.html  # the day before had half as much
    assert mail.text.count("\n") > 25


@pytest.mark.parametrize(("language", "words"), [("en", "there is no rate"), ("de", "gibt es keine Rate")])
def test_d7_without_sends_there_is_no_rate(language: str, words: str) -> None:
    total, streams = rows_of([])
    none = {"aws": None, "aws_rates": None, "quota": None, "brake": Brake(), "braked": (), "alarms": ()}
    empty = a_report(total=total, streams=streams, trend=trend_of([], DAY), **none)
    mail = template("report").render(told(empty), language, SENDER)
    assert words in mail.text
    assert words in mail.html
    assert "%" not in mail.text


def test_d7_a_report_of_nothing_is_none() -> None:
    total, streams = rows_of([])
    nothing = a_report(
        total=total, streams=streams, trend=trend_of([], DAY), dead=0, alarms=(), braked=(), brake=Brake()
    )
    assert nothing.is_empty
    assert not a_report(total=total, streams=streams, trend=trend_of([], DAY), alarms=(), braked=()).is_empty


def test_d7_the_trend_has_fourteen_days_and_the_streams_stand_by_size() -> None:
    report = a_report()
    assert [one.day.day for one in report.trend] == [*range(19, 29), 1, 2, 3, 4]
    assert [one.row.sent for one in report.trend][-2:] == [600, 1201]
    assert [row.of for row in report.streams] == ["receipt", "digest"]
    assert report.streams[1].bounce_rate == 0.0
    assert report.total.complained == 0
