"""The queue of events is read on, whatever one event does (E2, E7)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from franked.feedback.listen import listen
from franked.ports import Delivery
from franked.store import Store
from tests.running import Product, product

__all__ = ["product"]

EVENT = """{"eventType": "Bounce",
  "mail": {"messageId": "%s", "timestamp": "2026-03-04T10:15:00.000Z", "destination": ["%s"], "tags": {}},
  "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "%s",
    "timestamp": "2026-03-04T10:15:00.000Z", "bouncedRecipients": [{"emailAddress": "%s"}]}}"""


@dataclass(slots=True)
class Queue:
    """ports.Feed: what is not done comes again."""

    left: dict[str, str]
    emptied: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Sequence[Delivery]:
        await asyncio.sleep(0.01)
        return [Delivery(body, receipt) for receipt, body in self.left.items()]

    async def done(self, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            del self.left[receipt]
        if not self.left:
            self.emptied.set()


class Stumbling:
    """A store with a fault of its own that shows once."""

    def __init__(self, store: Store) -> None:
        self._store, self._stumbled = store, False

    async def settle(self, *asked: Any) -> Any:
        if not self._stumbled:
            self._stumbled = True
            raise ValueError("a mistake of ours")
        return await self._store.settle(*asked)


def bounced(address: str) -> str:
    return EVENT % (address, address, address, address)


async def test_one_event_that_trips_us_up_ends_neither_the_feed_nor_the_others(product: Product) -> None:
    people = [f"reader{n}@example.net" for n in range(5)]
    queue = Queue({address: bounced(address) for address in people})
    world = product.franked.world
    stop = asyncio.Event()
    stumbling = cast(Store, Stumbling(world.store))
    listening = asyncio.create_task(listen(queue, replace(world, store=stumbling), stop))
    async with asyncio.timeout(5):
        await queue.emptied.wait()
    stop.set()
    await listening
    assert all(await world.store.suppressed(people))
