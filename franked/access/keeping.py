"""What AWS was told must stay true: a sentence of the letter that is no longer so opens an alarm, until it is again."""

from franked.access.checking import check
from franked.access.facts import facts_of
from franked.access.promises import promises
from franked.ports import World
from franked.record import Alarm
from franked.rules.promise import Broken, judge
from franked.rules.request import asked_at

EVERY = 6 * 3600.0  # seconds
ALARM = "promises"
_NAMED = 3


async def keep_promises(world: World) -> None:
    """Once AWS was asked. Raises StoreUnavailable."""
    store = world.store
    if asked_at(await store.access_log()) is None:
        return
    findings = await check(world)
    broken = [one for one in judge(promises(await facts_of(findings, world)), findings) if isinstance(one, Broken)]
    if not broken:
        await store.close_alarms([ALARM])
        return
    [is_new] = await store.open_alarms([Alarm(ALARM, _said(broken), world.now())])
    if is_new:
        world.log("promises_broken", level="warning", promises=[one.promise.key for one in broken])


def _said(broken: list[Broken]) -> str:
    """The first of each check's findings, not the same one for each sentence that stands on it."""
    failed = {one.id: f"{one.id}: {one.found}" for it in broken for one in it.failed}
    missing = {key: f"{key} was not checked" for it in broken for key in it.missing}
    said = [*failed.values(), *missing.values()]
    more = f"; and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return f"{len(broken)} sentences of the letter to AWS are no longer true: {'; '.join(said[:_NAMED])}{more}"
