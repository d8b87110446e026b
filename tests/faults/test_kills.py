"""Nothing lost, nothing twice without a reason, though the process is killed again and again (E6)."""

import json
import subprocess
import sys

from tests.faults.place import ROOT


def test_what_was_accepted_survives_kill_nine_between_accept_and_finish() -> None:
    """The short form of `make proof`."""
    command = [sys.executable, "-m", "tests.faults", "--kills", "5", "--seed", "7", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["in_window"] >= 1, ended.stderr
    assert found["accepted"] == sum(found["states"].values()) > 0
    assert found["lost"] == 0
    assert found["duplicates"] <= found["explained"]
    assert found["states"].keys() <= {"delivered", "held", "dropped"}  # it was drained
