"""A message is taken back before it went."""

from collections.abc import Sequence

from franked.enquiry import Cancel
from franked.ports import World
from franked.record import Moved


async def cancel(asked: Sequence[Cancel], world: World) -> list[Moved | None]:
    """Raises StoreUnavailable; nothing was moved then."""
    answers = await world.store.cancel(asked)
    for one, answer in zip(asked, answers, strict=True):
        if answer and answer.moved:
            world.log("cancelled", message=one.id, request=answer.request_id, by=one.by)
    return answers
