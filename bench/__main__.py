"""`python -m bench`: measures what is to be reached, and prints it beside what stands against it."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from bench import events, match, memory, stored, urgent
from bench.bars import BARS, Part, Result, Run
from bench.table import as_json, show
from franked.doors.cli.bench.place import ground
from franked.doors.cli.hosting import run
from franked.doors.cli.start import Unusable, said

PARTS: tuple[Part, ...] = (
    match.results,
    events.results,
    stored.results,
    memory.results,
    urgent.results,
)


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    _stoppable()
    try:
        return said(lambda: _bench(asked))
    except KeyboardInterrupt:
        sys.stderr.write("told to stop\n")
        return 130


def _stoppable() -> None:
    """However it is told to stop, what it started is ended first."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--only", action="append", metavar="NAME", help="one bar, or each whose name begins so")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--data", type=Path, default=Path(), help="a folder on the disk that is meant")
    return parser


def _bench(asked: argparse.Namespace) -> int:
    if asked.rounds < 1:
        raise Unusable("a bar takes one round at least")
    wanted, found = _wanted(asked.only), list[Result]()
    with ground(asked.data.absolute()) as (folder, disk):
        progress = Console(stderr=True, highlight=False)
        try:
            run(lambda: _measured(Run(folder, asked.rounds, wanted, progress.print), found))
        finally:
            if asked.json:
                sys.stdout.write(msgspec.json.encode(as_json(found, asked.rounds, disk)).decode() + "\n")
            elif found:
                show(found, asked.rounds, disk)
    return 0


def _wanted(only: Sequence[str] | None) -> set[str]:
    names = [bar.name for bar in BARS]
    unknown = [one for one in only or () if not any(name.startswith(one) for name in names)]
    if unknown:
        raise Unusable(f"there is no bar {unknown[0]!r}: there are {', '.join(names)}")
    return {name for name in names if not only or any(name.startswith(one) for one in only)}


async def _measured(run: Run, found: list[Result]) -> None:
    for part in PARTS:
        async for result in part(run):
            found.append(result)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
