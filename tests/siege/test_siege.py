"""A flood, idle connections and heavy bodies harm nobody, and the door keeps room for itself."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RLIMIT_NOFILE
from socket import create_connection, socket
from urllib.parse import urlsplit

from tests.commandline import Up, until, up
from tests.product import settings_in
from tests.siege.siege import ROOT

FEW = 200  # open files


def test_what_was_answered_202_in_a_flood_is_kept_and_codes_still_come_in() -> None:
    """The short form of the siege in `make proof`."""
    shorter = "--idle 200 --slow 0 --heavy 2 --connections 1250 --size 63000 --seconds 1"
    command = [sys.executable, "-m", "tests.siege", *shorter.split(), "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(ended.stdout)
    assert found["idle_held"] == 200
    assert found["busy"] > 0
    assert found["otherwise"] == {}
    assert found["urgent_accepted"] > 0
    assert found["accepted"] > 0
    assert found["lost"] == 0


@contextmanager
def few_files() -> Iterator[Callable[[], None]]:
    """What is started in the block has them as its soft limit; what is yielded ends that for this process."""
    limits = resource.getrlimit(RLIMIT_NOFILE)
    resource.setrlimit(RLIMIT_NOFILE, (1024, limits[1]))
    try:
        yield lambda: resource.setrlimit(RLIMIT_NOFILE, limits)
    finally:
        resource.setrlimit(RLIMIT_NOFILE, limits)


def test_callers_get_all_files_that_the_system_allows_but_those_that_the_record_needs(tmp_path: Path) -> None:
    settings_in(tmp_path)
    with few_files() as whole_again, up(tmp_path) as started:
        whole_again()
        process = started.process.pid
        soft, hard = resource.prlimit(process, RLIMIT_NOFILE)
        assert soft == hard
        resource.prlimit(process, RLIMIT_NOFILE, (FEW, hard))
        crowd = [_connected(started) for _ in range(FEW)]
        until(lambda: _is_ended(crowd[-1]))  # there was no place for it
        assert len([one for one in crowd if not _is_ended(one)]) <= FEW // 2
        assert len(list(Path(f"/proc/{process}/fd").iterdir())) < FEW
        for one in crowd:
            one.close()
        until(lambda: _is_answered(started))
        assert started.stop() == 0


def _connected(started: Up) -> socket:
    at = urlsplit(started.url)
    made = create_connection((at.hostname, at.port))
    made.setblocking(False)
    return made


def _is_ended(caller: socket) -> bool:
    try:
        return caller.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _is_answered(started: Up) -> bool:
    try:
        return bool(started.send("ana@example.net", "receipt", number="R-1"))
    except OSError:
        return False
