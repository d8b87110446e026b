"""`python -m tests.endpoints --mails 1000 --rounds 3`: nobody waits for an endpoint, and none of them leads inside."""

import asyncio
import json
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from tests.endpoints.run import WAYS, Found, run

DEAD = ("hangs", "500", "redirects to 169.254.169.254", "redirects inside", "rebinding")


def main() -> int:
    parser = ArgumentParser("python -m tests.endpoints", description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(WAYS), choices=list(WAYS), help="`none` is always among them")
    asked = parser.parse_args()
    ways = list(dict.fromkeys(["none", *asked.only]))
    with tempfile.TemporaryDirectory(prefix="franked-endpoints-") as folder:
        found = {one.way: one for one in asyncio.run(run(asked.mails, asked.rounds, Path(folder), _tell, ways))}
    figures = {way: asdict(one) for way, one in found.items()}
    print(json.dumps({"mails": asked.mails, "rounds": asked.rounds, "ways": figures}))
    for way, one in found.items():
        none = found["none"]
        _tell(
            f"{way:30} {one.rate:6.0f} mails/s ({one.rate / none.rate:.2f} of none)  {one.cost:5.2f} ms of CPU a mail "
            f"({one.cost / none.cost:.2f})  {one.calls} calls, inside reached {one.reached_inside} times"
        )
    return 0 if all(_is_clean(found[way], asked.mails) for way in DEAD if way in found) else 1


def _is_clean(one: Found, mails: int) -> bool:
    return one.settled >= mails and one.calls >= 1 and one.told == 0 and one.waiting > 0 and one.reached_inside == 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
