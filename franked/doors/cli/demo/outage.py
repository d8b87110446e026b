"""What goes wrong at Amazon on this day, for every product alike."""

import asyncio
from collections.abc import Sequence

from franked.doors.cli.demo.agenda import Agenda
from franked.doors.cli.demo.stage import Stage
from franked.wiring import Fault, SendFault

TROUBLES = ((10.5, SendFault.ERROR_500), (10.75, SendFault.ERROR_503), (15.5, SendFault.RATE))
FOR = 1.0  # seconds: shorter than until the next try, so that no mail meets it three times


async def trouble(stages: Sequence[Stage], agenda: Agenda) -> None:
    """A morning's outage, before SES takes anything, and a throttle in the afternoon."""
    for hour, fault in TROUBLES:
        await agenda.until(hour)
        with agenda.frozen():
            planned = {stage.product.name: stage.simulator.office.faults.planned() for stage in stages}
            for stage in stages:
                stage.simulator.plan(Fault(fault, times=1_000_000))
            await asyncio.sleep(FOR)
            for stage in stages:
                stage.simulator.clear_faults()
                for one in planned[stage.product.name]:
                    stage.simulator.plan(one)
