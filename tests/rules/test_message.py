"""Messages: the states they can be in, the arrows between them, their ids."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.address import Address
from franked.rules.draft import Draft
from franked.rules.lane import Lane
from franked.rules.message import ENDED, SEVERITY, Message, State, Taken, may_move, message_id, ulid

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
CROCKFORD = set("0123456789abcdefghjkmnpqrstvwxyz")
times = st.integers(0, 2**48 - 1)
chances = st.integers(0, 2**80 - 1)

OURS = """
held    → queued dropped
queued  → sending held dropped
sending → sent queued unknown refused dead
unknown → sent queued held dropped
dead    → queued dropped
"""
# An event with our tag, or a late `Sent`, proves acceptance. A refused message may have been taken by an attempt before
# the refused one, whose answer was lost: proof moves it, too.
PROVEN = "queued sending unknown held dropped dead refused"
UPWARDS = "sent delayed soft_bounced delivered rejected bounced complained"


def arrows_of_the_design() -> set[tuple[State, State]]:
    ours = {
        (State(before.strip()), State(after))
        for before, afters in (line.split("→") for line in OURS.strip().splitlines())
        for after in afters.split()
    }
    told = [State(word) for word in UPWARDS.split()]
    proven = {(State(before), after) for before in PROVEN.split() for after in told}
    upwards = {(before, after) for low, before in enumerate(told) for after in told[low + 1 :]}
    return ours | proven | upwards


def message(id: str = "m_x") -> Message:
    return Message(
        id=id,
        stream="sign-in-code",
        lane=Lane.URGENT,
        to=Address.of_spelled("ann@example.com"),
        sender="Example <no-reply@example.com>",
        template="code",
        template_version="v",
        locale="en",
        variables={"code": "493021"},
        trigger=None,
        accepted_at=NOW,
        due_at=NOW,
        useful_until=NOW,
        key_id="k",
        request_id="r",
    )


def test_a_message_moves_along_the_arrows_of_the_design_and_no_others() -> None:
    moves = {(before, after) for before, after in product(State, State) if may_move(before, after)}
    assert moves == arrows_of_the_design()


def test_no_state_is_its_own_next() -> None:
    assert not [state for state in State if may_move(state, state)]


def test_an_event_that_comes_twice_or_late_never_moves_a_message_down() -> None:
    for before, after in product(SEVERITY, SEVERITY):
        assert may_move(before, after) == (SEVERITY[after] > SEVERITY[before])


def test_an_out_of_office_reply_leaves_a_delivered_mail_delivered() -> None:
    assert not may_move(State.DELIVERED, State.SOFT_BOUNCED)


def test_a_complaint_days_after_the_delivery_is_the_last_word() -> None:
    assert may_move(State.DELIVERED, State.COMPLAINED)
    assert not [state for state in State if may_move(State.COMPLAINED, state)]


def test_whatever_ses_told_us_is_never_sent_again() -> None:
    for state in SEVERITY:
        assert state.taken_by_ses
        assert not may_move(state, State.QUEUED)
        assert not may_move(state, State.SENDING)


def test_only_a_queued_message_is_put_into_a_worker_s_hands() -> None:
    assert [state for state in State if may_move(state, State.SENDING)] == [State.QUEUED]


def test_variables_are_kept_as_long_as_the_mail_may_still_be_sent() -> None:
    for state in State:
        may_be_sent = state is State.SENDING or may_move(state, State.SENDING) or may_move(state, State.QUEUED)
        assert (state in ENDED) != may_be_sent


@given(st.lists(st.tuples(times, chances), min_size=2, max_size=20, unique=True))
def test_ids_sort_as_their_times_do_and_differ_where_chance_does(drawn: list[tuple[int, int]]) -> None:
    ids = [ulid(*draw) for draw in drawn]
    assert len(set(ids)) == len(drawn)
    assert [ulid(*draw) for draw in sorted(drawn)] == sorted(ids)


@given(times, chances)
def test_an_id_is_26_characters_without_the_letters_people_misread(milliseconds: int, randomness: int) -> None:
    found = ulid(milliseconds, randomness)
    assert len(found) == 26
    assert set(found) <= CROCKFORD
    assert found[0] <= "7"


def test_the_ulid_of_the_specification() -> None:
    assert ulid(1_469_918_176_385, 0)[:10] == "01arYZ6S41".lower()
    assert ulid(2**48 - 1, 2**80 - 1) == "7" + "z" * 25


def test_a_message_id_fits_an_ses_tag() -> None:
    found = message_id(1_469_918_176_385, 5)
    assert found.startswith("m_")
    assert found[2:].isalnum()
    assert len(found) == 28


def test_an_attempt_is_named_after_its_message_and_number() -> None:
    taken = Taken(message(id="m_x"), attempt=2, tries=1, call_by=NOW, lease_until=NOW + timedelta(minutes=2))
    assert taken.attempt_id == "m_x-2"


def test_a_code_shows_up_in_no_representation() -> None:
    draft = Draft(stream="sign-in-code", to="ann@example.com", trigger=None, variables={"code": "493021"})
    taken = Taken(message(), attempt=1, tries=0, call_by=NOW, lease_until=NOW)
    assert "493021" not in f"{draft!r} {taken!r} {taken.message!r}"


@pytest.mark.parametrize("state", State)
def test_every_state_ends_or_can_leave(state: State) -> None:
    assert state in ENDED or any(may_move(state, after) for after in State)
