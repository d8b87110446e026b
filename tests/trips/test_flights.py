"""The calls under way: how many may be, and when there is room for more."""

import asyncio
import time

import pytest

from franked.rules.pace import LEAST_IN_FLIGHT, MOST_IN_FLIGHT
from franked.sending.flights import Flights

LONG = 60.0  # seconds that no test waits


def begun(flights: Flights, number: int) -> list[asyncio.Event]:
    """So many calls, each of which lands when its event is set."""
    landings = [asyncio.Event() for _ in range(number)]

    async def call(landing: asyncio.Event) -> None:
        await landing.wait()

    for landing in landings:
        flights.start(call(landing), "call")
    return landings


async def test_a_call_has_a_place_until_it_lands() -> None:
    flights = Flights(time.monotonic)
    [first, second] = begun(flights, 2)
    assert flights.free == LEAST_IN_FLIGHT - 2
    first.set()
    await flights.room(LEAST_IN_FLIGHT - 1, LONG)
    assert flights.free == LEAST_IN_FLIGHT - 1
    second.set()
    await flights.land()
    assert flights.free == LEAST_IN_FLIGHT


async def test_room_for_many_is_waited_for_but_after_a_while_one_place_is_enough() -> None:
    flights = Flights(time.monotonic)
    landings = begun(flights, LEAST_IN_FLIGHT)
    waiting = asyncio.create_task(flights.room(10, 0.01))
    await asyncio.sleep(0.05)
    assert not waiting.done(), "no place is free"
    landings[0].set()
    async with asyncio.timeout(LONG):
        await waiting
    assert flights.free == 1
    for landing in landings:
        landing.set()
    await flights.land()


async def test_more_is_asked_for_than_there_will_ever_be() -> None:
    flights = Flights(time.monotonic)
    async with asyncio.timeout(LONG):
        await flights.room(10 * MOST_IN_FLIGHT, LONG)


@pytest.mark.parametrize(("speed", "most"), [(1_000_000.0, MOST_IN_FLIGHT), (12.6, LEAST_IN_FLIGHT)])
async def test_how_many_there_may_be_follows_the_pace(speed: float, most: int) -> None:
    flights = Flights(time.monotonic)
    flights.follow(speed)
    assert flights.most == most
    begun(flights, most)[0].set()
    flights.follow(0.0)
    assert flights.free == 0, "those that are under way stay so"
