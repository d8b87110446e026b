"""What AWS allows changes: read it again, and let go what was waiting for the change."""

from franked.ports import AccountUnreadable, World
from franked.rules.governor import CAREFUL_FOR
from franked.rules.pace import Access
from franked.sending.replay import release, release_approved


async def refresh(world: World) -> Access | None:
    """Read the account into the record. None when it could not be read: what was known stays."""
    try:
        access = await world.account.read()
    except AccountUnreadable as error:
        world.log("account_unreadable", level="warning", why=str(error))
        return None
    before = await world.store.learn_access(access)
    if before and not before.production and access.production:
        await world.store.be_careful(world.now() + CAREFUL_FOR)
    # Not only what is news: whoever learned it before may have ended before the last one was let go.
    await release("sandbox", None if access.production else access.verified, world)
    await release_approved(world)
    if before is None or _limits(before) != _limits(access):
        world.log("account", production=access.production, rate=access.rate, quota=access.quota)
    world.bell.ring()
    return access


def _limits(access: Access) -> tuple[bool, float, float]:
    return access.production, access.rate, access.quota
