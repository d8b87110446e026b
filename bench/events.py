"""What SES says of mail comes in: signature checked and settled, beside the same route that only checks."""

from collections.abc import AsyncIterator

from bench.bars import EVENTS, Result, Run, Side
from franked.doors.cli.bench.events import returns
from franked.doors.cli.bench.house import house, sink


async def results(run: Run) -> AsyncIterator[Result]:
    if EVENTS.name not in run.wanted:
        return
    async with sink() as endpoint, house(run.folder, "events", endpoint) as world, returns(world) as back:
        pairs = [(await back.settled(), await back.verified()) for _ in range(run.rounds)]
    settled, verified = zip(*pairs, strict=True)
    yield Result(EVENTS, Side("events settled", settled), Side("the same, verified only", verified))
