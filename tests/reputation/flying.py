"""The canary of a product that runs: until it has ended, and asked to fly."""

import asyncio

from franked.reputation.canary import begin
from franked.rules.canary import Canary
from tests.running import Product

OFF = "[canary]\nenabled = false"
ON = (OFF, '[canary]\nenabled = true\nwithin = "30s"')
OVER_A_DAY = (OFF, '[canary]\nenabled = true\nevery = "7d"')
BRIEF = (OFF, '[canary]\nenabled = false\nwithin = "2s"')
WITH_A_SET = ("[log]", '[ses.configuration_sets]\nnormal = "tx"\n\n[log]')


async def ended(product: Product, within: float = 20.0) -> Canary:
    """Once the flight that is under way, or is about to be, has ended."""
    async with asyncio.timeout(within):
        while (found := await product.franked.world.store.canary()).current or not found.last:
            await asyncio.sleep(0.05)
    return found


async def flown(product: Product) -> Canary:
    await begin(product.franked.world)
    return await ended(product)
