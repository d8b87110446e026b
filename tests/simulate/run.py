"""One run: a plan comes to pass, every step is inspected, and time runs on until nothing is due."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from franked.backends.local.account import SimulatedAccount, Standing
from franked.backends.local.direct import Call, DirectSes, Road
from franked.backends.local.letter import Letter
from franked.backends.sql.rows import ms
from franked.formats.mail import Mail
from franked.ports import World
from franked.rules.message import State, message_id
from franked.rules.outcome import Outcome
from tests.simulate.events import REGION, Certificates, PostOffice
from tests.simulate.inspector import Finding, Inspector
from tests.simulate.life import ACCOUNT_EVERY, DULLEST_ROUND, LazyBell
from tests.simulate.loop import OUTSIDE, VirtualLoop
from tests.simulate.outside import Network, Outside
from tests.simulate.plan import NewLimits, Plan, SecondWorker, Verified
from tests.simulate.product import DECLARED, START, KnownTemplates
from tests.simulate.record import Record
from tests.simulate.supervisor import Supervisor
from tests.simulate.trace import Trace
from tests.simulate.watch import Watch

SLOWEST_CONNECTION = 20.0
LONGER_THAN_ANY_USE = 80 * 3600.0


def as_it_is(world: World) -> World:
    return world


Tampered = Callable[[World], World]


@dataclass(frozen=True, slots=True)
class Result:
    findings: tuple[Finding, ...]
    calls: tuple[str, ...]  # of ports, in order
    busy: int  # how many of them came before all was quiet
    befallen: int  # calls that went wrong as planned
    deaths: int
    accepted: int
    states: tuple[State, ...]  # at the end, by message
    explained: Mapping[str, int]  # second copies
    lines: tuple[str, ...]
    digest: str


def run(plan: Plan, tampered: Tampered = as_it_is) -> Result:
    """`tampered`: the world with a fault in it that the inspector must find."""
    loop = VirtualLoop(plan.seed)
    try:
        return Simulation(plan, loop, tampered).played()
    finally:
        loop.close()


class Simulation:
    def __init__(self, plan: Plan, loop: VirtualLoop, tampered: Tampered) -> None:
        self._plan, self._loop, self._tampered = plan, loop, tampered
        self._quiet_since: float | None = None
        self._busy = 0
        self._road, self._luck = Random(f"road {plan.seed}"), Random(f"luck {plan.seed}")
        self._trace = Trace(loop.time)
        standing = Standing(plan.limits, dict.fromkeys(plan.verified, True))
        account = SimulatedAccount(REGION, standing, self._now, lambda standing: None)
        alone = not any(isinstance(action, SecondWorker) for action in plan.actions)
        self._supervisor = Supervisor(loop, self._world, Random(f"starts {plan.seed}"), self._trace, alone)
        self._inspector = Inspector(
            now=lambda: ms(self._now()),
            trace=self._trace,
            account=account,
            counters=lambda: self._record.counters(),  # noqa: PLW0108 (it is made below)
            lives=self._supervisor.lives,
            found=loop.halt,
        )
        self._record = Record(self._now, self._inspector.changed)
        kill, pause, promised = self._supervisor.kill, loop.pause, self._inspector.promised
        self._watch = Watch(plan, self._trace, kill, pause, promised)
        ask = self._supervisor.ask if plan.webhook else None
        self._office = PostOffice(plan.luck, Random(f"events {plan.seed}"), ask, self._trace)
        road = Road(self._connects, self._travels, self._travels, carry=self._carry)
        self._ses = DirectSes(account, self._now, self._publish, road=road)
        self._network = Network(self._ses, loop.time)
        self._outside = Outside(
            plan,
            self._now,
            Random(f"outside {plan.seed}"),
            self._supervisor,
            self._office,
            self._ses,
            self._network,
            self._watch,
            self._inspector,
        )

    def played(self) -> Result:
        inspector, loop = self._inspector, self._loop
        self._outside.begin(loop)
        loop.run_until(self._is_over, self._plan.latest)
        if not inspector.findings:
            inspector.rest()
        if not inspector.findings and inspector.something_is_held:
            self._quiet_since = None
            loop.leap(LONGER_THAN_ANY_USE)
            woken = loop.time() + 1.0
            loop.run_until(lambda: loop.time() > woken and self._is_over(), woken + self._plan.latest)
            inspector.rest()
        inspector.conclude()
        for failure in [*loop.mishaps, *loop.failures()]:
            inspector.find("fault", None, failure)
        return Result(
            findings=tuple(inspector.findings),
            calls=tuple(self._watch.calls),
            busy=self._busy,
            befallen=self._watch.befallen,
            deaths=self._supervisor.deaths,
            accepted=len(inspector.accepted),
            states=tuple(message.state for message in inspector.model.messages.values()),
            explained=inspector.explained,
            lines=tuple(self._trace.lines),
            digest=self._trace.digest,
        )

    def _is_over(self) -> bool:
        """Quiet, and for long enough that even a call whose connection is slow has come to light."""
        if not self._is_quiet():
            self._quiet_since = None
            return False
        if self._quiet_since is None:
            self._quiet_since = self._loop.time()
            self._busy = self._busy or len(self._watch.calls)
        return self._loop.time() > self._quiet_since + SLOWEST_CONNECTION

    def _is_quiet(self) -> bool:
        busy = self._outside.under_way or self._office.outstanding or self._loop.someone_stands_still
        return not busy and self._inspector.is_quiet and self._loop.time() > self._known_by

    @property
    def _known_by(self) -> float:
        """What changed at the account is known once it was read again, whatever befell one reading."""
        changed = [action.at for action in self._plan.actions if isinstance(action, NewLimits | Verified)]
        read_every = ACCOUNT_EVERY if max(changed, default=0.0) < ACCOUNT_EVERY else DULLEST_ROUND
        return max(changed) + 2.2 * read_every if changed else 0.0

    def _now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())

    # the world of one process

    def _world(self) -> World:
        """What is tampered with is watched like what is not."""
        over, bell = self._watch.over, self._watch.over(LazyBell(), "bell")
        world = self._tampered(
            World(
                store=self._record.open(bell.ring, self._commits),
                bell=bell,
                transport=self._network,
                account=self._ses,
                templates=KnownTemplates(),
                web=Certificates(),
                declared=DECLARED,
                now=self._now,
                monotonic=self._loop.time,
                sleep=asyncio.sleep,
                new_id=self._new_id,
                rand=self._luck.random,
                log=self._log,
            )
        )
        return replace(
            world,
            store=over(world.store, "store"),
            transport=over(world.transport, "transport"),
            account=over(world.account, "account"),
            web=over(world.web, "web"),
            feed=None if self._plan.webhook else over(self._office.queue, "feed"),
        )

    def _new_id(self) -> str:
        return message_id(ms(self._now()), self._luck.getrandbits(80))

    def _log(self, event: str, **said: object) -> None:
        if event == "fault":
            self._inspector.find("fault", None, repr(said.get("exc_info")))

    # the way to the account

    def _commits(self) -> float:
        return self._luck.uniform(0.001, 0.02)

    def _connects(self) -> float:
        return (
            self._road.uniform(5, SLOWEST_CONNECTION) if self._road.random() < 0.02 else self._road.uniform(0.001, 0.03)
        )

    def _travels(self) -> float:
        return self._road.uniform(1, 20) if self._road.random() < 0.02 else self._road.uniform(0.005, 0.2)

    def _carry(self, mail: Mail, call: Call) -> "asyncio.Future[Outcome]":
        """A call that has begun goes on, whether its process lives or not."""
        begun = self._inspector.begin_call(mail)
        task = self._loop.create_task(call, context=OUTSIDE)
        task.add_done_callback(lambda _: self._inspector.end_call(begun), context=OUTSIDE)
        return task

    def _publish(self, letter: Letter) -> None:
        self._inspector.took(letter)
        self._office.publish(letter)
