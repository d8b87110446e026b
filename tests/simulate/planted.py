"""Faults planted on purpose, beneath the ports: a simulation that does not find each of them proves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from franked.backends.local.account import Limits
from franked.backends.local.faults import Fault, SendFault, When
from tests.simulate.plan import (
    OUT_OF_THE_SANDBOX,
    EventLuck,
    Left,
    Mishap,
    NewLimits,
    Plan,
    Post,
    SecondWorker,
    Suppressed,
    Weather,
)
from tests.simulate.stage import Tampered
from tests.simulate.tampering import (
    also,
    calls_too_late,
    ends_living_leases,
    forgets_events,
    forgets_outcomes,
    forgets_the_key,
    forgets_what_it_accepts,
    hands_out_twice,
    ignores_pace_and_quota,
    ignores_suppressions,
    leases_briefly,
    never_calls,
    releases_nothing,
    retries_what_is_unknown,
    sends_twice,
    store_with,
    sweeps_nothing,
    sweeps_without_waiting,
    transport_with,
)

ANA = "ana@example.net"


@dataclass(frozen=True, slots=True)
class Planted:
    name: str
    tampered: Tampered
    plan: Plan
    rule: str  # which must be found broken


def _plan(*posts: str, **more: Any) -> Plan:
    actions = [Post(0.5 + number, stream, ANA, f"k{number}") for number, stream in enumerate(posts)]
    return Plan(**({"seed": "planted", "actions": (*actions, *more.pop("also", ()))} | more))


_BURST = tuple(Post(0.5, "receipt", f"reader{n}@example.net") for n in range(6))
_RESET = Weather(0.0, Fault(SendFault.RESET, when=When.AFTER))
_SLOW = Weather(0.0, Fault(SendFault.SLOW, when=When.AFTER, seconds=20.0))
_NO_EVENTS = EventLuck(lost_send=1.0, lost=1.0)
_SANDBOX = Limits(production=False, rate=1.0, quota=200.0)
_DIGESTS = _plan("digest", "digest", "digest")

PLANTED: Sequence[Planted] = (
    Planted("a transport that sends twice", transport_with(sends_twice), _plan("receipt"), "copies"),
    Planted("a transport that says sent and calls nobody", transport_with(never_calls), _plan("receipt"), "lost"),
    Planted(
        "a transport that ignores call_by",
        transport_with(calls_too_late),
        _plan("code", also=(SecondWorker(5.0),), mishaps={("transport.send", 1): Mishap.PAUSED}),
        "call_by",
    ),
    Planted(
        "a transport that calls the unknown try_later",
        transport_with(retries_what_is_unknown),
        _plan("receipt", also=(_RESET,), luck=_NO_EVENTS),
        "copies",
    ),
    Planted("an add that forgets", store_with(add=forgets_what_it_accepts), _plan("receipt"), "lost"),
    Planted(
        "an add that forgets the key",
        store_with(add=forgets_the_key),
        Plan("planted", (Post(0.5, "receipt", ANA, "k1", twice=True),)),
        "idempotency",
    ),
    Planted("a finish that forgets", store_with(finish=forgets_outcomes), _plan("receipt"), "durable"),
    Planted("a settle that forgets", store_with(settle=forgets_events), _plan("receipt"), "durable"),
    Planted(
        "a judge that ignores suppressions",
        store_with(take=ignores_suppressions),
        _plan("receipt", also=(Weather(0.0, Fault(SendFault.RATE)), Suppressed(0.6, ANA))),
        "suppression",
    ),
    Planted(
        "a judge that ignores who has left",
        store_with(take=ignores_suppressions),
        _plan("digest", also=(Weather(0.0, Fault(SendFault.RATE)), Left(0.6, ANA))),
        "consent",
    ),
    Planted(
        "a take that ignores the pace",
        store_with(take=ignores_pace_and_quota),
        Plan("planted", _BURST, limits=Limits(production=True, rate=1.0, quota=200.0)),
        "pace",
    ),
    Planted(
        "a take that ignores the quota",
        store_with(take=ignores_pace_and_quota),
        Plan(
            "planted",
            (*_BURST, NewLimits(30.0, OUT_OF_THE_SANDBOX)),
            limits=Limits(production=True, rate=50.0, quota=3.0),
        ),
        "quota",
    ),
    Planted("a take that hands out twice", store_with(take=hands_out_twice), _plan("receipt"), "copies"),
    Planted(
        "a sweep that ends living leases",
        store_with(sweep=ends_living_leases),
        _plan("code", also=(_SLOW,), luck=_NO_EVENTS),
        "lease",
    ),
    Planted(
        "a sweep that does nothing",
        store_with(sweep=sweeps_nothing),
        _plan("code", also=(_RESET,), luck=_NO_EVENTS, latest=3600.0),
        "end",
    ),
    Planted(
        "a sweep that does not wait for events",
        store_with(sweep=sweeps_without_waiting),
        _plan("receipt", also=(_RESET,), luck=_NO_EVENTS),
        "wait",
    ),
    Planted("a lease that is shorter than a call", store_with(take=leases_briefly), _plan("receipt"), "lease"),
    Planted(
        "a release that does nothing",
        store_with(release=releases_nothing),
        _plan("receipt", also=(NewLimits(10.0, OUT_OF_THE_SANDBOX),), limits=_SANDBOX),
        "holds",
    ),
    Planted(
        "a counter that counts twice",
        store_with(finish=also("UPDATE counters SET n = n + 1 WHERE what = 'accepted'")),
        _DIGESTS,
        "counters",
    ),
    Planted(
        "a state that moves against the arrows",
        store_with(finish=also("UPDATE messages SET state = 'queued', due_at = 0 WHERE state = 'sent'")),
        _DIGESTS,
        "arrows",
    ),
    Planted(
        "variables that stay",
        store_with(
            finish=also("UPDATE messages SET state = 'delivered', contents = :kept WHERE state = 'sent'", kept=b"0")
        ),
        _DIGESTS,
        "variables",
    ),
)
