"""Each way in which the loop can be broken is found by the canary, and called by its name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from franked.backends.local import EventFault, Limits
from franked.enquiry import Lift
from franked.feedback.listen import listen
from franked.ports import FeedUnavailable, World
from franked.record import Alarm
from franked.reputation.canary import beat, begin, step
from franked.rules.canary import PROBES, Canary, Step
from franked.rules.diagnosis import DIAGNOSES, Fault, said
from franked.sending.refresh import refresh
from franked.wiring import Fault as Planned
from franked.wiring import SendFault
from tests.reputation.flying import BRIEF, WITH_A_SET, flown
from tests.running import Product

ALL = 1000

pytestmark = pytest.mark.settings(BRIEF)


def faults(found: Canary) -> list[Fault]:
    assert found.last is not None
    assert found.last.step is Step.FAILED
    return [finding.fault for finding in found.last.findings]


async def broken(product: Product) -> tuple[list[Fault], str]:
    """What a flight finds, and what the first finding says."""
    found = await flown(product)
    named = faults(found)
    assert found.last is not None
    assert not found.is_proven(product.clock())
    return named, said(found.last.findings[0])


def plan(product: Product, what: EventFault | SendFault, **more: Any) -> None:
    product.simulator.plan(Planned(what, times=ALL, **more))


# --- nothing comes back ----------------------------------------------------------------------------------------------


async def test_nothing_is_published(product: Product) -> None:
    plan(product, EventFault.LOST)
    assert (await broken(product))[0] == [Fault.NO_EVENTS]


async def test_nobody_is_subscribed(product: Product) -> None:
    product.simulator.office.topic.subscriptions.clear()
    assert (await broken(product))[0] == [Fault.NO_EVENTS]


async def test_the_subscription_was_ended(product: Product) -> None:
    world = product.franked.world
    ended = Alarm("feedback_unsubscribed", "the subscription was ended", world.now())
    await world.store.open_alarms([ended])
    plan(product, EventFault.LOST)
    named, sentence = await broken(product)
    assert named == [Fault.UNSUBSCRIBED] and "the subscription was ended" in sentence


async def test_events_come_from_a_topic_that_is_not_ours(product: Product) -> None:
    plan(product, EventFault.OTHER_TOPIC)
    assert (await broken(product))[0] == [Fault.WRONG_TOPIC]


async def test_the_signature_does_not_fit(product: Product) -> None:
    plan(product, EventFault.BADLY_SIGNED)
    assert (await broken(product))[0] == [Fault.BAD_SIGNATURE]


async def test_events_come_without_sns_s_envelope(product: Product) -> None:
    plan(product, EventFault.RAW)
    assert (await broken(product))[0] == [Fault.UNSIGNED]


async def test_sns_s_certificate_can_not_be_fetched(product: Product) -> None:
    """A proxy's page stands in its place."""
    topic = product.simulator.office.topic
    topic.key = replace(topic.key, pem=b"<html>Not from here</html>", path="/SimpleNotificationService-0.pem")
    assert (await broken(product))[0] == [Fault.CERTIFICATE]


class NoQueue:
    """A queue that is not there."""

    async def receive(self) -> list[Any]:
        raise FeedUnavailable("there is no such queue")

    async def done(self, receipts: object) -> None: ...


@asynccontextmanager
async def by_queue(product: Product) -> AsyncIterator[World]:
    """The same record and account, whose events come by a queue."""
    product.simulator.office.topic.subscriptions.clear()
    world, stop = replace(product.franked.world, feed=NoQueue()), asyncio.Event()
    listening = asyncio.create_task(listen(NoQueue(), world, stop))
    try:
        yield world
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def until_ended(world: World) -> Canary:
    async with asyncio.timeout(15):
        while (await world.store.canary()).current:
            await beat(world)
            await asyncio.sleep(0.05)
    return await world.store.canary()


async def test_the_queue_can_not_be_read(alone: Product) -> None:
    async with by_queue(alone) as world:
        await begin(world)
        assert faults(await until_ended(world)) == [Fault.QUEUE]


async def test_franked_listens_to_nothing(alone: Product) -> None:
    plan(alone, EventFault.LOST)
    world = alone.franked.world
    deaf = replace(world, declared=replace(world.declared, sns_topics=frozenset()))
    await begin(deaf)
    assert faults(await until_ended(deaf)) == [Fault.NOT_LISTENING]


# --- the configuration set -------------------------------------------------------------------------------------------


@pytest.mark.settings(WITH_A_SET)
async def test_the_set_has_no_event_destination(product: Product) -> None:
    product.simulator.publish(configuration_set="tx")
    named, sentence = await broken(product)
    assert named == [Fault.NO_DESTINATION] and "(tx)" in sentence


@pytest.mark.settings(WITH_A_SET)
async def test_the_set_publishes_to_another_topic(alone: Product) -> None:
    """Told by SES, though nothing comes to the webhook."""
    alone.simulator.office.topic.subscriptions.clear()
    world = alone.franked.world
    others = frozenset({"arn:aws:sns:eu-central-1:000000000000:others"})
    other = replace(world, declared=replace(world.declared, sns_topics=others))
    await begin(other)
    found = await until_ended(other)
    assert faults(found) == [Fault.WRONG_TOPIC]
    assert found.last is not None and "franked-events" in found.last.findings[0].detail


