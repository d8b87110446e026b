"""`python -m tests.reconcile --entries 100000 --kills 5`: no drift, a call a second, nothing left to do."""

import asyncio
import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from tests.reconcile.run import run


def main() -> int:
    parser = ArgumentParser("python -m tests.reconcile", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="franked-reconcile-"))
    found = asyncio.run(run(asked.entries, asked.kills, asked.seed, folder, _tell))
    print(json.dumps(asdict(found)))
    if found.clean:
        shutil.rmtree(folder)
        return 0
    _tell(f"what is left of it is in {folder}")
    return 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
