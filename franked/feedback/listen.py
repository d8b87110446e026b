"""Events by queue: no public URL is needed."""

import asyncio

from franked.feedback.receive import Settled, receive_queued
from franked.ports import Delivery, Feed, FeedUnavailable, StoreUnavailable, World

AFTER_TROUBLE = 5.0  # seconds


async def listen(feed: Feed, world: World, stop: asyncio.Event) -> None:
    """Until `stop`. What could not be settled stays in the queue; what is no event is logged and taken off it."""
    while not stop.is_set():
        try:
            deliveries = await feed.receive()
            await feed.done([delivery.receipt for delivery in deliveries if await _is_done(delivery, world)])
        except FeedUnavailable as error:
            world.log("feed_unavailable", level="error", why=str(error))
            await world.sleep(AFTER_TROUBLE)


async def _is_done(delivery: Delivery, world: World) -> bool:
    try:
        receipt = await receive_queued(delivery.body, world)
    except StoreUnavailable as error:
        world.log("event_not_settled", level="error", why=str(error))
        return False
    if not isinstance(receipt, Settled):
        world.log("queue", level="warning", receipt=type(receipt).__name__.lower(), why=getattr(receipt, "why", ""))
    return True
