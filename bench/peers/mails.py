"""The mails that every peer is given to send."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def mails() -> Iterator[tuple[str, dict[str, Any]]]:
    """To whom, and the template's variables."""
    for line in Path(os.environ["BENCH_MAILS"]).read_text().splitlines():
        mail = json.loads(line)
        yield mail["to"], mail["variables"]
