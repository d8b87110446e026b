"""Who is told what, how often that is tried, and when an endpoint is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from franked.rules.message import State
from franked.rules.webhook import (
    AT_ONCE,
    EVENTS,
    Answer,
    Called,
    Endpoint,
    Health,
    Notice,
    after,
    answer_of,
    due_after,
    enabled,
    parse_secret,
    room,
    wanted_by,
)

AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
NOTICE = Notice("w_1", "shop", "message.bounced", "m_1", AT, 0)
URL = "https://shop.example.com/"


def test_an_endpoint_hears_of_what_it_named() -> None:
    shop = Endpoint("shop", URL, ("message.bounced", "suppression"), ("receipt",))
    assert shop.wants("message.bounced", "receipt")
    assert not shop.wants("message.bounced", "digest")
    assert not shop.wants("message.sent", "receipt")
    assert shop.wants("suppression.lifted", None)
    assert not shop.wants("consent.left", None)


def test_an_endpoint_that_names_nothing_hears_of_everything_that_an_application_cares_about() -> None:
    wanted = wanted_by([Endpoint("shop", URL)])
    assert wanted is not None
    told = {state for state in State if wanted(f"message.{state}", "receipt") == ("shop",)}
    assert told == set(State) - {State.QUEUED, State.SENDING, State.UNKNOWN}
    assert all(wanted(event, None) for event in EVENTS)
    assert wanted("consent.asked", None) == ()


def test_frankeds_own_mail_is_nobodys_but_its_questions_are_the_products() -> None:
    shop = Endpoint("shop", URL)
    assert not shop.wants("message.bounced", "franked-canary")
    assert shop.wants("message.bounced", "franked-confirmation")


def test_a_group_is_no_more_than_its_events() -> None:
    assert not Endpoint("shop", URL, ("message",)).wants("message.queued", "receipt")


def test_where_there_is_no_endpoint_nobody_needs_to_ask() -> None:
    assert wanted_by([]) is None


def test_tries_are_spread_over_more_than_a_day_and_then_given_up() -> None:
    spans = [span for tries in range(1, 40) if (span := due_after(tries, 0.5))]
    assert spans[0] == timedelta(seconds=5)
    assert spans == sorted(spans)
    assert len(spans) == 10
    assert timedelta(days=1) < sum((due_after(tries, 0.0) or timedelta() for tries in range(1, 11)), timedelta())
    assert due_after(11, 0.5) is None
    assert max(spans) < timedelta(days=1)  # or one that fails would seem to fail anew


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, Answer.TOLD), (204, Answer.TOLD), (302, Answer.FAILED), (410, Answer.GONE), (500, Answer.FAILED)],
)
def test_what_an_answer_means(status: int, answer: Answer) -> None:
    assert answer_of(status) is answer
    assert answer_of(None) is Answer.FAILED


def failed(at: datetime, *, is_last: bool = False) -> Called:
    return Called(NOTICE, Answer.FAILED, at, None if is_last else at + timedelta(hours=1), "it answered 500")


def test_an_endpoint_that_fails_for_a_day_is_left_alone() -> None:
    health = Health("shop")
    for hour in range(24):
        health = after(health, failed(AT + timedelta(hours=hour)))
        assert health.disabled_at is None
        assert room(health) == 1
    health = after(health, failed(AT + timedelta(hours=24)))
    assert health.disabled_at == AT + timedelta(hours=24)
    assert room(health) == 0


def test_one_success_in_a_day_is_enough() -> None:
    health = after(Health("shop"), failed(AT))
    health = after(health, Called(NOTICE, Answer.TOLD, AT + timedelta(hours=12)))
    assert room(health) == AT_ONCE
    assert after(health, failed(AT + timedelta(hours=25))).disabled_at is None


def test_two_failures_long_apart_are_no_day_of_failures() -> None:
    health = after(Health("shop"), failed(AT, is_last=True))
    assert health.given_up == 1
    later = after(health, failed(AT + timedelta(days=20)))
    assert (later.failing_since, later.disabled_at) == (AT + timedelta(days=20), None)


def test_whoever_says_that_it_is_gone_is_left_alone_at_once() -> None:
    gone = after(Health("shop"), Called(NOTICE, Answer.GONE, AT, None, "it answered 410"))
    assert gone.disabled_at == AT
    assert gone.given_up == 0


def test_only_a_person_enables_again() -> None:
    gone = after(Health("shop"), Called(NOTICE, Answer.GONE, AT, None, "it answered 410"))
    assert after(gone, Called(NOTICE, Answer.TOLD, AT)).disabled_at == AT  # a call that was under way
    assert room(enabled(gone)) == AT_ONCE


@pytest.mark.parametrize(
    "text",
    ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64 not base64 not base64 not"],
)
def test_what_is_no_secret_is_none(text: str) -> None:
    assert parse_secret(text) is None


def test_a_secret_is_the_bytes_behind_its_mark() -> None:
    assert len(parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") or b"") == 24
