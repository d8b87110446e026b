"""What a process weighs: its share of the machine's memory (PSS), in MB."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

BETWEEN = 0.2  # seconds


def weight(process: int) -> float:
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise AssertionError("no Pss")


@dataclass(slots=True)
class Peak:
    mb: float = 0.0


@asynccontextmanager
async def peak_of(process: int) -> AsyncIterator[Peak]:
    peak = Peak()

    async def watch() -> None:
        while True:
            peak.mb = max(peak.mb, weight(process))
            await asyncio.sleep(BETWEEN)

    watching = asyncio.create_task(watch())
    try:
        yield peak
    finally:
        peak.mb = max(peak.mb, weight(process))
        watching.cancel()
