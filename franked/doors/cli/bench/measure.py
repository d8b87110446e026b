"""The short bench: everything that needs no peer, in under a minute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from franked.doors.cli.bench.bars import Bar, bar
from franked.doors.cli.bench.door import forgetting, storing
from franked.doors.cli.bench.drain import drained, looped
from franked.doors.cli.bench.house import house, sink
from franked.doors.cli.bench.place import Disk


@dataclass(frozen=True, slots=True)
class Measured:
    bars: Mapping[str, Bar]
    disk: Disk
    rounds: int


async def measured(folder: Path, disk: Disk, rounds: int, tell: Callable[[str], None]) -> Measured:
    bars: dict[str, Bar] = {}
    async with sink() as endpoint:
        async with house(folder, "drain", endpoint) as world:
            tell("draining, beside a bare loop of render, sign and post")
            bars["drain vs bare loop"] = await bar(partial(drained, world), partial(looped, world), rounds)
        async with house(folder, "accept", endpoint) as world, storing(world) as kept, forgetting(world) as lost:
            tell("accepting over HTTP, beside the same route without storage")
            bars["accept vs no storage"] = await bar(kept.singles, lost.singles, rounds)
            tell("accepting a hundred in a request, beside one")
            bars["batch vs single"] = await bar(kept.batches, kept.singles, rounds)
    return Measured(bars, disk, rounds)
