"""`kill -9` under load, again and again: is anything lost, is anything sent twice without a reason?"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from franked.backends.local import TakenMail
from franked.doors.running import Running, running
from franked.formats.mail import MESSAGE_TAG
from franked.rules.audit import audit
from franked.rules.message import State
from franked.wiring import Ses
from tests.faults import record
from tests.faults.crew import Crew, Duty, crews_of
from tests.faults.gun import Gun, aims
from tests.faults.load import Load
from tests.faults.place import Account, Place, account_in, furnish
from tests.faults.record import Reading, reading_of
from tests.product import MovableClock

DRAINED_WITHIN = 300.0  # seconds
ON_THE_WAY = {State.QUEUED, State.SENDING, State.SENT}
TELLING = 40  # kills from which on chance is no excuse: one in five must have hit the window
POST = "franked"
LONGEST_WAIT = 16  # minutes: no event has come that proves acceptance, and the stream's `if_unknown` decides

Stage = tuple[set[State], int]  # until nothing is in these states any more; then so many minutes pass
# First what the events prove; then the long wait ends, and each stream decides about what they don't.
DRAINING: Sequence[Stage] = ((ON_THE_WAY, LONGEST_WAIT), (ON_THE_WAY | {State.UNKNOWN}, 0))

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Findings:
    kills: int
    in_window: int  # kills that left an attempt without outcome of a mail that the account had taken by then
    accepted: int
    states: Mapping[str, int]  # of the record
    lost: int
    duplicates: int  # ids that the account took more than once
    explained: int  # those of them whose copies the ledger decided
    unproven: int  # ids that the account took, though the record does not say so when all events have come
    seconds: float
    killed: Mapping[str, int] = field(default_factory=dict)  # by post
    stopped: int = 0  # workers that stood still for longer than their leases, and were woken
    cut: int = 0  # connections to the database, in the middle of a transaction
    restarted: int = 0  # the database itself

    @property
    def clean(self) -> bool:
        """Besides: no idempotency key made two messages, and enough kills hit where it hurts."""
        once_each = sum(self.states.values()) == self.accepted and self.duplicates <= self.explained
        hit = self.kills < TELLING or self.in_window * 5 >= self.kills
        return hit and once_each and not self.lost and not self.unproven


async def run(kills: int, seed: int, folder: Path, tell: Tell) -> Findings:
    """On SQLite: one process at a time."""
    started = time.monotonic()
    async with account_in(folder) as account:
        place = furnish(folder / "product", account.at)
        async with reading_of(place) as reading:
            accepted, in_window = await _kill_and_drain(kills, account, place, reading, Random(seed), tell)
            found = await compared(accepted, await account.taken(), reading, tell)
    spent = round(time.monotonic() - started, 1)
    return Findings(**found, kills=kills, in_window=in_window, killed={POST: kills}, seconds=spent)


async def _kill_and_drain(
    kills: int, account: Account, place: Place, reading: Reading, chance: Random, tell: Tell
) -> tuple[Sequence[str], int]:
    in_window = 0
    async with AsyncExitStack() as stack:
        [crew] = await stack.enter_async_context(crews_of(place, (Duty.ALL, POST)))
        await _found(crew)
        gun = Gun(account, reading, crew, chance)
        load = Load(place.door, place.key, await stack.enter_async_context(aiohttp.ClientSession()), chance)
        async with load.posting():
            for number, aim in enumerate(aims(kills, chance), 1):
                in_window += await gun.fire(aim)
                tell(f"kill {number} of {kills}: {in_window} in the window, {len(load.accepted)} mails accepted")
            clock = MovableClock()
            last = await stack.enter_async_context(survivor(place, clock))
        await drain(last, account, clock, tell)
    return load.accepted, in_window


async def _found(crew: Crew) -> None:
    """The first start makes the record and a key, and ends in order."""
    first = crew.relieve()
    await first.ready()
    await first.end()


@asynccontextmanager
async def survivor(place: Place, clock: MovableClock) -> AsyncIterator[Running]:
    """The last Franked lives in this process: its clock can be moved over the waits for what nobody knows."""
    os.environ.update(place.environment)
    with place.log_of(POST).open("a") as log:
        async with running(place.settings, Ses.AWS, clock, log_to=log) as franked:
            yield franked


async def drain(
    franked: Running, account: Account, clock: MovableClock, tell: Tell, stages: Sequence[Stage] = DRAINING
) -> None:
    try:
        async with asyncio.timeout(DRAINED_WITHIN):
            for moving, minutes in stages:
                await _until_still(franked, account, moving, tell)
                clock.move(minutes=minutes)
    except TimeoutError:
        tell("not drained in time")


async def _until_still(franked: Running, account: Account, moving: set[State], tell: Tell) -> None:
    while left := await _left(franked, account, moving):
        tell(f"draining: {left} mails and events left")
        await asyncio.sleep(1)


async def _left(franked: Running, account: Account, moving: set[State]) -> int:
    """Mails first: what is sent no more brings no more events."""
    states = await franked.world.store.count_waiting()
    mails = sum(states.get(state, 0) for state in moving)
    return mails + await account.events_on_their_way() + await account.events_queued()


async def compared(
    accepted: Sequence[str], taken: Sequence[TakenMail], reading: Reading, tell: Tell
) -> Mapping[str, Any]:
    """The three lists: what the application, the record and the account say, as Findings has it."""
    kept = await reading.ask(record.kept)
    copies = Counter(mail.tags[MESSAGE_TAG] for mail in taken)
    found = audit(accepted, kept, copies.elements())
    unproven = {id_ for id_ in copies if id_ in kept and not kept[id_].state.taken_by_ses}
    for id_ in sorted({*found.lost, *found.doubled, *unproven, *kept.keys() - set(accepted)}):
        tell(await reading.ask(partial(record.story, message_id=id_)))
    duplicates = sum(number > 1 for number in copies.values())
    return {
        "accepted": len(accepted),
        "states": dict(Counter(str(one.state) for one in kept.values()).most_common()),
        "lost": len(found.lost),
        "duplicates": duplicates,
        "explained": duplicates - len(found.doubled),
        "unproven": len(unproven),
    }
