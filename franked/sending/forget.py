"""What the record need not keep any longer goes, a little at a time: mail that waits comes first."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from franked.ports import World
from franked.rules.rates import KEPT_FOR
from franked.rules.retention import past, past_contents
from franked.rules.stream import LONGEST_WINDOW

AT_ONCE = 20  # a step touches pages all over the record: who sends or accepts waits no longer than one step takes
CODES_KEPT = timedelta(days=1)  # after they have ended: whoever asks how one stands is told so long
REST = 4  # times as long as the step before took: a busy or a slow record is left alone the longer


async def forget(world: World) -> int:
    """How many messages, events of mail that we never sent, invites and tickets. Raises StoreUnavailable: the next
    finds the rest."""
    streams, now = world.declared.streams.values(), world.now()
    long_ago = now - world.declared.keep_for
    forgotten = await _all(partial(world.store.forget, past(streams, world.declared.keep_for, now)), world)
    emptied = await _all(partial(world.store.forget_contents, past_contents(streams, now)), world)
    forgotten += await _all(partial(world.store.forget_invites, long_ago), world)
    forgotten += await _all(partial(world.store.forget_tickets, long_ago), world)
    unanswered = await _all(partial(world.store.forget_asked, now), world)
    codes = await _all(partial(world.store.forget_codes, now - CODES_KEPT), world)
    await _all(partial(world.store.forget_limits, now - LONGEST_WINDOW), world)
    await _all(partial(world.store.forget_figures, now - KEPT_FOR), world)
    if forgotten or emptied or unanswered or codes:
        world.log("forgotten", count=forgotten, contents=emptied, subscriptions=unanswered, codes=codes)
    return forgotten


async def _all(some_of: Callable[[int], Awaitable[int]], world: World) -> int:
    forgotten, began = 0, world.monotonic()
    while some := await some_of(AT_ONCE):
        forgotten += some
        await world.sleep(REST * (world.monotonic() - began))
        began = world.monotonic()
    return forgotten
