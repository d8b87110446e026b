"""What the record need not keep any longer goes, a little at a time: mail that waits comes first."""

from franked.ports import World

AT_ONCE = 100
BETWEEN = 0.05  # seconds


async def forget(world: World) -> int:
    """How many messages, and events of mail that we never sent. Raises StoreUnavailable; the next finds the rest."""
    before = world.now() - world.declared.keep_for
    forgotten = 0
    while some := await world.store.forget(before, AT_ONCE):
        forgotten += some
        await world.sleep(BETWEEN)
    if forgotten:
        world.log("forgotten", count=forgotten, before=f"{before:%Y-%m-%d}")
    return forgotten
