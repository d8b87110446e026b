"""What SES says about mail comes in over HTTP: settled, and, for comparison, its signature looked at and no more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from litestar import Response, post

from franked.doors.cli.bench.door import OpenDoor, poured, storing
from franked.doors.cli.bench.drain import accepted, sent_off
from franked.doors.cli.bench.house import STREAM, TOPIC
from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.events import LARGEST
from franked.doors.http.problems import Problem
from franked.feedback.receive import Forged, Unreachable, verified
from franked.ports import Post, Posted, World
from franked.record import Story
from franked.wiring import Mailbag

MAILS = 500  # each is sent, and delivered
WEBHOOK = "/v1/events/sns"


@post(WEBHOOK, status_code=200, request_max_body_size=LARGEST)
async def post_sns(request: AnyRequest) -> Response[str]:
    """The webhook without its consequences."""
    match await verified(await request.body(), door_of(request).world):
        case Forged(why) | Unreachable(why):
            raise Problem("forged_event", why)
        case _:
            return Response("verified", media_type="text/plain")


@dataclass(frozen=True, slots=True)
class OneCertificate:
    """The port `Web` where SNS has one certificate, which was fetched before."""

    pem: bytes

    async def fetch(self, url: str) -> bytes | None:
        return None

    async def certificate(self, url: str) -> bytes | None:
        return self.pem

    async def post(self, post: Post) -> Posted:
        return Posted(None, "there is nobody")


@dataclass(slots=True)
class Returns:
    """Two webhooks that hear of the same mail. All that they hear was signed before it is measured."""

    world: World
    bag: Mailbag
    settling: OpenDoor
    verifying: OpenDoor
    _bodies: list[bytes] = field(default_factory=list)

    async def settled(self) -> float:
        """Events a second, of mail that was sent but now."""
        ids = await accepted(MAILS, self.world)
        await sent_off(MAILS, self.world)
        stories = filter(None, await self.world.store.find(ids))
        self._bodies = [body for story in stories for body in self._posts(story)]
        before = await self._delivered()
        rate = await poured(self.settling.url + WEBHOOK, self.settling.key, self._bodies)
        assert await self._delivered() - before == MAILS
        return rate

    async def verified(self) -> float:
        """The same events."""
        return await poured(self.verifying.url + WEBHOOK, self.verifying.key, self._bodies)

    def _posts(self, story: Story) -> list[bytes]:
        return self.bag.posts(story.id, story.ses_id or "", story.sender, story.to.spelled)

    async def _delivered(self) -> int:
        return (await self.world.store.counters()).get((STREAM, "delivered"), 0)


@asynccontextmanager
async def returns(world: World) -> AsyncIterator[Returns]:
    bag = Mailbag(TOPIC, world.now)
    trusting = replace(world, web=OneCertificate(bag.certificate))
    async with storing(trusting) as settling, storing(trusting, (post_sns,)) as verifying:
        yield Returns(trusting, bag, settling, verifying)
