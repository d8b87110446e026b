"""A mail is asked for by an act, and the act must be recent (A4, E1)."""

from datetime import UTC, datetime, timedelta

import pytest

from franked.rules.trigger import CLOCKS_DIFFER, Trigger, recent

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
DAY = timedelta(hours=24)
INSTANT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("at", "is_recent"),
    [
        (NOW, True),
        (NOW - DAY, True),
        (NOW - DAY - INSTANT, False),
        (NOW + CLOCKS_DIFFER, True),
        (NOW + CLOCKS_DIFFER + INSTANT, False),
        (NOW - timedelta(days=3000), False),
    ],
)
def test_an_act_counts_from_its_time_until_it_is_too_old(at: datetime, is_recent: bool) -> None:
    assert recent(Trigger("sign-up", "account-7", at), DAY, NOW) is is_recent


def test_an_act_told_in_another_zone_is_as_old_as_it_is() -> None:
    vienna = datetime.fromisoformat("2026-03-04T11:15:00+01:00")
    assert recent(Trigger("vote", "ann", vienna), timedelta(0), NOW)
