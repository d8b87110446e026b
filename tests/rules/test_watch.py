"""What of the record's and the account's state is worth a person's look."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from franked.rules.lane import Lane
from franked.rules.pace import Access
from franked.rules.rates import Window
from franked.rules.watch import QUOTA, SENDING, WATCHED, Seen, found, sample

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
ACCESS = Access(True, 14.0, 1000.0, 0.0, NOW)
WELL = Seen(NOW, access=ACCESS)


def keys(seen: Seen, **is_open: datetime) -> set[str]:
    return set(found(seen, is_open))


def test_where_all_is_well_nothing_is_told() -> None:
    assert keys(WELL) == set()
    assert keys(Seen(NOW)) == set()  # an account that was not read yet


@pytest.mark.parametrize(("lane", "minutes"), [(Lane.URGENT, 2), (Lane.NORMAL, 30), (Lane.BULK, 360)], ids=str)
def test_mail_may_wait_as_long_as_its_lane_says(lane: Lane, minutes: int) -> None:
    at_most = timedelta(minutes=minutes)
    assert keys(replace(WELL, waits={lane: at_most})) == set()
    longer = replace(WELL, waits={lane: at_most + timedelta(seconds=1)}, why={lane: "quota"})
    assert keys(longer) == {f"waiting.{lane}"}
    assert found(longer, {})[f"waiting.{lane}"].endswith(": quota")
    assert keys(replace(longer, stopped=frozenset({lane}))) == set()  # the governor tells that by itself


def test_a_quota_that_is_nearly_used_up_is_over_a_little_below() -> None:
    used = [replace(WELL, used=used) for used in (799.0, 800.0, 751.0, 749.0)]
    assert [QUOTA in keys(one) for one in used] == [False, True, False, False]
    assert [QUOTA in keys(one, quota_near=NOW) for one in used] == [True, True, True, False]
    assert found(used[1], {})[QUOTA] == "80 % of the 24-hour quota are used: 800 of 1,000 recipients"


def test_an_account_without_a_quota_has_none_that_is_used_up() -> None:
    assert keys(replace(WELL, access=replace(ACCESS, quota=-1), used=1e9)) == set()
    assert keys(replace(WELL, access=replace(ACCESS, quota=0), used=0)) == set()


@pytest.mark.parametrize("status", ["PROBATION", "SHUTDOWN", "SOMETHING_NEW"])
def test_c7_whatever_is_not_healthy_is_told(status: str) -> None:
    assert found(replace(WELL, access=replace(ACCESS, enforcement=status)), {}) == {
        "enforcement": f"AWS calls the account {status}"
    }


def test_what_eventbridge_said_after_the_account_was_read_holds_until_it_is_read_again() -> None:
    later = NOW + timedelta(seconds=1)
    assert keys(WELL, sending_disabled=later) == {SENDING}
    assert keys(replace(WELL, access=replace(ACCESS, read_at=later)), sending_disabled=later) == set()
    assert keys(replace(WELL, access=replace(ACCESS, sending_enabled=False)), sending_disabled=NOW) == {SENDING}


@pytest.mark.parametrize(
    ("bounced", "complained", "told"),
    [(0, 0, set()), (49, 0, set()), (50, 0, {"bounce_rate"}), (0, 1, {"complaint_rate"}), (60, 2, None)],
)
def test_d7_rates_at_aws_s_limits_are_told(bounced: int, complained: int, told: set[str] | None) -> None:
    window = Window("last 1,000 sends", 1000, bounced, complained)
    seen = replace(WELL, lately=(window, replace(window, name="last 10,000 sends", is_full=False)))
    assert keys(seen) == ({"bounce_rate", "complaint_rate"} if told is None else told)
    assert keys(replace(seen, stopped=frozenset({Lane.BULK}))) == set()  # the governor does


def test_the_worse_of_both_windows_is_told_with_its_sample() -> None:
    few, many = Window("last 1,000 sends", 1000, 60, 0), Window("last 10,000 sends", 9000, 100, 0, is_full=False)
    text = found(replace(WELL, lately=(few, many)), {})["bounce_rate"]
    assert text == "6 % hard bounces, 60 of the last 1,000 sends; AWS reviews an account at 5 %"


def test_nothing_is_counted_on_nothing() -> None:
    assert sample(()) == ""
    assert sample((Window("last 10,000 sends", 0, 0, 0),)) == ""
    assert sample((Window("last 10,000 sends", 200, 3, 1),)) == (
        "200 sends, 3 hard bounces, 1 complaints: one more moves its rate by 0.5 percentage points"
    )


def test_all_that_may_be_found_is_watched() -> None:
    """What is not would never close."""
    wrong = Seen(
        NOW,
        dead=1,
        waits=dict.fromkeys(Lane, timedelta(days=1)),
        access=replace(ACCESS, enforcement="PROBATION", sending_enabled=False),
        used=1000.0,
        unread_for=timedelta(hours=1),
        lately=(Window("last 1,000 sends", 10, 5, 5),),
        canary="nothing came back",
    )
    assert keys(wrong) == WATCHED
