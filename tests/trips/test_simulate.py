"""The short form of `python -m tests.simulate`: every story once, some of its crash points, a few seeds."""

import pytest

from franked.backends.local.account import Limits
from tests.simulate.place import IN_MEMORY
from tests.simulate.plan import Plan, Post
from tests.simulate.planted import PLANTED, Planted
from tests.simulate.run import run
from tests.simulate.scenarios import SCENARIOS, Scenario, disturbed
from tests.simulate.seeds import drawn
from tests.simulate.story import shortest, told

SEEDS = (3, 5)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_story_ends_as_it_should_also_when_a_call_is_disturbed(scenario: Scenario) -> None:  # A2, A3, A9
    """One call of each; the rest is for `make simulate`."""
    undisturbed = run(scenario.plan)
    assert undisturbed.findings == ()
    assert undisturbed.states == scenario.ends
    assert undisturbed.rested_at < scenario.within
    points = list(disturbed(scenario, undisturbed.calls[: undisturbed.busy], IN_MEMORY.ports))
    number, mishap, plan = points[len(points) * 2 // 3]
    assert run(plan).findings == (), f"call {number}: {mishap} {undisturbed.calls[number - 1]}"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_in_which_everything_goes_wrong_loses_and_doubles_nothing(seed: int) -> None:  # A2, A3, A9
    plan = drawn(seed)
    result = run(plan)
    assert result.findings == (), "\n".join(told(plan, result))
    assert result.deaths == 2
    assert result.accepted > 0


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_fault_is_found(planted: Planted) -> None:
    assert planted.rule in {finding.rule for finding in run(planted.plan, planted.tampered).findings}


def test_the_same_seed_gives_the_same_run() -> None:
    assert run(drawn(2)).digest == run(drawn(2)).digest
    assert run(drawn(2)).digest != run(drawn(4)).digest


def test_a_failing_run_is_told_as_shortly_as_it_still_fails() -> None:
    planted = next(one for one in PLANTED if one.rule == "call_by")
    noise = (Post(30.0, "digest", "bo@example.net"), Post(31.0, "digest", "cy@example.net"))
    noisy = Plan("planted", (*planted.plan.actions, *noise), planted.plan.mishaps)
    shorter = shortest(noisy, planted.rule, planted.tampered)
    assert len(shorter.actions) == 1
    story = told(shorter, run(shorter, planted.tampered))
    assert story[0].startswith("call_by: m1 attempt 1 calls")
    assert any("the process stands still before transport.send" in line for line in story)


def test_a_burst_after_a_pause_keeps_the_pace() -> None:  # found by seed 33: a draw that a refill made up for was free
    burst = (Post(5.0, "code", f"reader{number}@example.net") for number in range(6))
    slow = Limits(production=True, rate=2.0, quota=-1.0)
    result = run(Plan("burst", (Post(0.5, "code", "ana@example.net"), *burst), limits=slow))
    assert result.findings == ()
