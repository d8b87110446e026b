"""What AWS allows changes: read it again, and let go what was waiting for the change."""

from franked.ports import AccountUnreadable, World
from franked.rules.pace import Access

RELEASED_AT_ONCE = 500  # they are judged again at take, and paced there


async def refresh(world: World) -> Access | None:
    """Read the account into the record. None when it could not be read: what was known stays."""
    try:
        access = await world.account.read()
    except AccountUnreadable as error:
        world.log("account_unreadable", level="warning", why=str(error))
        return None
    before = await world.store.learn_access(access)
    if access.production and not (before and before.production):
        await _release_sandboxed(world, None)
    elif before is None or access.verified - before.verified:
        await _release_sandboxed(world, access.verified - (before.verified if before else frozenset()))
    if before is None or _limits(before) != _limits(access):
        world.log("account", production=access.production, rate=access.rate, quota=access.quota)
    world.bell.ring()
    return access


def _limits(access: Access) -> tuple[bool, float, float]:
    return access.production, access.rate, access.quota


async def _release_sandboxed(world: World, scope: frozenset[str] | None) -> None:
    """Only those who can be mailed now: the rest would be held again, and stand in the way."""
    while released := await world.store.release("sandbox", RELEASED_AT_ONCE, scope):
        world.log("released", why="sandbox", count=released)
        if released < RELEASED_AT_ONCE:
            return
        await world.sleep(0)
