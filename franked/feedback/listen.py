"""Events by queue: no public URL is needed."""

import asyncio

from franked.feedback.receive import Settled, receive_queued
from franked.ports import Delivery, Feed, FeedUnavailable, World
from franked.rules.diagnosis import Amiss
from franked.store import StoreUnavailable

AFTER_TROUBLE = 5.0  # seconds


async def listen(feed: Feed, world: World, stop: asyncio.Event) -> None:
    """Until `stop`. What could not be settled stays in the queue; what is no event is logged and taken off it."""
    while not stop.is_set():
        try:
            deliveries = await feed.receive()
            done = await asyncio.gather(*(_is_done(delivery, world) for delivery in deliveries))  # in one commit
            await feed.done([delivery.receipt for delivery, is_done in zip(deliveries, done, strict=True) if is_done])
        except FeedUnavailable as error:
            world.ears.note(Amiss.QUEUE, world.now())
            world.log("feed_unavailable", level="error", why=str(error))
            await world.sleep(AFTER_TROUBLE)


async def _is_done(delivery: Delivery, world: World) -> bool:
    try:
        receipt = await receive_queued(delivery.body, world)
    except StoreUnavailable as error:
        world.log("event_not_settled", level="error", why=str(error))
        return False
    except Exception as error:  # the one listener must outlive any single fault: this event comes again
        world.log("fault", level="error", exc_info=error)
        return False
    if not isinstance(receipt, Settled):
        world.log("queue", level="warning", receipt=type(receipt).__name__.lower(), why=getattr(receipt, "why", ""))
    return True
