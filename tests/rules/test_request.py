"""Where the request to AWS stands, what locks it, and that a rehearsal proves nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from franked.rules.at_aws import BOTH_REASONS, Details, Review, SesAccount
from franked.rules.request import (
    LOCKED_FOR,
    Line,
    Phase,
    Stage,
    What,
    heard,
    mode_line,
    objections,
    refusal,
    since_real,
    stage,
)

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
NEW = SesAccount(False, True, "HEALTHY", 1.0, 200.0, 0.0, BOTH_REASONS)
DETAILS = Details("TRANSACTIONAL", "https://shop.example.com", case="173900000000000")


def reviewed(review: Review | None) -> SesAccount:
    return replace(NEW, details=replace(DETAILS, review=review))


@pytest.mark.parametrize(
    ("account", "stands"),
    [
        (NEW, Stage.READY),
        (reviewed(Review.FAILED), Stage.READY),  # AWS never had it
        (reviewed(Review.PENDING), Stage.PENDING),
        (reviewed(Review.UNKNOWN), Stage.PENDING),  # a word of AWS's that nobody knows: nothing is sent
        (reviewed(Review.DENIED), Stage.DENIED),
        (reviewed(Review.GRANTED), Stage.PENDING),  # granted, and not out of the sandbox yet
        (replace(reviewed(Review.DENIED), production=True), Stage.GRANTED),  # production is the truth
        (replace(NEW, production=True), Stage.GRANTED),
    ],
)
def test_what_aws_says_decides_where_it_stands(account: SesAccount, stands: Stage) -> None:
    assert stage(account) is stands


def line(what: What, at: datetime = NOW, text: str = "") -> Line:
    return Line(at, what, "Ada Muster", text)


def test_nothing_is_sent_while_aws_reviews_or_after_it_has_granted() -> None:
    [pending] = objections(reviewed(Review.PENDING), None, [], NOW)
    assert "173900000000000" in pending
    [granted] = objections(replace(NEW, production=True), None, [], NOW)
    assert "nothing to ask for" in granted
    assert objections(NEW, None, [Phase("preparation", ())], NOW) == []


def test_d15_a_refusal_locks_for_two_weeks_and_until_three_phases_are_green_and_it_is_written_down() -> None:
    log = [line(What.ASKED), line(What.DENIED)]
    phases = [
        Phase("preparation", ()),
        Phase("compliance", ("content:news is wrong: 2 things",)),
        Phase("monitoring", ()),
    ]
    refused = refusal(log)
    said = objections(reviewed(Review.DENIED), refused, phases, NOW + timedelta(days=1))
    assert said == [
        "refused on 2026-03-04: locked until 2026-03-18, 13 days from now",
        "nobody has written down what AWS said: franked request note reason '…' --by NAME",
        "nobody has written down what was mended since: franked request note mended '…' --by NAME",
        "compliance: content:news is wrong: 2 things",
    ]
    log += [line(What.REASON, text="unclear"), line(What.MENDED, text="a page on privacy")]
    green = [replace(one, open=()) for one in phases]
    later = NOW + LOCKED_FOR
    assert objections(reviewed(Review.DENIED), refusal(log), green, later - timedelta(seconds=1))
    assert objections(reviewed(Review.DENIED), refusal(log), green, later) == []


def test_d17_refusals_are_counted_and_each_asks_for_its_own_reason() -> None:
    first = [line(What.DENIED), line(What.REASON, text="unclear"), line(What.MENDED, text="clear")]
    second = refusal([*first, line(What.DENIED, NOW + timedelta(days=30))])
    assert second is not None
    assert (second.number, second.reason, second.mended) == (2, "", ())
    assert refusal([line(What.ASKED)]) is None


def test_what_aws_says_is_written_down_once() -> None:
    assert heard(NEW, [], NOW) is None
    pending = heard(reviewed(Review.PENDING), [line(What.ASKED)], NOW)
    assert pending == Line(NOW, What.PENDING, "AWS", case_id="173900000000000")
    assert heard(reviewed(Review.PENDING), [line(What.ASKED), pending], NOW) is None
    denied = heard(reviewed(Review.DENIED), [line(What.ASKED), pending], NOW)
    assert denied is not None
    assert denied.what is What.DENIED
    assert heard(reviewed(Review.DENIED), [pending, denied], NOW) is None
    again = heard(reviewed(Review.DENIED), [denied, line(What.ASKED)], NOW)  # refused again
    assert again is not None
    granted = heard(replace(reviewed(Review.PENDING), production=True), [denied, line(What.ASKED)], NOW)
    assert granted is not None
    assert granted.what is What.GRANTED


def test_evidence_of_a_simulated_account_ends_where_the_real_one_begins() -> None:
    assert since_real([]) is None
    simulated = mode_line([], NOW, simulated=True)
    assert simulated is not None
    assert mode_line([simulated], NOW, simulated=True) is None
    assert since_real([simulated]) is None
    real = mode_line([simulated], NOW + timedelta(days=1), simulated=False)
    assert real is not None
    assert since_real([simulated, real]) == NOW + timedelta(days=1)
    only_real = mode_line([], NOW, simulated=False)
    assert only_real is not None
    assert since_real([only_real]) is None  # nothing was ever simulated here
    back = mode_line([simulated, real], NOW + timedelta(days=2), simulated=True)
    assert back is not None
    assert since_real([simulated, real, back]) is None
