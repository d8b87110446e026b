"""`python -m tests.month --days 30 --jobs 2`: forty senders, each a Franked of its own; what the brake did."""

import json
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.month.month import Found, month_of
from tests.month.senders import senders

BOUNCES, COMPLAINTS = 0.05, 0.001


def main() -> int:
    parser = ArgumentParser("python -m tests.month", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    folder, began = Path(tempfile.mkdtemp(prefix="franked-month-")), time.monotonic()
    names = [one.name for one in senders(asked.seed)]
    with ProcessPoolExecutor(asked.jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        found = list(pool.map(partial(month_of, folder=folder, days=asked.days, seed=asked.seed), names))
    shutil.rmtree(folder)
    for one in found:
        print(line_of(one))
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


def line_of(one: Found) -> str:
    bounces, complaints = _share(one.peak_bounces, one.out_bounces), _share(one.peak_complaints, one.out_complaints)
    peaks = f"{bounces} bounces, {complaints} complaints"
    return f"{one.sender:<10} {one.kind:<32} {one.mails:>6} mails, {peaks}, held {one.held}, {_steps(one.steps)}"


def _share(peak: float, out: float) -> str:
    return f"{100 * peak:.2f} % ({100 * out:.2f} % were out)"


def _steps(steps: Sequence[str]) -> str:
    return " ".join(steps) or "no step"


if __name__ == "__main__":
    sys.exit(main())
