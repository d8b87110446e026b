"""Several processes at one record on PostgreSQL: a door and two workers, one of which is killed (real processes)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL, SIGTERM
from subprocess import DEVNULL, Popen
from typing import Any

import pytest

from tests.commandline import FRANKED, Up, environment, franked, together, until, up
from tests.product import settings_in

SECRET = "5e" * 32
SLOW = {"what": "slow", "times": 5, "seconds": 30.0}


@contextmanager
def worker(door: Up, database: str, number: int) -> Iterator[Popen[str]]:
    """On another machine, as far as it can tell: it shares the settings, the key, the database and the account."""
    more = {
        "FRANKED_STORE_SECRET": SECRET,
        "FRANKED_STORE_URL": database,
        "AWS_ENDPOINT_URL_SESV2": door.inbox,
        "AWS_ACCESS_KEY_ID": "simulator",
        "AWS_SECRET_ACCESS_KEY": "simulator",
    }
    log = door.folder / f"worker{number}.log"
    with log.open("w") as stderr:
        process = Popen(
            [FRANKED, "work"],
            cwd=door.folder,
            env=environment(more),
            stdin=DEVNULL,
            stdout=stderr,
            stderr=stderr,
            text=True,
        )
    try:
        until(lambda: "A worker at" in log.read_text() or process.poll() is not None, 60.0)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def door(tmp_path: Path, database: str) -> Iterator[Up]:
    settings_in(tmp_path)
    with up(tmp_path, "--door-only", FRANKED_STORE_SECRET=SECRET, FRANKED_STORE_URL=database) as started:
        yield started


def copies(door: Up) -> list[str]:
    """The message of every mail that the account took."""
    taken: list[dict[str, Any]] = door.account("taken")
    return sorted(str(dict(mail["tags"])["franked-message"]) for mail in taken)


def test_two_workers_send_what_one_door_took_and_a_killed_one_is_made_up_for(door: Up, database: str) -> None:
    before = [door.send(f"a{n}@example.net", "receipt", number="R-1") for n in range(20)]
    assert set(door.states(before)) == {"queued"}  # the door sends nothing
    with worker(door, database, 1) as first, worker(door, database, 2) as second:
        until(lambda: set(door.states(before)) == {"delivered"}, 60.0)
        door.account("faults", SLOW)  # so that the first is killed with mail in its hands
        under_way = [door.send(f"b{n}@example.net", "receipt", number="R-1") for n in range(10)]
        first.send_signal(SIGKILL)
        after = [door.send(f"c{n}@example.net", "receipt", number="R-1") for n in range(20)]
        until(lambda: set(door.states(after)) == {"delivered"}, 60.0)
        assert set(door.states(under_way)) <= {"delivered", "sending"}  # or its lease is not over yet
        taken = copies(door)
        assert len(taken) == len(set(taken))
        second.send_signal(SIGTERM)
        assert second.wait(60.0) == 0
    assert set(before + after) <= set(copies(door))


def test_a_worker_that_can_not_help_says_why(door: Up, database: str) -> None:
    shared = {"FRANKED_STORE_URL": database}
    other_key = franked(door.folder, "work", FRANKED_STORE_SECRET="ab" * 32, **shared)
    no_database = franked(door.folder, "work", FRANKED_STORE_SECRET=SECRET)
    no_key = franked(door.folder, "work", "--data", "elsewhere", **shared)
    no_answer = franked(door.folder, "work", "--db", "postgresql://nobody@127.0.0.1:9/x", FRANKED_STORE_SECRET=SECRET)
    no_settings = franked(door.folder / "mail", "work", **shared)
    for said, words in (
        (other_key, "FRANKED_STORE_SECRET"),
        (no_database, "on SQLite `franked up` does all the work"),
        (no_key, "secret.key"),
        (no_answer, "can't be reached"),
        (no_settings, "--config names it"),
    ):
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), said.err
        assert words in said.err


def test_without_the_driver_it_is_said_what_to_install(tmp_path: Path) -> None:
    """By the settings or by `--db`: the extra `postgres` was not installed."""
    named = 'url = "postgresql://franked@127.0.0.1:9/franked"'
    settings_in(tmp_path, ("[log]", f"[store]\n{named}\n\n[log]"))
    lacking = tmp_path / "lacking"
    lacking.mkdir()
    (lacking / "asyncpg.py").write_text("raise ModuleNotFoundError(\"No module named 'asyncpg'\", name='asyncpg')")
    commands = ("up",), ("work",), ("up", "--db", "postgresql://nobody@127.0.0.1:9/x")
    for said in together(tmp_path, *commands, PYTHONPATH=str(lacking), FRANKED_STORE_SECRET=SECRET):
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), said.err
        assert "pip install 'franked[postgres]'" in said.err


def test_a_door_alone_needs_a_record_that_can_be_shared(tmp_path: Path) -> None:
    settings_in(tmp_path)
    said = franked(tmp_path, "up", "--door-only")
    assert (said.status, said.out) == (2, "")
    assert "--db" in said.err
