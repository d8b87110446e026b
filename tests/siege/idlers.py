"""Clients that connect and do nothing, or half of something."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.commandline import Up
from tests.siege.caller import Caller, call, draft, head, post
from tests.siege.memory import weight

AT_ONCE = 200  # connections that are being opened
LET_GO_WITHIN = 120.0  # seconds, for what takes 21 when the machine is idle
ONE_BYTE = 1.0  # seconds between two of a head that comes byte by byte


async def called(url: str, number: int) -> list[Caller]:
    doing = asyncio.Semaphore(AT_ONCE)

    async def one() -> Caller:
        async with doing:
            return await call(url)

    return list(await asyncio.gather(*(one() for _ in range(number))))


@dataclass(frozen=True, slots=True)
class Idle:
    held: int  # when a real request had its answer
    request_ms: float
    pss_before: float
    pss_with: float


async def idle(up: Up, number: int) -> Idle:
    """They say nothing, and a real request is answered meanwhile."""
    before = weight(up.process.pid)
    callers = await called(up.url, number)
    ms = await _a_real_request(up)
    held, with_them = sum(not one.is_gone for one in callers), weight(up.process.pid)
    for one in callers:
        one.hang_up()
    return Idle(held, ms, before, with_them)


async def _a_real_request(up: Up) -> float:
    began = time.monotonic()
    real = await call(up.url)
    real.say(post(draft("real@example.net", "receipt", variables={"number": "R-1"}), up.key))
    heard = await real.answer()
    assert heard is not None
    assert heard.status == 202, heard.body
    real.hang_up()
    return round(1000 * (time.monotonic() - began), 1)


async def seconds_until_let_go(up: Up, number: int) -> dict[str, float]:
    """By kind, of the last of `number` each, who are told what they should be. 0: nobody is waited for."""
    letter = post(draft("slow@example.net", "receipt", variables={"number": "R-1"}), up.key)
    kinds = {
        "silent": (b"", b"", None),
        "half_head": (letter[:60], b"", 408),
        "head_byte_by_byte": (b"", head("/livez") * 20, 408),
        "half_body": (letter[:-20], b"", 408),
    }
    waits = (asyncio.gather(*(_let_go(up, *kind) for _ in range(number))) for kind in kinds.values())
    async with asyncio.timeout(LET_GO_WITHIN):
        waited = await asyncio.gather(*waits)
    return {kind: round(max(seconds), 1) for kind, seconds in zip(kinds, waited, strict=True) if seconds}


async def _let_go(up: Up, at_once: bytes, dripping: bytes, told: int | None) -> float:
    caller = await call(up.url)
    began = time.monotonic()
    caller.say(at_once)
    drip = asyncio.create_task(_drip(caller, dripping))
    heard = await caller.answer()
    drip.cancel()
    with suppress(asyncio.CancelledError):
        await drip
    assert (heard.status if heard else None) == told
    return time.monotonic() - began


async def _drip(caller: Caller, text: Sequence[int]) -> None:
    for byte in text:
        caller.say(bytes([byte]))
        await asyncio.sleep(ONE_BYTE)
