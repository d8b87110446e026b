"""`python -m tests.recount --events 1000000 --seed 1`: in any order and some twice, all is counted once."""

import asyncio
import json
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from tests.recount.run import run


def main() -> int:
    parser = ArgumentParser("python -m tests.recount", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="figures for a program")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="franked-recount-") as folder:
        found = asyncio.run(run(asked.events, asked.seed, Path(folder), _tell))
    if asked.json:
        print(json.dumps(asdict(found)))
    else:
        for name, figure in asdict(found).items():
            print(f"{name:12} {figure:>12,}")
    return 1 if found.differing else 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
