"""Several processes at one record on PostgreSQL: a door and two workers, one of which is killed (real processes)."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest

from tests.commandline import Up, called, franked, until, up
from tests.product import settings_in
from tests.sharing import SECRET, copies, sharing, worker

SLOW = {"what": "slow", "times": 5, "seconds": 30.0}


@pytest.fixture
def door(tmp_path: Path, database: str) -> Iterator[Up]:
    settings_in(tmp_path)
    with up(tmp_path, "--door-only", **sharing(database)) as started:
        yield started


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
    other_key = called(door.folder, "work", FRANKED_STORE_SECRET="ab" * 32, **shared)
    no_database = called(door.folder, "work", FRANKED_STORE_SECRET=SECRET)
    no_key = called(door.folder, "work", "--data", "elsewhere", **shared)
    no_answer = called(door.folder, "work", "--db", "postgresql://nobody@127.0.0.1:9/x", FRANKED_STORE_SECRET=SECRET)
    no_settings = called(door.folder / "mail", "work", **shared)
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
    for command in commands:  # one by one: they share a data directory
        said = franked(tmp_path, *command, PYTHONPATH=str(lacking), FRANKED_STORE_SECRET=SECRET)
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), said.err
        assert "pip install 'franked[postgres]'" in said.err


def test_a_door_alone_needs_a_record_that_can_be_shared(tmp_path: Path) -> None:
    settings_in(tmp_path)
    said = called(tmp_path, "up", "--door-only")
    assert (said.status, said.out) == (2, "")
    assert "--db" in said.err
