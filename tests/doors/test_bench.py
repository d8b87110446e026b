"""`franked bench`: it measures, says what and where, and refuses what is no disk. No test says how fast anything is."""

import json
from pathlib import Path

import pytest

from franked.doors.cli.bench.bars import bar
from franked.doors.cli.bench.place import Disk, disk_at
from tests.commandline import franked


def test_one_round_of_everything_as_json(tmp_path: Path) -> None:
    said = franked(tmp_path, "bench", "--rounds", "1", "--json")
    assert said.status == 0, said.err
    told = json.loads(said.out)
    assert set(told["bars"]) == {
        "drain vs bare loop",
        "accept vs no storage",
        "batch vs single",
        "events vs verified only",
    }
    for one in told["bars"].values():
        assert set(one) == {"ratio", "absolute", "against", "median", "min", "max", "rounds"}
        assert one["ratio"] == pytest.approx(one["absolute"] / one["against"], rel=0.02)
        assert one["rounds"] == 1
    assert told["disk"]["fsync_ms"] > 0
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


async def test_a_bar_is_the_median_of_its_rounds() -> None:
    ours, theirs = iter([10.0, 40.0, 30.0]), iter([10.0, 10.0, 10.0])

    async def mine() -> float:
        return next(ours)

    async def other() -> float:
        return next(theirs)

    found = await bar(mine, other, 3)
    assert (found.ratio, found.min, found.max, found.absolute, found.against) == (3.0, 1.0, 4.0, 30.0, 10.0)


def test_memory_is_no_disk(tmp_path: Path) -> None:
    assert Disk("tmpfs", 0.001).is_memory
    assert not Disk("ext4", 0.2).is_memory
    assert disk_at(tmp_path).fsync_ms > 0
    if " /dev/shm tmpfs " in Path("/proc/mounts").read_text():
        said = franked(tmp_path, "bench", "--data", "/dev/shm")
        assert (said.status, said.out) == (2, "")
        assert "/dev/shm is on tmpfs, which is no disk: choose another place with --data" in said.err
