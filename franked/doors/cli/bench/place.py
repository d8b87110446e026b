"""Where the record of a bench lies: a disk, and how long it takes to be sure."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from franked.doors.cli.start import Unusable

_MEMORY = {"tmpfs", "ramfs"}
_TIMES = 50


@dataclass(frozen=True, slots=True)
class Disk:
    file_system: str
    fsync_ms: float  # median of one small write and its fsync

    @property
    def is_memory(self) -> bool:
        return self.file_system in _MEMORY


@contextmanager
def ground(where: Path) -> Iterator[tuple[Path, Disk]]:
    """A folder in `where` that is gone afterwards. Raises Unusable where there is no disk."""
    if not where.is_dir():
        raise Unusable(f"{where} is no folder")
    with tempfile.TemporaryDirectory(prefix=".franked-bench-", dir=where) as folder:
        disk = disk_at(Path(folder))
        if disk.is_memory:
            raise Unusable(f"{where} is on {disk.file_system}, which is no disk: choose another place with --data")
        yield Path(folder), disk


def disk_at(folder: Path) -> Disk:
    return Disk(_file_system(folder.resolve()), round(1000 * median(_fsyncs(folder)), 3))


def _file_system(folder: Path) -> str:
    """As the kernel says, of the innermost mount; "unknown" where it says nothing."""
    try:
        mounts = [line.split(" ")[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    holding = [(place, kind) for place, kind in mounts if folder.is_relative_to(place)]
    return max(holding, key=lambda one: len(one[0]), default=("", "unknown"))[1]


def _fsyncs(folder: Path) -> list[float]:
    seconds = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(_TIMES):
            began = perf_counter()
            file.write(b"." * 4096)
            os.fsync(file.fileno())
            seconds.append(perf_counter() - began)
    return seconds
