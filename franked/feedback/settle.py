"""An event is kept and its consequences are drawn, once."""

from franked.formats import ses_event
from franked.ports import World
from franked.record import Settled
from franked.rules.event import Event, Kind
from franked.rules.suppression import consequences

_EXPECTED = {Kind.SEND, Kind.DELIVERY, Kind.OPEN, Kind.CLICK}


async def settle(text: str, world: World) -> list[Settled]:
    """The events in one piece of SES JSON. Raises ses_event.NotAnEvent and StoreUnavailable (then nothing is lost:
    whoever brought it brings it again)."""
    events = ses_event.parse(text, world.now())
    settled = await world.store.settle(events, consequences, world.now())
    for event, result in zip(events, settled, strict=True):
        if result.fresh:
            _tell(event, result, world)
    return settled


def _tell(event: Event, result: Settled, world: World) -> None:
    """Good news is expected, and stands in the story; the rest is worth a line."""
    world.log(
        "event",
        level="debug" if event.kind in _EXPECTED else "info",
        kind=event.kind.value,
        subtype=event.subtype,
        message=result.message_id,
        request=result.request_id,
        ses_id=event.ses_id,
        state=result.state.value if result.state else None,
        known=result.message_id is not None,
    )
