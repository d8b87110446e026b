"""How long a sign-in code waits behind a newsletter: from its POST to the first byte of its call to SES."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from time import monotonic

import aiohttp

from bench.bars import URGENT_14, URGENT_200, Bar, Result, Run, Side
from bench.whole import URGENT, Whole, draft, whole

QUEUED = 50_000  # and never less: what is sent meanwhile waits behind them
SECONDS = 300
A_SECOND = 1.0  # codes, by chance (Poisson)
RATES = {URGENT_14: 14, URGENT_200: 200}


@dataclass(frozen=True, slots=True)
class Codes:
    """What was asked for: when each was posted (CLOCK_MONOTONIC), and answered, by recipient."""

    posted: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)

    async def come_in(self, franked: Whole, seconds: float = SECONDS) -> None:
        chance, until = Random(1), monotonic() + seconds
        async with franked.http() as http, asyncio.TaskGroup() as posts:
            while monotonic() < until:
                await asyncio.sleep(chance.expovariate(A_SECOND))
                posts.create_task(self._post(f"person{len(self.posted)}@example.net", http))
                await asyncio.sleep(0)

    async def _post(self, to: str, http: aiohttp.ClientSession) -> None:
        body = draft(URGENT, to, {"code": "424242"})
        self.posted[to] = monotonic()
        async with http.post("/v1/messages", json=body) as answer:
            assert answer.status == 202, await answer.text()
        self.answered[to] = monotonic()

    def until(self, times: Mapping[str, float]) -> list[float]:
        """ms from each POST."""
        return [1000 * (times[to] - at) for to, at in self.posted.items()]


async def results(run: Run) -> AsyncIterator[Result]:
    for bar, rate in RATES.items():
        if bar.name in run.wanted:
            yield await _measured(bar, rate, run)


async def _measured(bar: Bar, rate: int, run: Run) -> Result:
    codes = Codes()
    async with whole(run.folder / f"urgent-{rate}", rate) as franked:
        await franked.queue(QUEUED + rate * SECONDS)
        run.tell(f"more than {QUEUED:,} of the newsletter wait at {rate}/s; codes come in for {SECONDS} s")
        before = len(franked.came())
        await codes.come_in(franked)
        sent = (len(franked.came()) - before) / SECONDS
        came = await until_came(franked, codes)
    waited, answered = codes.until(came), codes.until(codes.answered)
    notes = (
        f"{bar.name}: {len(waited)} codes, p50 {_percentile(waited, 50):.0f} ms, most {max(waited):.0f} ms; "
        f"answered after p50 {_percentile(answered, 50):.0f} ms, p99 {_percentile(answered, 99):.0f} ms; "
        f"{sent:.1f} mails/s went out",
    )
    return Result(bar, Side("p99 from POST to SES", (_percentile(waited, 99),), "ms"), notes=notes)


async def until_came(franked: Whole, codes: Codes) -> dict[str, float]:
    while not codes.posted.keys() <= (came := franked.came()).keys():
        franked.program.check()
        await asyncio.sleep(0.1)
    return came


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