async def test_ses_does_not_know_the_set(product: Product) -> None:
    plan(product, SendFault.UNKNOWN_SET)
    named, sentence = await broken(product)
    assert named == [Fault.CONFIGURATION_SET] and "does not exist" in sentence


@pytest.mark.parametrize(
    ("kinds", "fault"),
    [
        (("SEND", "DELIVERY", "COMPLAINT"), Fault.NO_BOUNCES),
        (("COMPLAINT",), Fault.NO_BOUNCES),
        (("SEND", "DELIVERY", "BOUNCE"), Fault.NO_COMPLAINTS),
        (("BOUNCE",), Fault.NO_COMPLAINTS),
    ],
)
async def test_a_kind_of_event_is_not_published(product: Product, kinds: tuple[str, ...], fault: Fault) -> None:
    product.simulator.publish(*kinds)
    assert (await broken(product))[0] == [fault]


@pytest.mark.settings(WITH_A_SET)
async def test_ses_tells_which_kind_its_set_does_not_publish(product: Product) -> None:
    """Though nothing at all comes back."""
    product.simulator.publish("SEND", "BOUNCE", configuration_set="tx")
    plan(product, EventFault.LOST)
    named, sentence = await broken(product)
    assert named == [Fault.NO_COMPLAINTS] and "(tx)" in sentence


async def test_neither_bounces_nor_complaints_are_published(product: Product) -> None:
    product.simulator.publish("SEND", "DELIVERY")
    assert (await broken(product))[0] == [Fault.NO_BOUNCES, Fault.NO_COMPLAINTS]


# --- the mail itself does not go --------------------------------------------------------------------------------------


async def test_ses_refuses_the_canary_mail(product: Product) -> None:
    product.simulator.account.remove_identity("backup.example.com")
    named, sentence = await broken(product)
    assert named == [Fault.REFUSED] and "not verified" in sentence


async def test_sending_is_paused(product: Product) -> None:
    product.simulator.set_limits(Limits(production=True, rate=500, quota=50_000, sending_enabled=False))
    await refresh(product.franked.world)
    assert (await broken(product))[0] == [Fault.SENDING_PAUSED]


async def test_the_credentials_are_wrong(product: Product) -> None:
    plan(product, SendFault.SKEWED)
    named, sentence = await broken(product)
    assert named == [Fault.NOT_SENT] and "RequestTimeTooSkewed" in sentence


# --- it comes, and that is not enough ---------------------------------------------------------------------------------


async def test_events_come_late(product: Product) -> None:
    plan(product, EventFault.LATE, seconds=3.5)
    found = await flown(product)
    assert faults(found) == [Fault.NO_EVENTS]
    async with asyncio.timeout(10):
        while faults(found) != [Fault.LATE]:
            await asyncio.sleep(0.1)
            found = await product.franked.world.store.canary()
    assert not found.is_proven(product.clock())


async def test_the_event_names_another_address(product: Product) -> None:
    plan(product, EventFault.OTHER_RECIPIENT)
    assert (await broken(product))[0] == [Fault.NOT_SUPPRESSED, Fault.NOT_SUPPRESSED]


async def lifted(world: World, when: Step) -> Canary:
    """Somebody lifts the suppressions when the flight has come so far; it is taken step by step."""
    canary = await begin(world)
    async with asyncio.timeout(15):
        while canary.current:
            if canary.current.step is when:
                await world.store.lift([Lift(canary.current.to(one), "desk", "tidying") for one in PROBES])
            await step(world)
            await asyncio.sleep(0.01)
            canary = await world.store.canary()
    return canary


async def test_somebody_lifts_the_suppression_before_it_is_looked_for(alone: Product) -> None:
    assert faults(await lifted(alone.franked.world, Step.HEARD)) == [Fault.NOT_SUPPRESSED] * 2


async def test_the_second_mail_is_not_dropped(alone: Product) -> None:
    found = await lifted(alone.franked.world, Step.SUPPRESSED)
    assert faults(found) == [Fault.NOT_DROPPED] * 2
    assert found.last is not None and len(found.last.seconds) == 2


# --- and how it is told -----------------------------------------------------------------------------------------------


def test_each_fault_says_what_it_means_and_how_to_mend_it() -> None:
    assert set(DIAGNOSES) == set(Fault)
    assert len({one.means for one in DIAGNOSES.values()}) == len(Fault)


async def test_what_is_broken_is_told_wherever_somebody_looks(product: Product) -> None:
    plan(product, EventFault.BADLY_SIGNED)
    await broken(product)
    _, ready = await product.get("/readyz")
    [warned] = [one for one in ready["warnings"] if one.startswith("canary: ")]
    assert "signature does not fit" in warned
    _, told = await product.get("/v1/canary", key=product.franked.control_key)
    assert (told["proven"], told["last"]["findings"][0]["fault"]) == (False, "bad_signature")
    [line] = product.logged("canary")
    assert (line["level"], "signature does not fit" in line["why"]) == ("error", True)
