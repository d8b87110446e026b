"""The brake, looked at now and then: the steps below a stop end with the figures, and SES is told of a stop."""

from franked.ports import AccountUnreadable, World
from franked.record import Alarm
from franked.rules.governor import Brake, Step
from franked.rules.lane import Lane

PAUSED = "bulk_paused_at_ses"


async def look(world: World) -> Brake:
    """Raises StoreUnavailable."""
    brake = await world.store.govern()
    if name := _of_bulk_alone(world):
        await _tell_ses(name, world, pause=brake.step >= Step.STOP_BULK)
    return brake


def _of_bulk_alone(world: World) -> str | None:
    """A set that other lanes send through is not paused: codes would stand still."""
    sets = world.declared.configuration_sets
    name = sets.get(Lane.BULK)
    return None if name in {sets.get(Lane.URGENT), sets.get(Lane.NORMAL)} else name


async def _tell_ses(name: str, world: World, *, pause: bool) -> None:
    """Whoever else sends through the account's bulk set is stopped, too. The alarm is the note that it was done."""
    told = Alarm(PAUSED, f"the governor has paused the configuration set {name!r} at SES", world.now())
    store = world.store
    [changed] = await (store.open_alarms([told]) if pause else store.close_alarms([PAUSED]))
    if not changed:
        return
    try:
        await world.account.set_sending(name, enabled=not pause)
    except AccountUnreadable as error:
        world.log("set_not_told", level="error", configuration_set=name, pause=pause, why=str(error))
        await (store.close_alarms([PAUSED]) if pause else store.open_alarms([told]))  # the next round tries again
    else:
        world.log("set_told", level="warning", configuration_set=name, enabled=not pause)
