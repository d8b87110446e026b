"""A plan drawn from a seed: what is posted, what goes wrong, when the process dies."""

from dataclasses import replace
from random import Random

from franked.backends.local.account import Limits
from franked.backends.local.faults import Fault, SendFault, When
from tests.simulate.plan import (
    OUT_OF_THE_SANDBOX,
    Action,
    EventLuck,
    Left,
    Mishap,
    NewLimits,
    Outage,
    Pause,
    Plan,
    Post,
    PutBack,
    Refusals,
    Restart,
    SecondWorker,
    Stranger,
    Suppressed,
    Verified,
    Weather,
)
from tests.simulate.product import SENDING_DOMAIN

BUSY = 40.0  # seconds in which everything begins
_DEADLY = (Mishap.KILLED_BEFORE, Mishap.KILLED_AFTER)
_STREAMS = ("code", "receipt", "receipt", "digest")
_PEOPLE = ("ana@example.net", "Ana@Example.net", "bo@example.org", "cy@example.com", "gone@example.net")
_OTHERS = (
    "angry@example.net",
    "bounce+1@simulator.amazonses.com",
    "complaint+1@simulator.amazonses.com",
    "ooto@simulator.amazonses.com",
    "suppressionlist@simulator.amazonses.com",
    "success@simulator.amazonses.com",
)
_FAULTS = tuple(
    Fault(what, when=when)
    for what in SendFault
    for when in When
    if what not in {SendFault.RATE, SendFault.QUOTA} or when is When.BEFORE
)


def drawn(seed: int) -> Plan:
    draw = Random(f"plan {seed}")
    limits = _limits(draw)
    actions: list[Action] = [
        *_posts(draw),
        *_weather(draw),
        *_trouble(draw),
        *_facts(draw, limits),
        *_leaving(Random(f"leaving {seed}")),
    ]
    return Plan(
        seed=seed,
        actions=tuple(sorted(actions, key=lambda action: action.at)),
        mishaps=_deaths(draw),
        limits=limits,
        verified=(SENDING_DOMAIN, "ana@example.net")[: draw.choice((1, 2))],
        luck=_luck(draw),
        webhook=draw.random() < 0.25,
        pause=draw.uniform(5.0, 150.0),
    )


def _limits(draw: Random) -> Limits:
    if draw.random() < 0.15:
        return Limits(production=False, rate=1.0, quota=200.0)
    rate = draw.choice((1.0, 2.0, 5.0, 14.0, 14.0, 50.0))
    return Limits(production=True, rate=rate, quota=draw.choice((3.0, 6.0, 12.0, 50.0, 200.0, -1.0)))


def _posts(draw: Random) -> list[Action]:
    return _crowd(draw) if draw.random() < 0.2 else _some(draw)


def _crowd(draw: Random) -> list[Action]:
    """One, and a while later many at once: what was saved up must not be spent twice."""
    at, stream = draw.uniform(2.0, BUSY), draw.choice(_STREAMS)
    first = Post(draw.uniform(0.0, 5.0), draw.choice(_STREAMS), "ana@example.net", "order-0")
    return [first, *(Post(at, stream, f"reader{number}@example.net", f"order-{number}") for number in range(1, 10))]


def _some(draw: Random) -> list[Action]:
    bursts = [draw.uniform(0.0, BUSY) for _ in range(2)]
    return [
        Post(
            at=draw.choice(bursts) if draw.random() < 0.5 else draw.uniform(0.0, BUSY),
            stream=draw.choice(_STREAMS),
            to=draw.choice(_PEOPLE if draw.random() < 0.6 else _OTHERS),
            key=f"order-{number}" if draw.random() < 0.8 else None,
            twice=draw.random() < 0.15,
        )
        for number in range(draw.randint(2, 12))
    ]


def _weather(draw: Random) -> list[Action]:
    """Mild in most seeds; in some nearly every call goes wrong."""
    some = draw.choice((0, 2, 4, 8, 16))
    return [Weather(draw.uniform(0.0, BUSY), _fault(draw)) for _ in range(some)]


