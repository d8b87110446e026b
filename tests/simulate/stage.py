"""All parts of one run, put together: the account outside, the record that stays, and the world of each process."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from franked.backends.local.account import SimulatedAccount, Standing
from franked.backends.local.direct import Call, DirectSes, Road
from franked.backends.local.letter import Letter
from franked.backends.sql.rows import ms
from franked.backends.sql.store import SqlStore
from franked.formats.mail import Mail
from franked.ports import World
from franked.rules.message import message_id
from franked.rules.outcome import Outcome
from tests.simulate.crossing import Crossing
from tests.simulate.events import REGION, Certificates, PostOffice
from tests.simulate.findings import Findings
from tests.simulate.inspector import Inspector
from tests.simulate.journal import Records
from tests.simulate.life import LazyBell
from tests.simulate.loop import OUTSIDE, VirtualLoop
from tests.simulate.model import Model
from tests.simulate.outside import Network, Outside
from tests.simulate.plan import Plan, SecondWorker
from tests.simulate.product import DECLARED, LINKS, START, KnownTemplates
from tests.simulate.promises import Promises
from tests.simulate.supervisor import Supervisor
from tests.simulate.trace import Trace
from tests.simulate.watch import Watch

SLOWEST_CONNECTION = 20.0  # seconds: longer than a worker may wait before it calls

Tampered = Callable[[World], World]


def as_it_is(world: World) -> World:
    return world


class Stage:
    def __init__(self, plan: Plan, loop: VirtualLoop, tampered: Tampered, records: Records) -> None:
        self.plan, self.loop, self._tampered = plan, loop, tampered
        self._road, self._luck = Random(f"road {plan.seed}"), Random(f"luck {plan.seed}")
        self.trace, self.model = Trace(loop.time), Model()
        self.findings = Findings(self.model, self.trace, loop.halt)
        self.promises = Promises(self.model, self.findings, self.trace)
        standing = Standing(plan.limits, dict.fromkeys(plan.verified, True))
        self.account = SimulatedAccount(REGION, standing, self.now, lambda standing: None)
        self.crossing = Crossing(self.model, self.findings, self.trace, self.account, self._ms)
        self.record = records(self.now)
        self.supervisor = self._supervised()
        self.watch = Watch(plan, self.trace, self.supervisor.kill, loop.pause, self.promises.returned)
        ask = self.supervisor.ask if plan.webhook else None
        self.office = PostOffice(plan.luck, Random(f"events {plan.seed}"), ask, self.trace)
        road = Road(self._connects, self._travels, self._travels, carry=self._carry)
        self._ses = DirectSes(self.account, self.now, self._publish, road=road)
        self._network = Network(self._ses, loop.time)
        self.outside = self._surrounded()

    def _supervised(self) -> Supervisor:
        alone = not any(isinstance(action, SecondWorker) for action in self.plan.actions)
        starts = Random(f"starts {self.plan.seed}")
        supervisor = Supervisor(self.loop, self.world, starts, self.trace, alone)
        totals, may_call = self.record.totals, supervisor.may_call
        self.record.changed = Inspector(self.model, self.findings, self.trace, self._ms, totals, may_call).changed
        return supervisor

    def _surrounded(self) -> Outside:
        return Outside(
            plan=self.plan,
            now=self.now,
            random=Random(f"outside {self.plan.seed}"),
            supervisor=self.supervisor,
            office=self.office,
            ses=self._ses,
            network=self._network,
            watch=self.watch,
            promises=self.promises,
        )

    def now(self) -> datetime:
        return START + timedelta(seconds=self.loop.time())

    def world(self) -> World:
        """Of one process. What is tampered with is watched like what is not."""
        over, bell = self.watch.over, self.watch.over(LazyBell(), "bell")
        world = self._tampered(
            World(
                store=self.record.open(bell.ring, self._commits, SqlStore),
                bell=bell,
                transport=self._network,
                account=self._ses,
                templates=KnownTemplates(),
                web=Certificates(),
                declared=DECLARED,
                links=LINKS,
                now=self.now,
                monotonic=self.loop.time,
                sleep=asyncio.sleep,
                new_id=lambda: message_id(self._ms(), self._luck.getrandbits(80)),
                rand=self._luck.random,
                draw=self._luck.randrange,
                log=self._log,
            )
        )
        return replace(
            world,
            store=over(world.store, "store"),
            transport=over(world.transport, "transport"),
            account=over(world.account, "account"),
            web=over(world.web, "web"),
            feed=None if self.plan.webhook else over(self.office.queue, "feed"),
        )

    def _ms(self) -> int:
        return ms(self.now())

    def _log(self, event: str, **said: object) -> None:
        if event == "fault":
            self.findings.add("fault", None, repr(said.get("exc_info")))

    # how long things take, in seconds

    def _commits(self) -> float:
        return self._luck.uniform(0.001, 0.02)

    def _connects(self) -> float:
        return self._road.uniform(5, SLOWEST_CONNECTION) if self._road.random() < 0.02 else self._road.uniform(0, 0.03)

    def _travels(self) -> float:
        return self._road.uniform(1, 20) if self._road.random() < 0.02 else self._road.uniform(0.005, 0.2)

    # the way to the account

    def _carry(self, mail: Mail, call: Call) -> "asyncio.Future[Outcome]":
        """A call that has begun goes on, whether its process lives or not."""
        begun = self.crossing.begin(mail)
        task = self.loop.create_task(call, context=OUTSIDE)
        task.add_done_callback(lambda _: self.crossing.end(begun), context=OUTSIDE)
        return task

    def _publish(self, letter: Letter) -> None:
        self.crossing.took(letter)
        self.office.publish(letter)
