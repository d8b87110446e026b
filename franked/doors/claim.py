"""SQLite means one Franked process: whoever holds the lock file of the data directory is it."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "franked.lock"
_LOOKS = 6  # a command that only asks who runs holds the lock for an instant
_BETWEEN = 0.05  # seconds


Said = Mapping[str, object]  # what the process that runs says of itself: `pid`, and what it published


class AlreadyRunning(Exception):
    """Another process holds the data directory. `str()` is for an operator, and quotes no key."""

    def __init__(self, directory: Path, said: Said) -> None:
        who = f"process {said['pid']}" if said.get("pid") else "a process"
        at = f" at {said['url']}" if said.get("url") else ""
        super().__init__(f"Franked is already running in {directory}: {who}{at}")
        self.said = said


class Claim:
    """The data directory is ours."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.fchmod(descriptor, 0o600)
        self.publish()

    def publish(self, **said: str) -> None:
        """For the commands of this machine's same user: where the door is, and what opens it."""
        self._write(json.dumps({"pid": os.getpid(), **said}).encode())

    def end(self) -> None:
        self._write(b"")

    def _write(self, content: bytes) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)


@contextmanager
def claim(directory: Path) -> Iterator[Claim]:
    """Raises AlreadyRunning. The lock ends with the block, or with the process, however that ends."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX, _LOOKS):
            raise AlreadyRunning(directory, _read(descriptor))
        ours = Claim(descriptor)
        try:
            yield ours
        finally:
            ours.end()
    finally:
        os.close(descriptor)


def read_claim(directory: Path) -> Said | None:
    """Who runs in this directory; None when nobody does."""
    try:
        descriptor = os.open(directory / LOCK_FILE, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return None if _locked(descriptor, fcntl.LOCK_SH, looks=1) else _read(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, way: int, looks: int) -> bool:
    for look in range(looks):
        try:
            fcntl.flock(descriptor, way | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN if look < looks - 1 else 0)
        else:
            return True
    return False


def _read(descriptor: int) -> Said:
    """Empty while its owner is writing."""
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
