"""Door, worker, sweep, webhook and (unless SES is real) the simulator, in one process; and their end, in order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TextIO

from franked.access.keeping import EVERY as PROMISES_EVERY
from franked.access.keeping import keep_promises
from franked.access.request import POLL_EVERY, note_mode, watch
from franked.doors.claim import claim
from franked.doors.http.app import create_app
from franked.doors.http.context import Door
from franked.doors.http.keyring import Keyring, make_key
from franked.doors.serving import listening, serving, url_of
from franked.feedback.forward import forget_told, forward
from franked.feedback.listen import listen
from franked.flows.newsletters import write_newsletters
from franked.outside import Resolver
from franked.ports import World
from franked.record import ApiKey
from franked.reputation import canary
from franked.reputation import rounds as reputation
from franked.reputation.braking import look
from franked.reputation.reconcile import reconcile
from franked.sending.deliver import work
from franked.sending.forget import forget
from franked.sending.refresh import refresh
from franked.sending.replay import release_approved, release_readable
from franked.sending.sweep import sweep
from franked.settings import Settings
from franked.settings.webhooks import secret_variable
from franked.store import StoreUnavailable
from franked.wiring import Clock, Role, Ses, Simulator, Wired, WrongSettings, opened, system_clock

SWEEP_EVERY = 1.0  # seconds
TEMPLATES_EVERY = 1.0
NEWSLETTERS_EVERY = 0.5
FORWARD_EVERY = 0.5
QUIET = 2.0  # for the simulator's last events
FORGET_EVERY = 600.0
CANARY_EVERY = 0.5
BRAKE_EVERY = 30.0
RECONCILE_EVERY = 1.0  # AWS's own limit of control calls
ACCOUNT_EVERY = 180.0  # a raised limit needs no restart


@dataclass(frozen=True, slots=True)
class Running:
    """A Franked that runs. `control_key` is the administrator's, for this run only."""

    url: str
    wired: Wired
    door: Door
    control_key: str

    @property
    def world(self) -> World:
        return self.wired.world

    @property
    def keyring(self) -> Keyring:
        return self.door.keyring

    async def refresh(self) -> None:
        """Now, instead of in a few minutes: what does AWS allow?"""
        await refresh(self.world)


@asynccontextmanager
async def running(
    settings: Settings,
    ses: Ses,
    now: Clock = system_clock,
    log_to: TextIO | None = None,
    role: Role = Role.ALL,
    resolver: Resolver | None = None,
) -> AsyncIterator[Running]:
    """Runs until the block ends: stop accepting, stop taking, await the calls in flight (and, from the simulator, their
    events, for which the webhook stays open), close the door, give leases back, close. `resolver`: as `opened`.

    Raises AlreadyRunning, PortTaken, WrongSettings, StoreUnavailable.
    """
    _refuse_unsigned(settings)
    with (
        claim(settings.store.directory) as held,
        closing(listening(settings.server.host, settings.server.port)) as bound,
    ):
        async with (
            opened(settings, ses, now, log_to, role, url_of(bound), resolver) as wired,
            AsyncExitStack() as stack,
        ):
            if not wired.is_shared:
                await wired.world.store.end_leases()
                stack.push_async_callback(wired.world.store.end_leases)
            await release_readable(wired.world)
            await release_approved(wired.world)
            control_key, record = _control(wired.world)
            inbox = wired.simulator.url if wired.simulator else None
            door = Door(wired.world, Keyring(wired.world.store, control=record), inbox)
            franked = await stack.enter_async_context(_open(door, bound, settings, wired, control_key))
            stack.push_async_callback(_last_events, wired.simulator)
            await stack.enter_async_context(_working(wired, role))
            stack.callback(door.stopping.set)
            held.publish(url=franked.url, control_key=franked.control_key)
            if wired.simulator:
                await wired.simulator.subscribe(f"{franked.url}/v1/events/sns")
            await franked.refresh()
            await note_mode(wired.world)
            await canary.begin_if_asked(wired.world)
            yield franked


def _refuse_unsigned(settings: Settings) -> None:
    """Only who calls needs the secrets: a worker elsewhere, or a command, does not."""
    for endpoint in settings.webhooks.values():
        if not endpoint.secret:
            said = f"[webhooks.{endpoint.name}] has no secret to sign with: say it as {secret_variable(endpoint.name)}"
            raise WrongSettings(f"{said} (`franked webhooks secret` makes one)")


