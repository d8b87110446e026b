"""Each reason has its sentence: what it means, and the way out."""

import re
from pathlib import Path
from shlex import split

import pytest

from franked.rules.message import State
from franked.rules.outcome import Delay
from franked.rules.remedy import REMEDIES, hint, remedy_for

HOUSE = Path(__file__).parents[2] / "franked"
ALL = [(state, reason) for state, remedies in REMEDIES.items() for reason in remedies]


def words(pattern: str, *rooms: str) -> set[str]:
    pages = [page for room in rooms for page in (HOUSE / room).rglob("*.py")]
    return {word for page in pages for word in re.findall(pattern, page.read_text())}


@pytest.mark.parametrize(
    ("state", "pattern"),
    [(State.HELD, r'\bHold\("(\w+)"'), (State.DROPPED, r'\bDrop\("(\w+)"'), (State.REFUSED, r'\bRefused\(\s*"(\w+)"')],
)
def test_every_reason_that_is_given_has_a_remedy(state: State, pattern: str) -> None:
    given = words(pattern, "rules", "sending", "backends/sql", "backends/aws", "formats")
    assert given
    assert given - set(REMEDIES[state]) == set()


def test_every_delay_that_costs_a_try_has_a_remedy_once_it_is_dead() -> None:
    assert {delay.value for delay in Delay if delay.costs_a_try} == set(REMEDIES[State.DEAD])


@pytest.mark.parametrize(("state", "reason"), ALL)
def test_a_hint_is_one_sentence_without_a_gap(state: State, reason: str | None) -> None:
    said = hint(state, reason, "ana@example.net", "m_1")
    assert said is not None
    assert said[0].isupper()
    assert said.endswith(".")
    assert not re.search(r"[{}]|\s\s|\.\.", said)
    assert ": " in said


@pytest.mark.parametrize("to", ["-rf@example.net", "a'b@example.net", "$(x)@example.net", "`x`@example.net"])
@pytest.mark.parametrize(("state", "reason"), ALL)
def test_a_command_can_be_pasted_whatever_the_address(state: State, reason: str | None, to: str) -> None:
    said = hint(state, reason, to, "m_1") or ""
    for command in re.findall(r"`(franked [^`]*)`", said.replace("`x`", "(x)")):
        told = split(command)
        assert told[0] == "franked"
        mentioned = [word for word in told if word.endswith("@example.net")]
        assert not mentioned or mentioned == [to.replace("`x`", "(x)")]


def test_where_nothing_is_in_the_way_there_is_no_hint() -> None:
    assert hint(State.QUEUED, None, "ana@example.net", "m_1") is None
    assert remedy_for(State.DELIVERED, None) is None
