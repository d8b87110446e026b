"""One process holds a data directory, and the others are told which."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from franked.doors.claim import LOCK_FILE, AlreadyRunning, claim, read_claim

Process = subprocess.Popen[str]

HOLD = """
import sys
from pathlib import Path
from franked.doors.claim import claim
with claim(Path(sys.argv[1])) as ours:
    ours.publish(url="http://127.0.0.1:8025", control_key="secret")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Process]:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_directory_that_another_process_holds_is_refused_by_its_name(tmp_path: Path, foreign: Process) -> None:
    with pytest.raises(AlreadyRunning) as refused, claim(tmp_path):
        pass
    assert f"process {foreign.pid}" in str(refused.value)
    assert "http://127.0.0.1:8025" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_command_finds_the_door_of_the_process_that_runs(tmp_path: Path, foreign: Process) -> None:
    assert read_claim(tmp_path) == {"pid": foreign.pid, "url": "http://127.0.0.1:8025", "control_key": "secret"}


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path, foreign: Process) -> None:
    foreign.kill()
    foreign.wait()
    assert read_claim(tmp_path) is None
    with claim(tmp_path):
        assert read_claim(tmp_path) == {"pid": os.getpid()}


def test_two_claims_in_one_process_are_two(tmp_path: Path) -> None:
    with claim(tmp_path / "new"), pytest.raises(AlreadyRunning), claim(tmp_path / "new"):
        pass


def test_what_was_published_is_the_owners_only_and_ends_with_the_claim(tmp_path: Path) -> None:
    with claim(tmp_path) as ours:
        ours.publish(url="http://127.0.0.1:8025", control_key="secret")
        assert (tmp_path / LOCK_FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / LOCK_FILE).read_bytes() == b""
    assert read_claim(tmp_path) is None


def test_nobody_runs_where_nothing_is(tmp_path: Path) -> None:
    assert read_claim(tmp_path / "nowhere") is None


def test_a_claim_that_is_being_written_is_somebody(tmp_path: Path) -> None:
    with claim(tmp_path):
        for half in (b"", b'{"pid": 1', b"[]"):
            (tmp_path / LOCK_FILE).write_bytes(half)
            assert read_claim(tmp_path) == {}
            with pytest.raises(AlreadyRunning, match="a process"), claim(tmp_path):
                pass
