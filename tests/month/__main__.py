"""`python -m tests.month --days 30 --jobs 2`: forty senders, each a Franked of its own; what the brake did."""

import json
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from franked.rules.rates import MANY
from tests.month.ending import Found
from tests.month.month import month_of
from tests.month.senders import senders

BOUNCES, COMPLAINTS = 0.05, 0.001


def main() -> int:
    parser = ArgumentParser("python -m tests.month", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="senders by name, such as bad-0")
    asked = parser.parse_args()
    folder, began = Path(tempfile.mkdtemp(prefix="franked-month-")), time.monotonic()
    names = [one.name for one in senders(asked.seed) if asked.only is None or one.name in asked.only]
    with ProcessPoolExecutor(asked.jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        found = []
        print(HEAD)
        for one in pool.map(partial(month_of, folder=folder, days=asked.days, seed=asked.seed), names):
            print(line_of(one), flush=True)
            found.append(one)
    shutil.rmtree(folder)
    wrong = [one.sender for one in found if not is_right(one)]
    sums = {
        name: sum(getattr(one, name) for one in found) for name in ("mails", "taken_after", "false_stops", "alarms")
    }
    print(json.dumps(sums | {"senders": len(found), "wrong": wrong, "seconds": round(time.monotonic() - began)}))
    return 1 if wrong else 0


def is_right(one: Found) -> bool:
    """Nothing was taken that stood still; nobody careful was stopped; and no more came back than was out already."""
    over = one.peak_bounces - one.out_bounces >= BOUNCES or one.peak_complaints - one.out_complaints >= COMPLAINTS
    return not (one.taken_after or one.false_stops or over)


HEAD = (
    f"{'sender':<10} {'':<32} {'mails':>7} {'bounces: peak (of it out)':>26} {'complaints: peak (of it out)':>29} "
    f"{'alarms':>7} {'held':>6} {'false stops':>12}  steps"
)


def line_of(one: Found) -> str:
    """The peaks are of any 10,000 mails in a row; who sent fewer has none."""
    bounces, complaints = _share(one.peak_bounces, one.out_bounces), _share(one.peak_complaints, one.out_complaints)
    peaks = f"{bounces:>26} {complaints:>29}" if one.mails >= MANY else f"{'–':>26} {'–':>29}"
    figures = f"{one.alarms:>7} {one.held:>6} {one.false_stops:>12}"
    return f"{one.sender:<10} {one.kind:<32} {one.mails:>7} {peaks} {figures}  {_steps(one.steps)}"


def _share(peak: float, out: float) -> str:
    return f"{100 * peak:.2f} % ({100 * out:.2f} %)"


def _steps(steps: Sequence[str]) -> str:
    counted = Counter(steps)
    return ", ".join(f"{step} {n}" if n > 1 else step for step, n in counted.items()) or "none"


if __name__ == "__main__":
    sys.exit(main())
