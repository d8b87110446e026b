"""`python -m tests.siege --json`: a siege, and its figures."""

import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from asyncio import Runner
from dataclasses import asdict, fields
from pathlib import Path

import uvloop

from tests.siege.siege import Findings, Plan, run


def main() -> int:
    asked = _asked()
    plan = Plan(**{one.name: getattr(asked, one.name) for one in fields(Plan)})
    folder = Path(tempfile.mkdtemp(prefix="franked-siege-"))
    with Runner(loop_factory=uvloop.new_event_loop) as runner:
        findings = runner.run(run(plan, folder, _tell))
    print(json.dumps(asdict(findings)) if asked.json else _sentence(findings))
    if findings.stood(plan):
        shutil.rmtree(folder)
        return 0
    _tell(f"the record and the log are kept in {folder}")
    return 1


def _asked() -> Namespace:
    parser = ArgumentParser("python -m tests.siege", description=__doc__)
    for one in fields(Plan):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=type(one.default), default=one.default)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args()


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _sentence(found: Findings) -> str:
    return (
        f"{found.idle_held} idle connections held; a flood of {found.requests} requests: {found.accepted} accepted, "
        f"{found.busy} sent away, {found.lost} lost; meanwhile {found.urgent_accepted} urgent ones (p99 "
        f"{found.urgent_p99_ms} ms) and {found.drained_meanwhile} mails sent ({found.seconds} s)"
    )


if __name__ == "__main__":
    sys.exit(main())
