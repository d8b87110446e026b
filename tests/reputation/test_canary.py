"""The canary: what it proves, what waits for it, and each way in which the loop can be broken, by its name."""

import asyncio
from datetime import timedelta

import pytest

from franked.rules.canary import CANARY, PROBES, Canary, Step
from franked.rules.message import State
from tests.running import Product

ON = ("[canary]\nenabled = false", '[canary]\nenabled = true\nwithin = "20s"')
BRIEF = ("[canary]\nenabled = false", '[canary]\nenabled = true\nwithin = "2s"')
WITH_A_SET = ("[log]", '[ses.configuration_sets]\nnormal = "tx"\n\n[log]')


async def ended(product: Product, within: float = 15.0) -> Canary:
    """Once the run that is under way, or is about to be, has ended."""
    async with asyncio.timeout(within):
        while (found := await product.franked.world.store.canary()).current or not found.last:
            await asyncio.sleep(0.05)
    return found


@pytest.mark.settings(ON)
async def test_it_flies_at_start_and_passes_once_the_second_mails_were_dropped(product: Product) -> None:  # B6 C5 E7
    found = await ended(product)
    assert found.last and (found.last.step, found.last.findings, found.last.missing) == (Step.PASSED, (), ())
    stories = await product.franked.world.store.find([*found.last.firsts, *found.last.seconds])
    assert [(story.state, story.reason) for story in stories if story] == [
        (State.BOUNCED, None),
        (State.COMPLAINED, None),
        (State.DROPPED, "suppressed"),
        (State.DROPPED, "suppressed"),
    ]
    assert found.is_proven(product.clock()) and product.clock() + timedelta(hours=24) < (found.proven_until or 0)
    assert await product.get("/readyz") == (200, {"status": "ready", "warnings": []})


@pytest.mark.settings(ON)
async def test_it_does_not_count(product: Product) -> None:
    """Neither as a bounce of the account, nor as a complaint that alarms."""
    await ended(product)
    world = product.franked.world
    assert await world.store.counters() == {(CANARY, "simulated_bounced"): 1, (CANARY, "simulated_complained"): 1} | {
        key: number for key, number in (await world.store.counters()).items() if "bounced" not in key[1]
    }
    assert await world.store.alarms() == []
    assert (await world.store.standing(world.now())).used_24h == 0


@pytest.mark.settings(ON)
async def test_its_addresses_are_free_again_after_a_day(product: Product) -> None:
    last = (await ended(product)).last
    assert last
    keys = [last.to(probe) for probe in PROBES]
    assert all(await product.franked.world.store.suppressed(keys))
    product.clock.move(hours=24, minutes=1)
    assert await product.franked.world.store.suppressed(keys) == [None, None]
