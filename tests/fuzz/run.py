"""Both halves of a run: the doors of a running Franked, and the parsers behind them."""

import tempfile
import time
from pathlib import Path

from tests.fuzz.findings import Findings
from tests.fuzz.live import live
from tests.fuzz.parsers import fuzz_parsers
from tests.fuzz.routes import asking, fuzz_routes
from tests.fuzz.sequences import fuzz_sequences


def run(cases: int, seed: int) -> Findings:
    """At least so many cases: a third for the parsers, the rest for the routes, single and in sequences."""
    findings, began = Findings(), time.monotonic()
    fuzz_parsers(findings, cases // 3, seed)
    with tempfile.TemporaryDirectory(prefix="franked-fuzz-") as folder, live(Path(folder)) as franked:
        with asking(franked, findings) as asker:
            fuzz_routes(asker, cases // 2, seed)
            while findings.cases < cases:
                seed += 1
                fuzz_sequences(asker, cases - findings.cases, seed)
        for line in franked.faults():
            findings.fail("the log", line)
    findings.seconds = time.monotonic() - began
    return findings
