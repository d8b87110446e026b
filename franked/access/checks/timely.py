"""Checks that run at once, each within a deadline: one that nobody answered in time is unknown."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from franked.rules.finding import Finding, Status, in_order

WITHIN = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Check:
    """What will be found out, and how; `key`, `of`, `why`, `is_required` as of the finding."""

    key: str
    of: str
    why: str
    run: Callable[[], Awaitable[Finding]]
    is_required: bool = True


async def run_all(checks: Iterable[Check], within: float = WITHIN) -> Sequence[Finding]:
    """What is missing first."""
    return in_order(await asyncio.gather(*(_in_time(check, within) for check in checks)))


async def _in_time(check: Check, within: float) -> Finding:
    try:
        async with asyncio.timeout(within):
            return replace(await check.run(), of=check.of)
    except TimeoutError:
        found = f"Nobody answered within {within:g} seconds."
        return Finding(check.key, Status.UNKNOWN, found, check.of, (), check.why, (), check.is_required)
