"""AWS's own figures are read into the record, and ours are shown in CloudWatch, with alarms on both."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from franked.ports import Gauges, GaugesUnreadable, World
from franked.reputation.watching import Watch
from franked.rules.gauge import Kept, MetricAlarm, Reading, alarms_for
from franked.rules.pace import Access
from franked.rules.rates import AwsRates
from franked.rules.watch import Seen

READ_EVERY = 900.0  # seconds: AWS's figures are of quarters of an hour
CAREFULLY = 300.0  # in the first days after approval
SANDBOX_RATE = 1.0


class Reader:
    """One process's. It reads at its first round."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._next = 0.0

    async def read(self) -> None:
        """What AWS counts may move the brake. Where it does not answer, what was known stays. Raises
        StoreUnavailable."""
        world = self._world
        if world.gauges is None or world.monotonic() < self._next:
            return
        careful_until = (await world.store.brake()).careful_until
        is_careful = careful_until is not None and world.now() < careful_until
        self._next = world.monotonic() + (CAREFULLY if is_careful else READ_EVERY)
        try:
            rates = await world.gauges.rates()
        except GaugesUnreadable as error:
            world.log("rates_unreadable", level="warning", why=str(error))
            return
        if rates:
            await world.store.learn_aws_rates(await self._counted(world.gauges, rates))
            world.log("aws_rates", bounce=rates.bounce, complaint=rates.complaint, at=rates.at.isoformat())

    async def _counted(self, gauges: Gauges, rates: AwsRates) -> AwsRates:
        """On how much they stand, where these credentials may ask."""
        try:
            quarters = await gauges.quarters()
        except GaugesUnreadable as error:
            self._world.log("statistics_unreadable", level="warning", why=str(error))
            return rates
        return replace(
            rates,
            sent=sum(one.attempts for one in quarters),
            bounced=sum(one.bounces for one in quarters),
            complained=sum(one.complaints for one in quarters),
        )


class Publisher:
    """One process's. What the watch saw last is shown."""

    def __init__(self, world: World, watch: Watch) -> None:
        self._world, self._watch = world, watch
        self._kept: Sequence[MetricAlarm] = ()

    async def publish(self) -> None:
        world, seen = self._world, self._watch.seen
        if world.gauges is None or seen is None or not world.declared.watching.to_cloudwatch:
            return
        try:
            await world.gauges.publish(list(_readings(seen)))
            await self._keep(world.gauges, seen.access)
        except GaugesUnreadable as error:
            world.log("not_published", level="warning", why=str(error))

    async def _keep(self, gauges: Gauges, access: Access | None) -> None:
        """At the start, and whenever a limit was raised."""
        wanted = list(alarms_for(access.rate if access else SANDBOX_RATE))
        if wanted != self._kept:
            for one in await gauges.keep_alarms(wanted, self._world.declared.watching.topic):
                self._world.log("cloudwatch_alarm", alarm=one.name, what=one.what)
            self._kept = wanted


async def keep_alarms(world: World) -> list[Kept]:
    """Asked for by a person: whatever the settings say. Raises GaugesUnreadable, StoreUnavailable."""
    assert world.gauges is not None  # wiring gives one
    access = (await world.store.standing(world.now())).access
    wanted = list(alarms_for(access.rate if access else SANDBOX_RATE))
    return await world.gauges.keep_alarms(wanted, world.declared.watching.topic)


def _readings(seen: Seen) -> Iterator[Reading]:
    waits = max((one.total_seconds() for one in seen.waits.values()), default=0.0)
    yield Reading("DeadLetters", float(seen.dead))
    yield Reading("OldestQueuedSeconds", waits, "Seconds")
    yield Reading("QuotaShare", seen.quota_share, "None")
    yield Reading("Sent24Hours", seen.used)
    if seen.lately and seen.lately[-1].sent:
        yield Reading("BounceRateEstimate", seen.lately[-1].bounce_rate or 0.0, "None")
        yield Reading("ComplaintRateEstimate", seen.lately[-1].complaint_rate or 0.0, "None")
