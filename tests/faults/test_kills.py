"""Nothing lost, nothing twice without a reason, though the process is killed again and again (E6)."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.kills import Findings
from tests.faults.place import ROOT


def found_by(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults", *arguments, "--seed", "7", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    assert found["in_window"] >= 1, ended.stderr
    assert found["accepted"] == sum(found["states"].values()) > 0
    assert found["lost"] == 0
    assert found["duplicates"] <= found["explained"]
    assert found["states"].keys() <= {"delivered", "held", "dropped"}  # it was drained
    assert sum(found["killed"].values()) == found["kills"]
    return found


def test_what_was_accepted_survives_kill_nine_between_accept_and_finish() -> None:
    """The short form of `make proof`."""
    found_by("--kills", "5")


def test_a_door_and_two_workers_on_postgres_survive_kills_cuts_and_a_restart() -> None:
    """The short form too. What a worker does that stood still has tests of its own."""
    found = found_by("--db", "--kills", "6")
    assert found["cut"] > 0
    assert found["restarted"] == ("TEST_DATABASE_URL" not in os.environ)


@pytest.mark.parametrize(("kills", "in_window", "clean"), [(5, 0, True), (200, 39, False), (200, 40, True)])
def test_kills_that_miss_the_window_prove_nothing(kills: int, in_window: int, clean: bool) -> None:
    found = Findings(kills, in_window, 9, {"delivered": 9}, lost=0, duplicates=0, explained=0, unproven=0, seconds=1.0)
    assert found.clean is clean
