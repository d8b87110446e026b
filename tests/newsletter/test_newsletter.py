"""Each reader gets an issue once, though its Franked is killed on the way (D3)."""

import json
import subprocess
import sys

from tests.faults.place import ROOT


def test_each_reader_gets_it_once_and_who_leaves_gets_nothing_after() -> None:
    """The short form of `make proof`."""
    command = [sys.executable, "-m", "tests.newsletter", "--people", "2500", "--kills", "2"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    found = json.loads(ended.stdout)
    assert found["in_the_middle"] >= 1
    assert found["people"] - found["left"] <= found["once"] <= found["people"]
    assert found["messages"] <= found["people"]
