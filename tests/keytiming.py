"""`python -m tests.keytiming`: how long the door takes over keys of every kind, in turn, over HTTP; one JSON object."""

import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import aiohttp

from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.wiring import Ses
from tests.product import MovableClock, settings_in

ROUNDS = 2000


async def measured(folder: Path) -> dict[str, list[float]]:
    clock = MovableClock()
    async with running(settings_in(folder), Ses.SIMULATED, clock) as franked, aiohttp.ClientSession() as http:
        known, record = make_key("known", frozenset(), frozenset(), clock())
        await franked.world.store.add_keys([record])
        franked.keyring.forget()
        keys = {
            "wrong secret of a key that exists": f"fk_{known[3:11]}_{'a' * 32}",
            "key that does not exist": f"fk_zzzzzzzz_{'a' * 32}",
            "malformed": "fk_zzzzzzzz",
        }
        taken: dict[str, list[float]] = {kind: [] for kind in keys}
        for _ in range(ROUNDS):
            for kind, key in keys.items():
                taken[kind].append(await _asked(f"{franked.url}/v1/messages", key, http))
        return taken


async def _asked(url: str, key: str, http: aiohttp.ClientSession) -> float:
    began = perf_counter_ns()
    async with http.get(url, headers={"Authorization": f"Bearer {key}"}) as answer:
        await answer.read()
        assert answer.status == 401
    return (perf_counter_ns() - began) / 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        taken = asyncio.run(measured(Path(folder)))
    told = {kind: _quartiles(sorted(times)) for kind, times in taken.items()}
    print(json.dumps({"rounds": ROUNDS, "microseconds (quarter, half, three quarters)": told}))


def _quartiles(times: list[float]) -> list[float]:
    quarter = len(times) // 4
    return [round(figure, 1) for figure in (times[quarter], median(times), times[-quarter])]


if __name__ == "__main__":
    main()
