"""`python -m tests.newsletter --people 50000 --kills 3`: each gets it once, and who leaves gets nothing after."""

import asyncio
import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from tests.newsletter.run import run


def main() -> int:
    parser = ArgumentParser("python -m tests.newsletter", description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="franked-newsletter-"))
    found = asyncio.run(run(asked.people, asked.kills, asked.seed, folder, _tell))
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
