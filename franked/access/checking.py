"""Every check, at once: what is there, what is missing, what nobody could tell in time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from franked.access.checks import account, loop, product
from franked.access.checks.why import WHY
from franked.outside import ControlUnreadable
from franked.ports import World
from franked.rules.finding import Finding, Status, in_order
from franked.rules.request import since_real
from franked.store import StoreUnavailable

WITHIN = 20.0  # seconds, for each

Check = Callable[[World], Awaitable[Iterable[Finding]]]

CHECKS: dict[str, Check] = {  # by the key under which it is unknown
    "signer": product.of_request,
    "purpose": product.of_streams,
    "content": product.of_templates,
    "rate_limits": product.of_limits,
    "volumes": product.of_volume,
    "sender": product.of_senders,
    "identity": account.of_identities,
    "dkim": account.of_dns,
    "website": account.of_website,
    "events": account.of_events,
    "suppression_list": account.of_suppression,
    "cloudwatch_alarms": account.of_alarms,
    "canary": loop.of_canary,
    "admins": loop.of_admins,
    "tested": loop.of_tests,
    "origins": loop.of_origins,
    "account": loop.of_account,
    "rules_reviewed": loop.of_review,
}


async def check(world: World, within: float = WITHIN) -> Sequence[Finding]:
    """What is missing first. Never raises for what the world does not answer; StoreUnavailable
    when not even the log can be read."""
    found = await asyncio.gather(*(_asked(key, one, world, within) for key, one in CHECKS.items()))
    real = since_real(await world.store.access_log())
    return in_order(_judged(one, real) for some in found for one in some)


def _judged(one: Finding, real: datetime | None) -> Finding:
    """What was seen at a simulated account proves nothing of a real one. `real`: since when it is one."""
    known = replace(one, why=one.why or WHY.get(one.key, ""))
    if real is None or not one.is_ok or all(seen.at >= real for seen in one.evidence):
        return known
    return replace(known, status=Status.WRONG, found=f"{one.found}: seen at the simulated account")


async def _asked(key: str, one: Check, world: World, within: float) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(within):
            return list(await one(world))
    except TimeoutError:
        return [Finding(key, Status.UNKNOWN, f"not answered within {within:g} s", fix=("franked check",))]
    except ControlUnreadable as error:
        return [Finding(key, Status.UNKNOWN, str(error), fix=("franked setup --policy",))]
    except StoreUnavailable as error:
        return [Finding(key, Status.UNKNOWN, f"the record can't be read: {error}", fix=("franked check",))]
