"""The audit after a crash: nothing lost, nothing doubled, or the ids of what was (E6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franked.rules.audit import Audit, Kept, audit
from franked.rules.message import State

SENT, QUEUED = Kept(State.SENT), Kept(State.QUEUED)


def test_what_was_accepted_sent_and_taken_once_is_accounted_for() -> None:
    assert audit(["m_1", "m_2"], {"m_1": SENT, "m_2": QUEUED}, ["m_1"]).clean


def test_a_mail_whose_caller_has_an_id_that_the_record_does_not_know_is_lost() -> None:
    assert audit(["m_1"], {}, []) == Audit(lost=("m_1",), doubled=())
    assert audit(["m_1"], {}, ["m_1"]).lost == ("m_1",)


@pytest.mark.parametrize("state", State)
def test_a_mail_called_sent_that_the_account_never_took_is_lost(state: State) -> None:
    assert audit(["m_1"], {"m_1": Kept(state)}, []).clean is not state.taken_by_ses


def test_a_mail_that_came_twice_is_doubled_unless_the_record_decided_so() -> None:
    assert audit(["m_1"], {"m_1": SENT}, ["m_1", "m_1"]) == Audit(lost=(), doubled=("m_1",))
    assert audit(["m_1"], {"m_1": Kept(State.SENT, resends=1)}, ["m_1", "m_1"]).clean
    assert audit(["m_1"], {"m_1": Kept(State.SENT, resends=1)}, ["m_1"] * 3).doubled == ("m_1",)


def test_a_stranger_s_mail_that_came_twice_is_doubled_too() -> None:
    assert audit([], {}, ["m_2", "m_1", "m_2", "m_1", "m_3"]).doubled == ("m_1", "m_2")


@given(st.lists(st.sampled_from(["m_1", "m_2", "m_3"])))
def test_the_order_in_which_the_account_took_them_says_nothing(taken: list[str]) -> None:
    kept = {"m_1": SENT, "m_2": SENT, "m_3": QUEUED}
    assert audit(kept, kept, taken) == audit(kept, kept, sorted(taken))
