"""What a product's people do in the week before they ask AWS: setup, DNS, approvals, canary, a test of each mail."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from franked.access.checks.loop import of_admins
from franked.access.checks.product import own_streams
from franked.access.setup import Hands, apply, plan, wait
from franked.doors.cli.demo.clock import MovableClock
from franked.doors.cli.start import Unusable
from franked.doors.running import Running
from franked.flows.approval import review
from franked.formats.sample import invented
from franked.ports import World
from franked.record import Added, Story
from franked.reputation.alarms import try_out
from franked.reputation.canary import begin
from franked.rules.address import SIMULATOR_DOMAIN, Address
from franked.rules.approval import Review, Step
from franked.rules.at_aws import Record
from franked.rules.canary import sentence
from franked.rules.consent import Evidence, Statement
from franked.rules.consent import Step as Consent
from franked.rules.content import Content, Written
from franked.rules.draft import Draft
from franked.rules.message import State
from franked.rules.request import Line, What
from franked.rules.stream import Kind, Stream
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.settings import Settings
from franked.wiring import Zones, wants

WITHIN = 90.0  # seconds: in the sandbox one mail goes a second
AGAIN = timedelta(minutes=1)  # after that what SES refused, before it knew the domain, is tried again
WRITER, REVIEWER = "Ada Muster", "Ben Beispiel"
_TESTER = "test"

Say = Callable[[str], None]


async def prepare(franked: Running, settings: Settings, zones: Zones, clock: MovableClock, say: Say) -> None:
    """Raises Unusable where something that must come does not."""
    world = franked.world
    await set_up(franked, settings, zones, say)
    clock.move(AGAIN)
    await approve(world, say)
    await hear(world, say)
    await send_one_of_each(world, say)
    await reach_the_admins(world, say)
    say("its people have read AWS's rules")
    await world.store.note_access([Line(world.now(), What.REVIEWED, WRITER, "AWS AUP, SES best practices")])


async def set_up(franked: Running, settings: Settings, zones: Zones, say: Say) -> None:
    """At AWS, then in the DNS, as `franked setup` prints it."""
    world, wanted = franked.world, wants(settings, played=True)
    assert world.control is not None
    assert world.gauges is not None
    say("franked setup --apply")
    todo = (await plan(wanted, world.control)).todo
    done = await apply(todo, wanted, Hands(world.control, world.gauges), lambda _: None)
    if failed := [one.failure for one in done if one.failure]:
        raise Unusable(f"setup: {failed[0]}")
    say("it publishes the records that setup names")
    for line in records_of([one.record for one in (await plan(wanted, world.control)).records], wanted.domains):
        zones.publish(line)
    for admin in world.declared.admins:
        if franked.wired.simulator:
            franked.wired.simulator.verify(admin.key)  # it clicks AWS's link
    await wait(wanted, world.control, lambda _: asyncio.sleep(0.1), lambda _: None)
    await franked.refresh()


def records_of(records: list[Record], domains: tuple[str, ...]) -> Iterator[str]:
    """As zone-file lines; with the key behind each CNAME, which is AWS's, and a mailbox host."""
    for one in records:
        value = f'"{one.value}"' if one.kind == "TXT" else f"{one.value}."
        yield f"{one.name}. IN {one.kind} {value}"
        if one.kind == "CNAME":
            half = len(_key()) // 2
            yield f'{one.value}. IN TXT "p={_key()[:half]}" "{_key()[half:]}"'
    yield 'amazonses.com. IN TXT "v=spf1 ip4:192.0.2.0/24 -all"'
    for domain in domains:
        yield f"{domain}. IN MX 10 mx.{domain}."
        yield f"mx.{domain}. IN A 192.0.2.25"


@cache
def _key() -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


async def approve(world: World, say: Say) -> None:
    """One person submits each template, another approves it."""
    names = {stream.template for stream in own_streams(world.declared) if stream.content is Content.TEMPLATE}
    say(f"two people read its {len(names)} templates")
    for name in sorted(names):
        if template := world.templates.current(name):
            for step, by in ((Step.SUBMITTED, WRITER), (Step.APPROVED, REVIEWER)):
                await review(Review(template.version, name, step, by, world.now(), "read"), world)


async def hear(world: World, say: Say) -> None:
    say("its canary flies")
    try:
        async with asyncio.timeout(WITHIN):
            while not (canary := await world.store.canary()).is_proven(world.now()):
                if canary.current is None:
                    await begin(world)
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Unusable(f"the canary did not come back: {sentence(await world.store.canary(), world.now())}") from None


async def send_one_of_each(world: World, say: Say) -> None:
    """To SES's mailbox simulator, which takes it; or to the one mailbox that a stream may go to."""
    say("it sends one mail of each stream")
    caller = Caller(_TESTER, _TESTER, frozenset(world.declared.streams))
    ids = [await _sent(stream, caller, world) for stream in own_streams(world.declared)]
    try:
        async with asyncio.timeout(WITHIN):
            while await _on_their_way(ids, world):  # noqa: ASYNC110 (no single event)
                await asyncio.sleep(0.05)
    except TimeoutError:
        left = await _on_their_way(ids, world)
        what = ", ".join(f"{one.stream}: {one.state} {one.reason or ''}" for one in left)
        raise Unusable(f"test mails did not arrive: {what}") from None


async def _on_their_way(ids: list[str], world: World) -> list[Story]:
    return [one for one in await world.store.find(ids) if one and one.state is not State.DELIVERED]


async def _sent(stream: Stream, caller: Caller, world: World) -> str:
    now = world.now()
    to = stream.only_to or Address.of_spelled(f"success+{stream.name}@{SIMULATOR_DOMAIN}")
    if stream.kind is Kind.MARKETING and stream.topic:
        seen = Evidence(_TESTER, "test of the setup")
        await world.store.state([Statement(to, stream.topic, Consent.CONFIRMED, now, seen)])
    draft = Draft(
        stream=stream.name,
        to=to.spelled,
        trigger=None if stream.standing else Trigger("test", WRITER, now - timedelta(seconds=1)),
        variables=_variables(stream, world),
        content=Written("A test", "<p>A test of the setup</p>", "A test of the setup")
        if stream.content is Content.INLINE
        else None,
        request_id=_TESTER,
    )
    [answer] = await accept([draft], caller, world)
    if not isinstance(answer, Added):
        raise Unusable(f"a test mail of {stream.name} was not accepted: {answer}")
    return answer.id


def _variables(stream: Stream, world: World) -> dict[str, object]:
    template = world.templates.current(stream.template) if stream.content is Content.TEMPLATE else None
    if template is None:
        return {}
    names = template.variables | template.optional
    return {**{name: invented(name) for name in sorted(names)}, **template.sample(world.declared.default_locale)}


async def reach_the_admins(world: World, say: Say) -> None:
    """Raises Unusable."""
    say("franked alarms test")
    await try_out(world)
    try:
        async with asyncio.timeout(WITHIN):
            while not all(one.is_ok for one in await of_admins(world)):  # noqa: ASYNC110 (no single event)
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Unusable("a test mail to the admins did not arrive") from None
