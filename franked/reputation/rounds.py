"""What the reputation room does by itself, and how often, in seconds."""

from collections.abc import Awaitable, Callable, Iterator

from franked.ports import World
from franked.reputation.alarms import tell
from franked.reputation.daily import Reporter
from franked.reputation.gauging import Publisher, Reader
from franked.reputation.watching import Watch

WATCH_EVERY = 30.0
TELL_EVERY = 15.0
MINUTE = 60.0


def rounds(world: World) -> Iterator[tuple[str, float, Callable[[], Awaitable[None]]]]:
    watch = Watch(world)
    yield "watch", WATCH_EVERY, watch.look
    yield "tell", TELL_EVERY, lambda: tell(world)
    yield "rates", MINUTE, Reader(world).read
    yield "publish", MINUTE, Publisher(world, watch).publish
    yield "report", MINUTE, Reporter(world).report