@asynccontextmanager
async def helping(settings: Settings, now: Clock = system_clock, log_to: TextIO | None = None) -> AsyncIterator[World]:
    """A worker without a door, at a record on PostgreSQL that another process has begun. SES is the account of the
    usual credentials. Raises WrongSettings, StoreUnavailable."""
    async with opened(settings, Ses.AWS, now, log_to, Role.WORKER) as wired, _working(wired, Role.WORKER):
        await refresh(wired.world)
        yield wired.world


@asynccontextmanager
async def _working(wired: Wired, role: Role) -> AsyncIterator[None]:
    """The tasks that nobody waits for. The worker is the last to end: what it holds goes out first."""
    world, stop = wired.world, asyncio.Event()
    rounds = [
        asyncio.create_task(_every(SWEEP_EVERY, lambda: sweep(world), world), name="sweep"),
        asyncio.create_task(_every(ACCOUNT_EVERY, lambda: refresh(world), world), name="refresh"),
    ]
    if role is not Role.WORKER:
        rounds.append(asyncio.create_task(_every(FORGET_EVERY, lambda: forget(world), world), name="forget"))
        rounds.append(
            asyncio.create_task(_every(NEWSLETTERS_EVERY, lambda: write_newsletters(world), world), name="news")
        )
        rounds.append(asyncio.create_task(_every(CANARY_EVERY, lambda: canary.beat(world), world), name="canary"))
        rounds.append(asyncio.create_task(_every(BRAKE_EVERY, lambda: look(world), world), name="brake"))
        rounds.append(asyncio.create_task(_every(RECONCILE_EVERY, lambda: reconcile(world), world), name="reconcile"))
        rounds.append(asyncio.create_task(_every(POLL_EVERY, lambda: watch(world), world), name="request"))
        rounds.append(asyncio.create_task(_every(PROMISES_EVERY, lambda: keep_promises(world), world), name="promises"))
        for name, seconds, act in reputation.rounds(world):
            rounds.append(asyncio.create_task(_every(seconds, act, world), name=name))
        rounds.append(asyncio.create_task(_every(TEMPLATES_EVERY, wired.templates.refresh, world), name="templates"))
    rounds += _forwarding(world) if role is not Role.WORKER else ()
    if world.feed and role is not Role.WORKER:
        rounds.append(asyncio.create_task(listen(world.feed, world, stop), name="listen"))
    worker = asyncio.create_task(work(world, stop) if role is not Role.DOOR else stop.wait(), name="work")
    try:
        yield
    finally:
        stop.set()
        world.bell.ring()
        await worker
        for one in rounds:
            one.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)


def _forwarding(world: World) -> Iterator["asyncio.Task[None]"]:
    """A round for each endpoint: one that hangs keeps no other waiting."""
    yield asyncio.create_task(_every(FORGET_EVERY, lambda: forget_told(world), world), name="forget told")
    for endpoint in world.declared.webhooks:
        telling = _every(FORWARD_EVERY, partial(forward, endpoint, world), world)
        yield asyncio.create_task(telling, name=f"forward {endpoint.name}")


async def _every(seconds: float, act: Callable[[], Awaitable[object]], world: World) -> None:
    """A round that fails is told, and the next one tries again."""
    while True:
        await world.sleep(seconds)
        try:
            await act()
        except StoreUnavailable as error:
            world.log("store_unavailable", level="error", why=str(error))
        except Exception as error:
            world.log("fault", level="error", exc_info=error)


@asynccontextmanager
async def _open(
    door: Door, bound: socket.socket, settings: Settings, wired: Wired, control_key: str
) -> AsyncIterator[Running]:
    async with serving(create_app(door), bound, settings.server.trusted_proxies) as url:
        yield Running(url, wired, door, control_key)


async def _last_events(simulator: Simulator | None) -> None:
    """Real SNS tries for an hour; the simulated one ends with this process."""
    if simulator:
        with suppress(TimeoutError):
            await simulator.quiet(QUIET)


def _control(world: World) -> tuple[str, ApiKey]:
    """For the command line of this machine's user: made anew at each start, never stored in the record."""
    shown, record = make_key("command line", frozenset(), frozenset(), world.now())
    return shown, replace(record, admin=True)
