"""`python -m tests.simulate`: the whole proof, or one run again, told line by line."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context

from tests.postgres import made_on, served
from tests.simulate.place import IN_MEMORY, Place, on, settle_on
from tests.simulate.plan import Mishap, Plan
from tests.simulate.postgres import Ground
from tests.simulate.run import run
from tests.simulate.seeds import drawn
from tests.simulate.story import shortest, told
from tests.simulate.whole import Share, Tally, done, merged, scenario_named, shares

MOST_STORIES = 3
ON_POSTGRES = "the records on a PostgreSQL: this one, TEST_DATABASE_URL's, or one that is started for it"


def main(words: Sequence[str]) -> int:
    asked = _parser().parse_args(words)
    plan = _one(asked)
    with _databases(asked.db, 1 if plan else 1 + asked.jobs) as databases:
        place = on(Ground(databases[0])) if databases else IN_MEMORY
        if plan:
            return _replay(plan, place)
        began = time.monotonic()
        tallies = list(merged(list(_worked(shares(asked.seeds, asked.first), asked.jobs, databases[1:]))))
        return _tell(tallies, time.monotonic() - began, place)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many seeds (default: 2000)")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--db", nargs="?", const="", metavar="URL", help=ON_POSTGRES)
    parser.add_argument("--seed", type=int, help="run this one again, and tell it")
    parser.add_argument("--scenario", help="run this one again, and tell it")
    parser.add_argument("--call", type=int, help="… with its so-manieth port call disturbed")
    parser.add_argument("--mishap", choices=[mishap.name.lower() for mishap in Mishap], default="killed_after")
    return parser


@contextmanager
def _databases(told: str | None, number: int) -> Iterator[list[str]]:
    """For this process and for each that it starts, where `--db` was said."""
    with ExitStack() as stack:
        server = None if told is None else stack.enter_context(served(told))
        yield [stack.enter_context(made_on(server.url)) for _ in range(number)] if server else []


# --- one run ----------------------------------------------------------------------------------------------------------


def _one(asked: argparse.Namespace) -> Plan | None:
    if asked.seed is not None:
        return drawn(asked.seed)
    if asked.scenario is None:
        return None
    plan = scenario_named(asked.scenario).plan
    return replace(plan, mishaps={**plan.mishaps, asked.call: Mishap[asked.mishap.upper()]}) if asked.call else plan


def _replay(plan: Plan, place: Place) -> int:
    result = run(plan, records=place.records)
    print("\n".join(result.lines))
    print(f"trace {result.digest[:16]}, {len(result.calls)} port calls, {result.deaths} deaths")
    if result.findings:
        print("\nThe shortest story of it:\n")
        shorter = shortest(plan, result.findings[0].rule, records=place.records)
        print("\n".join(told(shorter, run(shorter, records=place.records))))
    return 1 if result.findings else 0


# --- all of them ------------------------------------------------------------------------------------------------------


def _worked(work: Iterable[Share], jobs: int, databases: Sequence[str]) -> Iterator[Tally]:
    context = get_context("spawn")
    line = context.SimpleQueue()
    for database in databases:
        line.put(database)
    settle = (settle_on, (line.get,)) if databases else (None, ())
    with ProcessPoolExecutor(jobs, context, *settle) as pool:
        under_way = [pool.submit(done, share) for share in work]
        for number, one in enumerate(as_completed(under_way), 1):
            if sys.stderr.isatty():
                print(f"\r{number} of {len(under_way)} shares", end="", file=sys.stderr)
            yield one.result()
    print(end="\r", file=sys.stderr)


def _tell(tallies: Sequence[Tally], seconds: float, place: Place) -> int:
    _print_table(tallies, seconds)
    failures = [failure for tally in tallies for failure in tally.failures]
    for command, finding in failures[:20]:
        print(f"FOUND {finding.rule}: {finding.message} {finding.sentence}\n      {command}")
    for command in [command for command, _ in failures if "--seed " in command][:MOST_STORIES]:
        print(f"\n{command}, as short as it still fails:")
        plan = drawn(int(command.rpartition(" ")[2]))
        shorter = shortest(plan, run(plan, records=place.records).findings[0].rule, records=place.records)
        print("\n".join(told(shorter, run(shorter, records=place.records))))
    return 1 if failures else 0


def _print_table(tallies: Sequence[Tally], seconds: float) -> None:
    print(f"{'':40}{'runs':>7}{'port calls':>12}{'deaths':>8}{'accepted':>10}{'found':>7}   second copies, explained")
    for tally in sorted(tallies, key=lambda tally: tally.name == "seeds"):
        copies = ", ".join(f"{n} {why}" for why, n in sorted(tally.explained.items()))
        numbers = f"{tally.runs:7}{tally.calls:12}{tally.deaths:8}{tally.accepted:10}{len(tally.failures):7}"
        print(f"{tally.name:40}{numbers}   {copies}")
    seeds = sum(tally.runs for tally in tallies if tally.name == "seeds")
    planted = sum(tally.runs for tally in tallies if tally.name == "planted faults")
    points = sum(tally.runs for tally in tallies) - seeds - planted
    found = sum(len(tally.failures) for tally in tallies)
    total = sum((tally.explained for tally in tallies), Counter[str]())
    print(f"\n{points} crash points and lost answers, {seeds} seeds, {planted} planted faults: {seconds:.0f} seconds")
    print(f"{found} findings; {sum(total.values())} second copies, each explained: {dict(total)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
