"""`python -m tests.faults --kills 200 --seed 1 --json`: real kills, and what the three lists then say."""

import asyncio
import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from tests.faults import kills, several
from tests.faults.kills import Findings
from tests.postgres import made_on, served

ON_POSTGRES = "a door and two workers on PostgreSQL: this one, TEST_DATABASE_URL's, or one that is started for it"


def main() -> int:
    asked = _asked()
    folder = Path(tempfile.mkdtemp(prefix="franked-kills-"))
    if asked.db is None:
        findings = asyncio.run(kills.run(asked.kills, asked.seed, folder, _tell))
    else:
        with served(asked.db) as server, made_on(server.url) as database:
            shared = several.Shared(database, server.restart)
            findings = asyncio.run(several.run(asked.kills, asked.seed, folder, shared, _tell))
    print(json.dumps(asdict(findings)) if asked.json else _sentence(findings))
    if findings.clean:
        shutil.rmtree(folder)
        return 0
    _tell(f"what is left of it is in {folder}")
    return 1


def _asked() -> Namespace:
    parser = ArgumentParser("python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--db", nargs="?", const="", metavar="URL", help=ON_POSTGRES)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args()


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _sentence(found: Findings) -> str:
    return (
        f"{found.kills} kills, {found.in_window} between accept and finish: {found.accepted} mails accepted, "
        f"{found.lost} lost, {found.duplicates} sent twice, {found.explained} of them by a decision in the ledger "
        f"({found.seconds} s)"
    )


if __name__ == "__main__":
    sys.exit(main())
