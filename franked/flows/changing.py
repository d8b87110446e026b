"""A change of what others may change at the same time: made of what was found, kept if that still stands."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

TRIES = 5


class Overtaken(Exception):
    """Somebody else changes the same all the time. Nothing of this change was stored."""


async def changed(
    find: Callable[[], Awaitable[T | None]], rule: Callable[[T], T], keep: Callable[[T], Awaitable[bool]]
) -> T | None:
    """As it is now; `rule` gives the same back where nothing is to be changed. None: it is not there.
    Raises Overtaken."""
    for _ in range(TRIES):
        before = await find()
        if before is None:
            return None
        after = rule(before)
        if after is before or await keep(after):
            return after
    raise Overtaken
