"""A run that failed, told as shortly as it still fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulate.findings import Finding
from tests.simulate.journal import Records
from tests.simulate.plan import EventLuck, Plan
from tests.simulate.run import Result, run
from tests.simulate.sqlite import SqliteRecord
from tests.simulate.stage import Tampered, as_it_is

MOST_TRIES = 120  # of runs, to find a shorter plan


def shortest(plan: Plan, rule: str, tampered: Tampered = as_it_is, records: Records = SqliteRecord) -> Plan:
    """What is left of the plan when nothing more can be taken from it without losing the finding."""
    tries = 0
    simpler = _simpler(plan)
    while (candidate := next(simpler, None)) is not None and tries < MOST_TRIES:
        tries += 1
        if any(finding.rule == rule for finding in run(candidate, tampered, records).findings):
            plan, simpler = candidate, _simpler(candidate)
    return plan


def _simpler(plan: Plan) -> Iterator[Plan]:
    if plan.luck != EventLuck():
        yield replace(plan, luck=EventLuck())
    for place in range(len(plan.actions)):
        yield replace(plan, actions=plan.actions[:place] + plan.actions[place + 1 :])
    for where in plan.mishaps:
        yield replace(plan, mishaps={other: mishap for other, mishap in plan.mishaps.items() if other != where})


def told(plan: Plan, result: Result) -> list[str]:
    """The plan, and the lines of the trace that are about the first finding."""
    if not result.findings:
        return [f"nothing was found: {result.accepted} accepted, {len(result.calls)} calls, {result.deaths} deaths"]
    first = result.findings[0]
    about = [line for line in result.lines if _is_about(line, first)]
    return [f"{first.rule}: {first.message} {first.sentence}", *_listed(plan), *about]


def _listed(plan: Plan) -> Iterator[str]:
    yield f"  {plan.limits}, verified: {', '.join(plan.verified)}"
    yield f"  {plan.luck}, events by {'webhook' if plan.webhook else 'queue'}"
    yield from (f"  {action}" for action in plan.actions)
    yield from (f"  call {where}: {mishap}" for where, mishap in plan.mishaps.items())


_ALWAYS: tuple[Callable[[str], bool], ...] = (
    lambda what: what.startswith(("process ", "the process ", "FOUND", "the answer is lost", "nothing comes of")),
)


def _is_about(line: str, finding: Finding) -> bool:
    what = line[25:]  # after its time and who it was
    return not finding.message or finding.message in what.split() or any(test(what) for test in _ALWAYS)
