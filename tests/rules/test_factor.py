"""How often a second factor may be guessed at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from franked.rules.factor import Factor, counted, proven, recovery_of, rests_until

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "rest"), [(0, None), (4, None), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (10**6, 60)]
)
def test_after_five_failures_each_doubles_the_rest_up_to_an_hour(failures: int, rest: int | None) -> None:
    until = rests_until(Factor("account-1", failures=failures, failed_at=NOW))
    assert until == (None if rest is None else NOW + timedelta(minutes=rest))


def test_a_guess_counts_as_a_failure_until_it_is_right() -> None:
    once = counted(Factor("account-1"), NOW)
    assert once == Factor("account-1", failures=1, failed_at=NOW)
    assert once is not None
    right = proven(once, NOW, step=7, recovery_left=10)
    assert right == Factor("account-1", confirmed_at=NOW, last_step=7, recovery_left=10)
    assert proven(right, NOW, step=None, recovery_left=9) == replace(right, recovery_left=9)


def test_while_it_rests_nothing_is_compared() -> None:
    resting = Factor("account-1", failures=5, failed_at=NOW)
    assert counted(resting, NOW + timedelta(seconds=59)) is None
    assert counted(resting, NOW + timedelta(seconds=60)) is not None


def test_a_recovery_code_is_read_as_people_type_it() -> None:
    assert recovery_of(" K3V9X 0h2mq\n") == recovery_of("k3v9x-0h2mq") == "k3v9x0h2mq"
