"""`python -m tests.helptime`: `franked --help` beside a bare Typer program with as many commands, in turn."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.commandline import FRANKED

ROUNDS = 9
BARE = "import typer\napp = typer.Typer()\n{commands}app()\n"
COMMAND = "@app.command()\ndef c{number}() -> None:\n    'One of them.'\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE.format(commands="".join(COMMAND.format(number=number) for number in range(11))))
        rounds = [(_seconds(FRANKED), _seconds(sys.executable, str(bare))) for _ in range(ROUNDS)]
    ours, theirs = (sorted(times) for times in zip(*rounds, strict=True))
    told = {"franked_ms": ours, "bare_typer_ms": theirs}
    shown = {
        name: [round(1000 * figure) for figure in (times[0], median(times), times[-1])] for name, times in told.items()
    }
    print(json.dumps({"ratio": round(median(ours) / median(theirs), 2), **shown, "rounds": ROUNDS}))


def _seconds(*command: str) -> float:
    began = perf_counter()
    subprocess.run([*command, "--help"], capture_output=True, check=True)
    return perf_counter() - began


if __name__ == "__main__":
    main()
