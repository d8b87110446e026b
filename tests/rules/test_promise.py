"""A sentence is said when all its checks found it so, and else it is on the list of what is to be done."""

from datetime import UTC, datetime

import pytest

from franked.rules.asking import Volume, parse_volume, total
from franked.rules.finding import Finding, Status, in_order
from franked.rules.letter import has_placeholder
from franked.rules.promise import Broken, Kept, Promise, Section, judge
from franked.rules.views import CHECKLIST, PHASES, REASONS, phases, points

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
OK, WRONG, UNKNOWN = Status.OK, Status.WRONG, Status.UNKNOWN
ABOUT = "shop.example.com"


def finding(key: str, status: Status = OK, of: str = ABOUT, *, required: bool = True) -> Finding:
    return Finding(key, status, f"{key} is so", of, fix=("do it",), is_required=required)


def judged(needs: tuple[str, ...], *findings: Finding) -> Kept | Broken:
    [one] = judge([Promise("dkim", Section.AUTHENTICATION, needs, of=ABOUT)], findings)
    return one


def test_f1_a_promise_is_kept_by_all_of_its_checks() -> None:
    kept = judged(("dkim", "dmarc"), finding("dkim"), finding("dmarc"), finding("other", WRONG))
    assert isinstance(kept, Kept)
    assert [one.key for one in kept.proof] == ["dkim", "dmarc"]


@pytest.mark.parametrize("status", [WRONG, UNKNOWN, Status.MISSING])
def test_f1_one_that_is_not_ok_breaks_it_whatever_else_is(status: Status) -> None:
    broken = judged(("dkim", "dmarc"), finding("dkim"), finding("dmarc", status))
    assert isinstance(broken, Broken)
    assert [one.id for one in broken.failed] == [f"dmarc:{ABOUT}"]


def test_f1_what_nobody_checked_breaks_it_too() -> None:
    broken = judged(("dkim", "dmarc"), finding("dkim"))
    assert isinstance(broken, Broken)
    assert broken.missing == ("dmarc",)


def test_of_several_all_are_meant_or_the_one_that_is_named() -> None:
    here, there = finding("dkim"), finding("dkim", WRONG, "other.example.com")
    assert isinstance(judged(("dkim",), here, there), Broken)
    assert isinstance(judged((f"dkim:{ABOUT}",), here, there), Kept)


def test_what_is_only_good_to_have_breaks_nothing() -> None:
    assert isinstance(judged(("bimi", "dkim"), finding("dkim"), finding("bimi", WRONG, required=False)), Kept)


def test_what_is_missing_stands_first() -> None:
    found = [finding("a"), finding("b", UNKNOWN), finding("c", WRONG), finding("d", Status.MISSING)]
    assert [one.key for one in in_order([*found, finding("e", WRONG, required=False)])] == ["d", "c", "b", "e", "a"]


@pytest.mark.parametrize(
    "text", ["Ask {company}", "We use <domain>.", "To be said: TODO", "your company sends", "[Company name]", "soon …"]
)
def test_f7_a_placeholder_is_seen(text: str) -> None:
    assert has_placeholder(text)


@pytest.mark.parametrize("text", ["Codes, receipts [1] and notices.", "a < b > c", "It is your todo list."])
def test_f7_what_looks_like_none_is_none(text: str) -> None:
    assert not has_placeholder(text)


@pytest.mark.parametrize(
    ("text", "volume"), [("10-50", Volume(10, 50)), ("200", Volume(200, 200)), ("1 - 2", Volume(1, 2))]
)
def test_a_volume_is_a_number_or_from_and_to(text: str, volume: Volume) -> None:
    assert parse_volume(text) == volume


@pytest.mark.parametrize("text", ["", "0", "50-10", "-3", "10-50-90", "ten", "1e3", "9999999999"])
def test_anything_else_is_no_volume(text: str) -> None:
    assert parse_volume(text) is None


def test_a13_totals_are_computed_from_the_streams() -> None:
    day = total([Volume(10, 50), Volume(5, 20), Volume(2, 10)])
    assert day is not None
    assert (str(day), str(day.times(30))) == ("17 to 80", "510 to 2,400")
    assert total([]) is None


@pytest.mark.parametrize("view", [CHECKLIST, REASONS, PHASES])
def test_c12_d14_d15_a_list_is_done_when_its_checks_are_ok(view: dict[str, tuple[str, ...]]) -> None:
    keys = {key for needed in view.values() for key in needed}
    all_ok = [Finding(key.partition(":")[0], OK, "so", key.partition(":")[2]) for key in keys]
    assert all(point.is_done for point in points(view, all_ok))
    for name, needed in view.items():
        key, _, of = needed[0].partition(":")
        spoilt = [one for one in all_ok if one.id != needed[0]] + [Finding(key, WRONG, "not so", of)]
        assert name in {point.name for point in points(view, spoilt) if point.open}


def test_d15_the_first_three_phases_are_checks() -> None:
    assert [one.name for one in phases([])] == ["preparation", "compliance", "monitoring"]
    assert not any(one.is_green for one in phases([]))
