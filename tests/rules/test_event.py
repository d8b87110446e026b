"""Events: what each proves about its message, whatever order they come in."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from franked.rules.event import BounceType, Event, Kind, state_of
from franked.rules.message import State, may_move

AT = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)


def event(kind: Kind, bounce_type: BounceType | None = None, feedback: str | None = None) -> Event:
    return Event("k", kind, "ses-1", "m_1", "m_1-1", "ann@example.com", AT, bounce_type, feedback=feedback)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (event(Kind.SEND), State.SENT),
        (event(Kind.DELIVERY_DELAY), State.DELAYED),
        (event(Kind.DELIVERY), State.DELIVERED),
        (event(Kind.BOUNCE, BounceType.PERMANENT), State.BOUNCED),
        (event(Kind.BOUNCE, BounceType.TRANSIENT), State.SOFT_BOUNCED),
        (event(Kind.BOUNCE, BounceType.UNDETERMINED), State.SOFT_BOUNCED),
        (event(Kind.BOUNCE), State.SOFT_BOUNCED),
        (event(Kind.COMPLAINT), State.COMPLAINED),
        (event(Kind.COMPLAINT, feedback="abuse"), State.COMPLAINED),
        (event(Kind.COMPLAINT, feedback="not-spam"), None),
        (event(Kind.COMPLAINT, feedback="auth-failure"), None),
        (event(Kind.REJECT), State.REJECTED),
        (event(Kind.RENDERING_FAILURE), State.REJECTED),
        (event(Kind.OPEN), None),
        (event(Kind.CLICK), None),
        (event(Kind.SUBSCRIPTION), None),
        (event(Kind.OTHER), None),
    ],
)
def test_an_event_proves_one_state_or_none(told: Event, state: State | None) -> None:
    assert state_of(told) is state


def test_every_kind_of_event_has_an_answer() -> None:
    for kind in Kind:
        assert state_of(event(kind)) in {None, *State}


def test_in_whatever_order_events_come_the_worst_is_the_last_word() -> None:
    told = [
        event(Kind.SEND),
        event(Kind.DELIVERY_DELAY),
        event(Kind.DELIVERY),
        event(Kind.BOUNCE, BounceType.TRANSIENT),
        event(Kind.COMPLAINT),
    ]
    for order in permutations([*told, told[2]]):
        state = State.SENDING
        for one in order:
            after = state_of(one)
            state = after if after and may_move(state, after) else state
        assert state is State.COMPLAINED
