"""The stories of the simulation on a real PostgreSQL, each with one call disturbed; `make proof` disturbs them all."""

from collections.abc import Iterator

import pytest

from tests.postgres import made_on
from tests.simulate.place import Place, on
from tests.simulate.planted import PLANTED, Planted
from tests.simulate.postgres import Ground
from tests.simulate.run import run
from tests.simulate.scenarios import SCENARIOS, Scenario, disturbed
from tests.simulate.seeds import drawn
from tests.simulate.story import told

SEEDS = (3, 5)


@pytest.fixture(scope="module")
def place(postgres: str) -> Iterator[Place]:
    with made_on(postgres) as database:
        ground = Ground(database)
        yield on(ground)
        ground.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_story_ends_on_postgres_as_it_should(scenario: Scenario, place: Place) -> None:
    undisturbed = run(scenario.plan, records=place.records)
    assert undisturbed.findings == ()
    assert undisturbed.states == scenario.ends
    assert undisturbed.rested_at < scenario.within
    points = list(disturbed(scenario, undisturbed.calls[: undisturbed.busy], place.ports))
    number, mishap, plan = points[len(points) // 2]
    result = run(plan, records=place.records)
    assert result.findings == (), f"call {number}: {mishap} {undisturbed.calls[number - 1]}"
    assert result.befallen > undisturbed.befallen


@pytest.mark.parametrize("seed", SEEDS)
def test_on_postgres_too_a_seed_in_which_everything_goes_wrong_loses_and_doubles_nothing(
    seed: int, place: Place
) -> None:
    plan = drawn(seed)
    result = run(plan, records=place.records)
    assert result.findings == (), "\n".join(told(plan, result))
    assert result.deaths > 0
    assert result.accepted > 0


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_fault_is_found_in_a_record_on_postgres(planted: Planted, place: Place) -> None:
    found = run(planted.plan, planted.tampered, place.records).findings
    assert planted.rule in {finding.rule for finding in found}
