"""The kills on PostgreSQL, where a door and two workers share the record, and more befalls them than death."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiohttp

from franked.rules.message import State
from tests.faults.crew import crews_of
from tests.faults.gun import aims
from tests.faults.kills import DRAINING, TELLING, Findings, Stage, Tell, compared, drain, survivor
from tests.faults.load import Load
from tests.faults.place import Place, account_in, furnish
from tests.faults.record import forsaken_attempts, reading_of
from tests.faults.team import POSTS, Team
from tests.product import MovableClock

LEASES_LAST: Stage = ({State.QUEUED, State.SENT}, 2)  # nobody ends the leases of those who share the record


@dataclass(frozen=True, slots=True)
class Shared:
    """The database, and how to restart the server that it is on, where that is ours to do."""

    url: str
    restart: Callable[[], None] | None


async def run(kills: int, seed: int, folder: Path, database: Shared, tell: Tell) -> Findings:
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        account = await stack.enter_async_context(account_in(folder))
        place = furnish(folder / "product", account.at, database.url)
        reading = await stack.enter_async_context(reading_of(place))
        crews = await stack.enter_async_context(crews_of(place, *POSTS))
        team = Team(account, database.url, crews, Random(seed))
        await team.begin()
        accepted = await _kill_and_drain(kills, team, place, database.restart, tell)
        taken = await account.taken()
        found = await compared(accepted, taken, reading, tell)
        in_window = team.kills_in_window(await reading.ask(forsaken_attempts), taken)
    return Findings(
        **found,
        kills=kills,
        in_window=in_window,
        killed=team.kills_by_post(),
        stopped=team.stopped,
        cut=team.cut,
        restarted=int(database.restart is not None),
        seconds=round(time.monotonic() - started, 1),
    )


async def _kill_and_drain(
    kills: int, team: Team, place: Place, restart: Callable[[], None] | None, tell: Tell
) -> Sequence[str]:
    async with AsyncExitStack() as stack:
        load = Load(place.door, place.key, await stack.enter_async_context(aiohttp.ClientSession()), team.chance)
        async with load.posting():
            async with _havoc(team, kills):
                for number, aim in enumerate(aims(kills, team.chance), 1):
                    await team.fire(aim)
                    befell = f"{team.stopped} stopped, {team.cut} cut off"
                    tell(f"kill {number} of {kills}: {befell}, {len(load.accepted)} mails accepted")
                    if restart and number == (kills + 1) // 2:
                        await asyncio.to_thread(restart)
            clock = MovableClock()
            last = await stack.enter_async_context(survivor(place, clock))
        await drain(last, team.account, clock, tell, (LEASES_LAST, *DRAINING))
    return load.accepted


@asynccontextmanager
async def _havoc(team: Team, kills: int) -> AsyncIterator[None]:
    """At the end nobody of the team is left. In a short run no worker is stopped: a lease is too long for that."""
    async with asyncio.TaskGroup() as tasks:
        others = [team.look_after(), team.cut_off()] + ([team.stop_and_wake()] if kills >= TELLING else [])
        under_way = [tasks.create_task(one) for one in others]
        yield
        for task in under_way:
            task.cancel()
    team.dismiss()
