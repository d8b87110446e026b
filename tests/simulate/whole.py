"""The whole proof: what was planted is found, every call of every scenario is disturbed, and many seeds are run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.simulate.findings import Finding
from tests.simulate.place import Place, here
from tests.simulate.planted import PLANTED
from tests.simulate.run import Result, run
from tests.simulate.scenarios import SCENARIOS, Scenario, disturbed
from tests.simulate.seeds import drawn

SEEDS_AT_ONCE = 20


@dataclass(slots=True)
class Tally:
    """What some runs came to. `failures`: the command that replays each, and its first finding."""

    name: str
    runs: int = 0
    calls: int = 0
    deaths: int = 0
    accepted: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, Finding]] = field(default_factory=list)

    def add(self, result: Result, command: str) -> None:
        self.runs += 1
        self.calls += len(result.calls)
        self.deaths += result.deaths
        self.accepted += result.accepted
        self.explained.update(result.explained)
        if result.findings:
            self.failures.append((command, result.findings[0]))

    def merge(self, other: "Tally") -> None:
        self.runs += other.runs
        self.calls += other.calls
        self.deaths += other.deaths
        self.accepted += other.accepted
        self.explained.update(other.explained)
        self.failures += other.failures


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of the work: a scenario by name, `planted`, or the seeds from `first` on."""

    kind: str  # scenario, planted, seeds
    name: str
    first: int = 0
    number: int = 0


def shares(seeds: int, first: int = 0) -> list[Share]:
    """The longest first."""
    known = [Share("scenario", scenario.name) for scenario in reversed(SCENARIOS)]
    starts = range(first, first + seeds, SEEDS_AT_ONCE)
    drawn_from = [Share("seeds", "seeds", at, min(SEEDS_AT_ONCE, first + seeds - at)) for at in starts]
    return [Share("planted", "planted faults"), *known, *drawn_from]


def done(share: Share) -> Tally:
    """On the records of this process."""
    match share.kind:
        case "planted":
            return _planted(here())
        case "scenario":
            return _disturbed(scenario_named(share.name), here())
        case _:
            return _seeds(share, here())


def scenario_named(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def _planted(place: Place) -> Tally:
    """A planted fault that is not found is a finding."""
    tally = Tally("planted faults")
    for planted in PLANTED:
        result = run(planted.plan, planted.tampered, place.records)
        tally.runs += 1
        if not any(finding.rule == planted.rule for finding in result.findings):
            tally.failures.append(("", Finding(planted.rule, "", f"{planted.name} was not found")))
    return tally


def _disturbed(scenario: Scenario, place: Place) -> Tally:
    tally = Tally(scenario.name)
    undisturbed = run(scenario.plan, records=place.records)
    command = f'python -m tests.simulate{place.words} --scenario "{scenario.name}"'
    if undisturbed.findings or undisturbed.states != scenario.ends or undisturbed.rested_at > scenario.within:
        ends = f"undisturbed it ends as {', '.join(undisturbed.states)} after {undisturbed.rested_at:.1f} s"
        tally.failures.append((command, next(iter(undisturbed.findings), Finding("ends", "", ends))))
    for number, mishap, plan in disturbed(scenario, undisturbed.calls[: undisturbed.busy], place.ports):
        result = run(plan, records=place.records)
        tally.add(result, f"{command} --call {number} --mishap {mishap.name.lower()}")
    return tally


def _seeds(share: Share, place: Place) -> Tally:
    tally = Tally("seeds")
    for seed in range(share.first, share.first + share.number):
        result = run(drawn(seed), records=place.records)
        tally.add(result, f"python -m tests.simulate{place.words} --seed {seed}")
    return tally


def merged(tallies: Sequence[Tally]) -> Iterator[Tally]:
    """One for each name, in the order in which they came."""
    by_name: Mapping[str, Tally] = {tally.name: Tally(tally.name) for tally in tallies}
    for tally in tallies:
        by_name[tally.name].merge(tally)
    yield from by_name.values()
