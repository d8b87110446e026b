"""`python -m tests.fuzz --cases 5000 --seed 1`: no fault, no hang, no answer that docs/openapi.json does not have."""

import json
import sys
from argparse import ArgumentParser

from tests.fuzz.run import run


def main() -> int:
    parser = ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    findings = run(asked.cases, asked.seed)
    print(json.dumps(findings.told(), ensure_ascii=False))
    return 1 if findings.failures else 0


if __name__ == "__main__":
    sys.exit(main())