def _fault(draw: Random) -> Fault:
    fault = draw.choice(_FAULTS)
    seconds = draw.uniform(0.5, 45.0) if fault.what in {SendFault.SLOW, SendFault.HANG} else 0.0
    return Fault(fault.what, draw.choice((1, 1, 1, 3, 6)), fault.when, seconds)


def _trouble(draw: Random) -> list[Action]:
    trouble: list[Action] = []
    if draw.random() < 0.3:
        trouble.append(Refusals(draw.uniform(0.0, BUSY), draw.uniform(1.0, 30.0)))
    if draw.random() < 0.3:
        trouble.append(Outage(draw.uniform(0.0, BUSY), draw.uniform(0.1, 10.0), draw.choice(tuple(When))))
    if draw.random() < 0.3:
        trouble.append(Pause(draw.uniform(0.0, BUSY), draw.uniform(1.0, 150.0)))
    if draw.random() < 0.3:
        trouble.append(Restart(draw.uniform(0.0, BUSY)))
    if draw.random() < 0.15:
        trouble.append(SecondWorker(draw.uniform(0.0, BUSY)))
    return trouble


def _facts(draw: Random, limits: Limits) -> list[Action]:
    """What changes while mail is under way: the account, who may be mailed."""
    facts: list[Action] = []
    if not limits.production:
        facts.append(Verified(draw.uniform(0.0, 2 * BUSY), draw.choice(("bo@example.org", "example.com"))))
    if draw.random() < 0.2:
        facts.append(NewLimits(draw.uniform(0.0, 2 * BUSY), replace(_limits(draw), quota=50.0)))
    if not limits.production or 0 < limits.quota < 12:
        facts.append(NewLimits(draw.uniform(0.0, 20 * BUSY), OUT_OF_THE_SANDBOX))
    if draw.random() < 0.1:
        paused_at = draw.uniform(0.0, BUSY)
        facts.append(NewLimits(paused_at, replace(limits, sending_enabled=False)))
        facts.append(NewLimits(paused_at + draw.uniform(1.0, 5 * BUSY), OUT_OF_THE_SANDBOX))
    if draw.random() < 0.3:
        facts.append(Suppressed(draw.uniform(0.0, BUSY), "cy@example.com"))
    if draw.random() < 0.3:
        facts.append(Stranger(draw.uniform(0.0, BUSY), draw.choice(("bo@example.org", "ana@example.net"))))
    if draw.random() < 0.3:
        facts.append(PutBack(draw.choice((BUSY, 400.0, 2000.0))))
    return facts


def _leaving(draw: Random) -> list[Action]:
    """Readers of the digest who have enough of it."""
    return [Left(draw.uniform(0.0, BUSY), draw.choice(_PEOPLE).casefold()) for _ in range(draw.choice((0, 0, 1, 2)))]


def _deaths(draw: Random) -> dict[int | tuple[str, int], Mishap]:
    """Two, at the so-manieth call of a port; and sometimes a lost answer or a standstill."""
    first = draw.randint(3, 90)
    mishaps: dict[int | tuple[str, int], Mishap] = {
        first: draw.choice(_DEADLY),
        first + draw.randint(1, 60): draw.choice(_DEADLY),
    }
    for _ in range(draw.choice((0, 0, 1, 3))):
        mishaps.setdefault(draw.randint(3, 150), draw.choice((Mishap.LOST, Mishap.FAILED, Mishap.PAUSED)))
    return mishaps


def _luck(draw: Random) -> EventLuck:
    def odds() -> float:
        return draw.choice((0.0, 0.1, 0.5))

    late = draw.choice((10.0, 120.0, 2000.0))
    lost_send, lost = (odds(), odds()) if draw.random() < 0.8 else (1.0, 1.0)
    return EventLuck(odds(), odds(), odds(), lost_send=lost_send, lost=lost, late=late, untagged=odds())
