"""Streams: how spans and limits are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.stream import Limit, parse_limit, parse_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("24h", timedelta(hours=24)),
        ("30d", timedelta(days=30)),
        (" 10 m ", timedelta(minutes=10)),
        ("99999d", timedelta(days=99_999)),
        ("0s", timedelta(0)),
    ],
)
def test_a_span_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "m",
        "-1h",
        "+1h",
        "1.5h",
        "1h30m",
        "10M",
        "10 min",
        "1w",
        "100000s",
        "1e3s",
        "٣h",
        "10m\x00",
        "9" * 5000 + "s",
    ],
)
def test_what_is_no_span_is_none_and_never_an_error(text: str) -> None:
    assert parse_span(text) is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("1/second", Limit(1, timedelta(seconds=1))),
        ("3/minute", Limit(3, timedelta(minutes=1))),
        ("5/hour", Limit(5, timedelta(hours=1))),
        (" 20/day ", Limit(20, timedelta(days=1))),
    ],
)
def test_a_limit_is_a_count_per_unit(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text",
    ["", "5", "5/", "/hour", "0/hour", "-1/hour", "+5/hour", "1.5/hour", "5/week", "5/hours", "5/2h", "5/hour/day"],
)
def test_what_is_no_limit_is_none(text: str) -> None:
    assert parse_limit(text) is None


@pytest.mark.parametrize("text", ["٣/hour", "9" * 5000 + "/hour"])
def test_a_count_no_store_could_keep_is_no_limit_and_no_error(text: str) -> None:
    assert parse_limit(text) is None


@given(st.integers(1, 10**6), st.sampled_from(["second", "minute", "hour", "day"]))
def test_a_limit_is_shown_as_it_is_written(count: int, unit: str) -> None:
    found = parse_limit(f"{count}/{unit}")
    assert found is not None
    assert str(found) == f"{count}/{unit}"


@given(st.text(max_size=30))
def test_no_text_breaks_the_parsers(text: str) -> None:
    assert parse_span(text) is None or text.strip()[-1] in "smhd"
    assert parse_limit(text) is None or "/" in text
