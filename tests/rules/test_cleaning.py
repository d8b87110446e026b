"""Whom a list might do without: each reason by itself, and who is never proposed (A9, D13)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from franked.rules.cleaning import MONTH, MONTHS, Stale, Trail, proposal
from franked.rules.suppression import Suppression, Why

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
YEAR = MONTHS * MONTH
DAY = timedelta(days=1)
FINE = Trail("Ana@example.com", "ana@example.com", NOW - 2 * YEAR, NOW - DAY, NOW - DAY)


def reasons(trail: Trail, months: int = MONTHS) -> list[Stale]:
    found = proposal(trail, months, NOW)
    return list(found.reasons) if found else []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"soft": 1}, []),
        ({"soft": 2}, [Stale.SOFT_BOUNCES]),
        ({"unconfirmed": ("news",)}, [Stale.NEVER_CONFIRMED]),
        ({"last_mailed": NOW - YEAR + DAY}, []),
        ({"last_mailed": NOW - YEAR - DAY, "last_delivered": None}, [Stale.NOT_MAILED]),
        ({"last_delivered": NOW - YEAR - DAY}, [Stale.NOT_DELIVERED]),
        ({"last_delivered": None}, [Stale.NOT_DELIVERED]),
        ({"last_mailed": None, "last_delivered": None}, [Stale.NOT_MAILED]),
        ({"last_mailed": None, "last_delivered": None, "first_seen": NOW - DAY}, []),
        ({"soft": 3, "last_delivered": NOW - 2 * YEAR}, [Stale.SOFT_BOUNCES, Stale.NOT_DELIVERED]),
    ],
)
def test_each_reason(changes: dict[str, object], expected: list[Stale]) -> None:
    assert reasons(replace(FINE, **changes)) == expected  # type: ignore[arg-type]


def test_the_months_are_the_askers() -> None:
    quiet = replace(FINE, last_mailed=NOW - 4 * MONTH, last_delivered=NOW - 4 * MONTH)
    assert reasons(quiet) == []
    assert reasons(quiet, 3) == [Stale.NOT_MAILED]


@pytest.mark.parametrize("why", [why for why in Why if why is not Why.SOFT_BOUNCES])
def test_who_is_suppressed_for_good_is_settled(why: Why) -> None:
    listed = Suppression("ana@example.com", why, NOW)
    assert reasons(replace(FINE, suppression=listed, last_mailed=NOW - 2 * YEAR)) == []


def test_who_rests_after_soft_bounces_is_proposed() -> None:
    resting = Suppression("ana@example.com", Why.SOFT_BOUNCES, NOW, NOW + DAY)
    assert reasons(replace(FINE, suppression=resting)) == [Stale.SOFT_BOUNCES]
