"""Short stories of one to four mails, whose every port call is to die, before and after, and to lose its answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from franked.backends.local.account import Limits
from franked.backends.local.faults import Fault, SendFault, When
from franked.rules.message import State
from tests.simulate.plan import (
    OUT_OF_THE_SANDBOX,
    Action,
    EventLuck,
    Left,
    Mishap,
    NewLimits,
    Plan,
    Post,
    PutBack,
    SecondWorker,
    Stranger,
    Suppressed,
    Verified,
    Weather,
)

ANA, BO, CY = "ana@example.net", "bo@example.org", "cy@example.com"
_NO_EVENTS = EventLuck(lost_send=1.0, lost=1.0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`ends`: the states in which the undisturbed story ends, by message in the order accepted; `within` so many
    seconds: the bell rings for what is due."""

    name: str
    plan: Plan
    ends: tuple[State, ...]
    within: float


def _story(name: str, *actions: Action, ends: tuple[State, ...], within: float = 15.0, **more: Any) -> Scenario:
    return Scenario(name, replace(Plan(name, actions), **more), ends, within)


SCENARIOS: tuple[Scenario, ...] = (
    _story("plain send", Post(0.5, "receipt", ANA, "k1"), ends=(State.DELIVERED,)),
    _story(
        "throttle",
        Weather(0.0, Fault(SendFault.RATE, times=2)),
        Post(0.5, "receipt", ANA, "k1"),
        Post(0.5, "code", BO, "k2"),
        ends=(State.DELIVERED, State.DELIVERED),
    ),
    _story(
        "answer lost before accept",
        Weather(0.0, Fault(SendFault.RESET, when=When.BEFORE)),
        Post(0.5, "code", ANA, "k1"),
        ends=(State.DELIVERED,),
        within=200.0,
    ),
    _story(
        "answer lost after accept",
        Weather(0.0, Fault(SendFault.RESET, when=When.AFTER)),
        Post(0.5, "receipt", ANA, "k1"),
        ends=(State.DELIVERED,),
    ),
    _story(
        "answer and events lost",
        Weather(0.0, Fault(SendFault.RESET, times=1, when=When.AFTER)),
        Post(0.5, "receipt", ANA, "k1"),
        ends=(State.HELD,),
        within=1300.0,
        luck=_NO_EVENTS,
    ),
    _story(
        "a code sent again",
        Weather(0.0, Fault(SendFault.RESET, times=1, when=When.AFTER)),
        Post(0.5, "code", ANA, "k1"),
        ends=(State.SENT,),
        within=200.0,
        luck=_NO_EVENTS,
    ),
    _story(
        "server error after accept",
        Weather(0.0, Fault(SendFault.ERROR_503, times=1, when=When.AFTER)),
        Post(0.5, "receipt", ANA, "k1"),
        ends=(State.SENT,),
        within=45.0,
        luck=_NO_EVENTS,
    ),
    _story(
        "put back by a person",
        Weather(0.0, Fault(SendFault.RESET, times=1, when=When.AFTER)),
        Post(0.5, "receipt", ANA, "k1"),
        PutBack(1100.0),
        ends=(State.SENT,),
        within=1200.0,
        luck=_NO_EVENTS,
    ),
    _story("early event", Post(0.5, "receipt", ANA, "k1"), ends=(State.DELIVERED,), luck=EventLuck(early=1.0)),
    _story("duplicate event", Post(0.5, "receipt", ANA, "k1"), ends=(State.DELIVERED,), luck=EventLuck(doubled=1.0)),
    _story("idempotent retry", Post(0.5, "receipt", ANA, "k1", twice=True), ends=(State.DELIVERED,)),
    _story(
        "expired lease",
        Post(0.5, "code", ANA, "k1"),
        ends=(State.SENT,),
        within=200.0,
        luck=_NO_EVENTS,
        mishaps={("store.take", 4): Mishap.LOST},
    ),
    _story(
        "paused worker that wakes",
        Post(0.5, "code", ANA, "k1"),
        SecondWorker(5.0),
        ends=(State.DELIVERED,),
        within=200.0,
        mishaps={("transport.send", 1): Mishap.PAUSED},
        pause=150.0,
    ),
    _story(
        "old worker wakes during the second call",
        Weather(0.0, Fault(SendFault.SLOW, seconds=20.0)),
        Post(0.5, "code", ANA, "k1"),
        SecondWorker(5.0),
        ends=(State.SENT,),
        within=200.0,
        luck=_NO_EVENTS,
        mishaps={("transport.send", 1): Mishap.PAUSED},
        pause=120.0,
    ),
    _story(
        "events without tags, before the answer",
        Weather(0.0, Fault(SendFault.SLOW, when=When.AFTER, seconds=5.0)),
        Post(0.5, "receipt", ANA, "k1"),
        ends=(State.DELIVERED,),
        luck=EventLuck(early=1.0, untagged=1.0),
    ),
    _story(
        "quota exhausted",
        Post(0.5, "receipt", ANA, "k1"),
        Post(1.5, "receipt", BO, "k2"),
        Post(2.5, "digest", ANA, "k3"),
        Post(3.5, "code", BO, "k4"),
        NewLimits(30.0, OUT_OF_THE_SANDBOX),
        ends=(State.DELIVERED,) * 4,
        within=500.0,
        limits=Limits(production=True, rate=14.0, quota=2.0),
    ),
    _story(
        "suppression in flight",
        Weather(0.0, Fault(SendFault.RATE, times=1)),
        Post(0.5, "receipt", ANA, "k1"),
        Suppressed(0.6, ANA),
        Post(1.0, "receipt", ANA, "k2"),
        Stranger(1.1, BO),
        Post(1.2, "code", BO, "k3"),
        Post(8.0, "code", BO, "k4"),
        Post(8.1, "digest", CY, "k5"),
        Left(8.2, CY),
        Post(8.3, "digest", CY, "k6"),
        ends=(State.DROPPED, State.DROPPED, State.DELIVERED, State.DROPPED, State.DELIVERED, State.DROPPED),
    ),
    _story(
        "hold and release",
        Post(0.5, "receipt", ANA, "k1"),
        Post(0.5, "receipt", BO, "k2"),
        Verified(10.0, ANA),
        NewLimits(30.0, OUT_OF_THE_SANDBOX),
        ends=(State.DELIVERED, State.DELIVERED),
        within=500.0,
        limits=Limits(production=False, rate=1.0, quota=200.0),
    ),
)

BEFALLS = (Mishap.KILLED_BEFORE, Mishap.KILLED_AFTER, Mishap.LOST)


def disturbed(scenario: Scenario, calls: Sequence[str], ports: tuple[str, ...]) -> Iterator[tuple[int, Mishap, Plan]]:
    """Each call of these ports, each thing that may befall it, and the plan in which it does."""
    for number, name in enumerate(calls, 1):
        for mishap in BEFALLS if name.startswith(ports) else ():
            yield number, mishap, replace(scenario.plan, mishaps={**scenario.plan.mishaps, number: mishap})
