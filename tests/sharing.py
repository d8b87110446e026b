"""A door and workers at one record on PostgreSQL, each a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from tests.commandline import FRANKED, Up, environment, until

SECRET = "5e" * 32


def sharing(database: str) -> dict[str, str]:
    return {"FRANKED_STORE_SECRET": SECRET, "FRANKED_STORE_URL": database}


@contextmanager
def worker(door: Up, database: str, number: int, folder: Path | None = None) -> Iterator[Popen[str]]:
    """On another machine, as far as it can tell: it shares the settings, the key, the database and the account.
    `folder`: where its settings are; else the door's."""
    account = {
        "AWS_ENDPOINT_URL_SESV2": door.inbox,
        "AWS_ACCESS_KEY_ID": "simulator",
        "AWS_SECRET_ACCESS_KEY": "simulator",
    }
    log = log_of(door, number)
    with log.open("w") as stderr:
        process = Popen(
            [FRANKED, "work"],
            cwd=folder or door.folder,
            env=environment(sharing(database) | account),
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


def log_of(door: Up, number: int) -> Path:
    return door.folder / f"worker{number}.log"


def copies(door: Up) -> list[str]:
    """The message of every mail that the account took."""
    taken: list[dict[str, Any]] = door.account("taken")
    return sorted(str(dict(mail["tags"])["franked-message"]) for mail in taken)
