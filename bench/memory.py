"""What a whole Franked holds in memory, door and worker in one process, with 100,000 mails queued."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from bench.bars import MEMORY, Result, Run, Side
from bench.whole import whole

QUEUED = 100_000
RATE = 14  # a second, which it sends meanwhile
LOOKS = 30  # one a second


async def results(run: Run) -> AsyncIterator[Result]:
    if MEMORY.name not in run.wanted:
        return
    looks = [await _looked(run, number) for number in range(run.rounds)]
    notes = (f"memory: median of {LOOKS} looks {median(map(median, looks)):.0f} MB, the most is what counts",)
    yield Result(MEMORY, Side("Franked, door and worker", tuple(map(max, looks)), "MB"), notes=notes)


async def _looked(run: Run, number: int) -> list[float]:
    """PSS in MB, after the last of them was accepted; a process of its own each time."""
    async with whole(run.folder / f"memory-{number}", RATE) as franked:
        await franked.queue(QUEUED)
        looks = []
        for _ in range(LOOKS):
            await asyncio.sleep(1)
            looks.append(pss(franked.program.process.pid))
        run.tell(f"{QUEUED:,} queued: {max(looks):.0f} MB, while {len(franked.came()):,} were sent")
        return looks


def pss(process: int) -> float:
    """MB: shared pages are divided among those who share them."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError("the kernel does not say")
