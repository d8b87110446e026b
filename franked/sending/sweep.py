"""What time alone decides: leases that ended, waits that ended, mail that is no longer worth sending."""

from franked.ports import World
from franked.record import Sweep, Swept
from franked.rules.backoff import unknown_wait
from franked.rules.stream import IfUnknown


async def sweep(world: World) -> Swept:
    """One pass. Raises StoreUnavailable; the next pass finds what this one left."""

    def if_unknown(stream: str) -> IfUnknown:
        declared = world.declared.streams.get(stream)
        return declared.if_unknown if declared else IfUnknown.HOLD

    swept = await world.store.sweep(Sweep(world.now(), unknown_wait, if_unknown))
    if swept != Swept():
        world.log("swept", **{name: n for name in Swept.__slots__ if (n := getattr(swept, name))})
    return swept
