"""What a code is, what a guess is, and who is one caller."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.code import (
    CLAIM_WITHIN,
    Code,
    claimed,
    code_id_of,
    counted,
    digits_of,
    pressed,
    used,
    written_over,
)

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
CODE = Code("c_1", "reset", "account-1", NOW, NOW + timedelta(seconds=45), NOW + timedelta(hours=1), 2)
LATER = timedelta(hours=1)


def test_a_guess_is_counted_before_it_is_compared() -> None:
    once = counted(CODE, NOW)
    assert once == replace(CODE, guesses_left=1)
    twice = counted(replace(CODE, guesses_left=1), NOW)
    assert twice == replace(CODE, guesses_left=0)


@pytest.mark.parametrize(
    "code",
    [
        replace(CODE, ends_at=NOW),
        replace(CODE, used_at=NOW),
        replace(CODE, confirmed_at=NOW),
        replace(CODE, guesses_left=0),
    ],
)
def test_a_code_that_is_over_is_not_compared(code: Code) -> None:
    assert counted(code, NOW) is None


def test_of_nobodys_code_nothing_comes() -> None:  # A14
    nobodys = replace(CODE, account=None)
    assert (used(nobodys, NOW), pressed(nobodys, NOW)) == (None, None)
    assert counted(nobodys, NOW) is not None  # its guesses are counted like any other's


def test_a_button_is_pressed_in_time_and_stays_pressed() -> None:
    confirmed = pressed(CODE, NOW)
    assert confirmed == replace(CODE, confirmed_at=NOW)
    assert confirmed is not None
    assert pressed(confirmed, NOW + timedelta(minutes=1)) == confirmed
    assert pressed(CODE, NOW + LATER) is None


def test_a_proof_is_for_one_stream_once_and_in_time() -> None:
    assert claimed(CODE, "reset", NOW) is None
    late = replace(CODE, confirmed_at=NOW + LATER - timedelta(seconds=1))
    assert claimed(late, "reset", NOW + LATER) == replace(late, used_at=NOW + LATER)
    assert claimed(late, "sign-up", NOW + LATER) is None
    assert claimed(late, "reset", NOW + LATER + CLAIM_WITHIN) is None
    assert claimed(replace(late, used_at=NOW), "reset", NOW + LATER) is None


def test_a_request_that_comes_again_is_the_same_until_a_moment_has_passed() -> None:
    assert CODE.is_repeated_by_asking(NOW + timedelta(seconds=44))
    assert not CODE.is_repeated_by_asking(NOW + timedelta(seconds=45))
    assert not replace(CODE, used_at=NOW).is_repeated_by_asking(NOW)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("042137", "042137"),
        (" 042 137\n", "042137"),
        ("042-137", "042137"),
        ("٠٤٢١٣٧", ""),  # digits, but not ASCII's
        ("04213a", ""),
        ("", ""),
        ("0" * 41, ""),
    ],
)
def test_a_code_is_read_as_people_paste_it(typed: str, digits: str) -> None:
    assert digits_of(typed) == digits


@given(st.text(max_size=60))
def test_what_is_read_is_digits_or_nothing(typed: str) -> None:
    assert set(digits_of(typed)) <= set("0123456789")


def test_a_code_is_named_as_its_mail_is() -> None:
    assert code_id_of("m_01kjv281d0q2m5r8x4y7zb3cde") == "c_01kjv281d0q2m5r8x4y7zb3cde"


def test_what_franked_writes_nobody_else_does() -> None:
    assert written_over({"name": "Ana", "url": "x", "code": "1"}) == ["code", "url"]
