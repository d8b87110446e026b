"""Back into the queue: what a person puts there, and what was held for a fact that has changed."""

from collections.abc import Awaitable, Callable, Sequence

from franked.enquiry import PutBack, Stop
from franked.ports import World
from franked.record import Moved

RELEASED_AT_ONCE = 500  # they are judged again at take, and paced there
UNREADABLE = "unreadable_variables"
NOT_APPROVED = "not_approved"


async def put_back(asked: Sequence[PutBack], world: World) -> list[Moved | None]:
    """Raises StoreUnavailable; nothing was moved then."""
    answers = await world.store.put_back(asked)
    for one, answer in zip(asked, answers, strict=True):
        if answer and answer.moved:
            what = "replayed" if one.stop is Stop.DEAD else "released"
            world.log(what, message=one.id, request=answer.request_id, was=one.stop.value, by=one.by)
    return answers


async def release_readable(world: World) -> None:
    """At start: the key may be back with which this mail was sealed."""
    await release(UNREADABLE, None, world)


async def release_approved(world: World) -> None:
    """What versions wrote that are approved by now; all, where no stream asks for approval any more."""
    asks = any(stream.needs_approval for stream in world.declared.streams.values())
    versions = await world.store.approved_versions() if asks else None
    await _release(NOT_APPROVED, lambda most: world.store.release(NOT_APPROVED, most, versions=versions), world)


async def release(why: str, scope: frozenset[str] | None, world: World) -> None:
    await _release(why, lambda most: world.store.release(why, most, scope), world)


async def _release(why: str, some: Callable[[int], Awaitable[int]], world: World) -> None:
    """Only those who can go now: the rest would be held again, and stand in the way."""
    while released := await some(RELEASED_AT_ONCE):
        world.log("released", why=why, count=released)
        if released < RELEASED_AT_ONCE:
            return
        await world.sleep(0)
