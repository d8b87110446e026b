"""The world outside: the application that posts, the account's owner, the network, and what else the plan brings."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

import msgspec

from franked.backends.local.direct import DirectSes
from franked.enquiry import PutBack, Stop, Stopped
from franked.formats.mail import Mail
from franked.ports import World
from franked.rules.address import Address
from franked.rules.consent import Evidence, Statement, Step
from franked.rules.draft import Draft
from franked.rules.outcome import Delay, Outcome, TryLater
from franked.rules.suppression import Suppression, Why
from franked.sending.accept import Answer, accept
from franked.sending.replay import put_back
from franked.store import StoreUnavailable
from tests.simulate import plan as planned
from tests.simulate.events import PostOffice
from tests.simulate.life import NoAnswer
from tests.simulate.loop import OUTSIDE
from tests.simulate.plan import Action, Plan
from tests.simulate.product import CALLER, DIGESTS, PERSON, draft
from tests.simulate.promises import Promises
from tests.simulate.supervisor import Supervisor
from tests.simulate.watch import Watch

PATIENCE = 10.0  # seconds an application waits for an answer
MOST_POSTS = 40


class Network:
    """ports.Transport: the account, while there is a connection to it."""

    def __init__(self, ses: DirectSes, time: Callable[[], float]) -> None:
        self._ses, self._time = ses, time
        self.closed_until = 0.0

    async def send(self, mail: Mail, call_by: datetime) -> Outcome:
        if self._time() < self.closed_until:
            return TryLater(Delay.CONNECTION, "the connection was refused")
        return await self._ses.send(mail, call_by)


@dataclass(slots=True)
class Outside:
    """`begin` lets the plan's actions come to pass, each at its time."""

    plan: Plan
    now: Callable[[], datetime]
    random: Random
    supervisor: Supervisor
    office: PostOffice
    ses: DirectSes
    network: Network
    watch: Watch
    promises: Promises
    under_way: int = 0

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self.supervisor.begin()
        for number, action in enumerate(self.plan.actions):
            self.under_way += 1
            loop.call_at(action.at, self._start, loop, action, number, context=OUTSIDE)

    def _start(self, loop: asyncio.AbstractEventLoop, action: Action, number: int) -> None:
        loop.create_task(self._do(action, number), context=OUTSIDE)

    async def _do(self, action: Action, number: int) -> None:
        match action:
            case planned.Post():
                await self._post(action)
            case planned.Weather(fault=fault):
                self.ses.faults.plan(fault)
            case planned.Refusals(at=at, seconds=seconds):
                self.network.closed_until = at + seconds
            case planned.Outage(seconds=seconds):
                self.watch.outage = action
                await asyncio.sleep(seconds)
                self.watch.outage = None
            case planned.NewLimits(limits=limits):
                self.ses.account.set_limits(limits)
            case planned.Verified(identity=identity):
                self.ses.account.verify(identity)
            case planned.Suppressed(to=to):
                await self._suppress(to)
            case planned.Left(to=to):
                await self._leave(to)
            case planned.Stranger(to=to):
                self.office.bring(f"Bounce of a stranger's mail to {to}", _strange(to, number))
            case planned.PutBack():
                await self._insist(_put_back)
            case planned.Pause(seconds=seconds):
                self.supervisor.pause_one(seconds)
            case planned.Restart():
                self.supervisor.stop_one()
            case planned.SecondWorker():
                self.supervisor.begin()
        self.under_way -= 1

    async def _post(self, post: planned.Post) -> None:
        asked = draft(post.stream, post.to, self.now(), post.key)
        if post.twice:
            await asyncio.gather(self._ask_for(asked), self._ask_for(asked))
        else:
            await self._ask_for(asked)

    async def _ask_for(self, asked: Draft) -> None:
        """An application that got no answer asks again with the same key; without one it can't know, and gives up."""
        for _ in range(MOST_POSTS if asked.idempotency_key else 1):
            try:
                async with asyncio.timeout(PATIENCE):
                    [answer] = await asyncio.shield(self.supervisor.ask(_accepting(asked)))
            except (NoAnswer, StoreUnavailable, TimeoutError):
                await asyncio.sleep(self.random.uniform(0.5, 8.0))
            else:
                self.promises.answered(asked.idempotency_key, answer)
                return

    async def _suppress(self, to: str) -> None:
        new = Suppression(to, Why.MANUAL, self.now())
        await self._insist(lambda world: world.store.suppress([new]))

    async def _leave(self, to: str) -> None:
        evidence = Evidence("page /u/leave")
        said = Statement(Address.of_spelled(to), DIGESTS, Step.LEFT, self.now(), evidence)
        await self._insist(lambda world: world.store.state([said]))

    async def _insist(self, asked: Callable[[World], Awaitable[object]]) -> None:
        """A person who sees an error tries again."""
        while True:
            try:
                await self.supervisor.ask(asked)
            except (NoAnswer, StoreUnavailable):
                await asyncio.sleep(self.random.uniform(0.5, 8.0))
            else:
                return


async def _put_back(world: World) -> None:
    for stop in Stop:
        stories = await world.store.stopped(Stopped(stop))
        await put_back([PutBack(story.id, stop, PERSON) for story in stories], world)


def _accepting(asked: Draft) -> Callable[[World], Awaitable[list[Answer]]]:
    return lambda world: accept([asked], CALLER, world)


def _strange(to: str, number: int) -> str:
    """SES's JSON of a hard bounce, without our tags."""
    at = "2026-03-04T10:15:00.000Z"
    bounced = {"bouncedRecipients": [{"emailAddress": to}], "feedbackId": f"strange-{number}", "timestamp": at}
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", **bounced}
    mail = {"messageId": f"strange-{number}", "destination": [to], "timestamp": at, "tags": {}}
    return msgspec.json.encode({"eventType": "Bounce", "bounce": bounce, "mail": mail}).decode()
