"""A door and two workers at one record, and all that befalls them: killed, stopped, cut off, without a database."""

import asyncio
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError

from franked.backends.local import TakenMail
from franked.formats.mail import ATTEMPT_TAG
from franked.record import Lease
from franked.sending.deliver import CALL_WITHIN
from tests.faults.crew import LOOK_EVERY, READY_WITHIN, Crew, Died, Duty
from tests.faults.gun import ALIVE, COMING_UP, LONG_LIFE, Aim, caught_up
from tests.faults.place import CALL_DEADLINE, Account

POSTS = ((Duty.DOOR, "door"), (Duty.WORKER, "worker1"), (Duty.WORKER, "worker2"))
MET_WITHIN = 15.0  # seconds: who stands still in a transaction holds the other up for 5 of them
LATE_ANSWER = 0.8  # seconds: the window, held open for as long as a call may take
LONGER_THAN_A_LEASE = Lease(CALL_WITHIN, CALL_DEADLINE).length + timedelta(seconds=4)
KNIFE_BREAKS = (OSError, PostgresError, InterfaceError, InternalClientError)  # the last: as PostgreSQL shuts down
LOOKED_AFTER_EVERY = 0.2
NO_DATABASE = "nothing was stored: "  # so begins the last word of who came up while the database was away
CUT = """SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
    ORDER BY random() LIMIT 1
) AS one"""


@dataclass(slots=True)
class Team:
    """Whoever has `_hand` is the only one who does something to them."""

    account: Account
    database: str
    crews: Sequence[Crew]
    chance: Random
    killed: list[tuple[datetime, Crew]] = field(default_factory=list)
    stopped: int = 0
    cut: int = 0
    _asleep: Crew | None = None
    _hand: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def _workers(self) -> list[Crew]:
        return [crew for crew in self._awake if crew.duty is Duty.WORKER]

    @property
    def _awake(self) -> list[Crew]:
        return [crew for crew in self.crews if crew is not self._asleep]

    async def begin(self) -> None:
        """The door first: it makes the record."""
        for crew in self.crews:
            await crew.relieve().ready()

    # killed

    async def fire(self, aim: Aim) -> None:
        """Whoever was killed is relieved at once."""
        if len(self.killed) % LONG_LIFE == 0:
            await self._until_ready()
            await caught_up(self.account)
        if aim is Aim.AT_START:
            await asyncio.sleep(self.chance.uniform(0, COMING_UP))
            await self._kill([crew for _, crew in self.killed[-1:]])
        elif aim is Aim.ANYWHERE:
            await asyncio.sleep(self.chance.uniform(0, ALIVE))
            await self._kill(self.crews)
        else:
            await self._until_ready()
            await self._kill(self._workers, in_window=True)

    async def _kill(self, some: Sequence[Crew], *, in_window: bool = False) -> None:
        async with self._hand:
            victim = self.chance.choice([crew for crew in some if crew in self._awake] or self._awake)
            self._look_after(victim)
            if in_window:
                await self._window(victim)
            self.killed.append((await victim.on_duty.kill(), victim))
            victim.relieve()
            await self.account.clear_faults()

    async def _until_ready(self) -> None:
        async with asyncio.timeout(READY_WITHIN):
            while not all([await crew.on_duty.is_ready() for crew in self._awake]):
                await asyncio.sleep(LOOK_EVERY)

    async def _window(self, worker: Crew) -> None:
        """Until the account has taken mails and keeps the answers to itself. They are this worker's: the other stands
        still meanwhile."""
        others = [crew.on_duty for crew in self._workers if crew is not worker]
        for other in others:
            other.stand_still()
        await self.account.answer_late(self.chance.randint(4, 8), LATE_ANSWER)
        with suppress(TimeoutError):
            async with asyncio.timeout(MET_WITHIN):
                while await self.account.faults_left():
                    await asyncio.sleep(0.005)
        await asyncio.sleep(self.chance.uniform(0, 0.05))
        for other in others:
            other.wake()

    async def look_after(self) -> None:
        """As a supervisor does. Raises Died for whoever ended for no good reason."""
        while True:
            await asyncio.sleep(LOOKED_AFTER_EVERY)
            async with self._hand:
                for crew in self._awake:
                    self._look_after(crew)

    def _look_after(self, crew: Crew) -> None:
        if crew.on_duty.process.is_alive():
            return
        last_words = crew.on_duty.last_words
        if NO_DATABASE not in last_words.rpartition("\n")[2]:
            raise Died(f"{crew.post}: {last_words}")
        crew.relieve()

    def dismiss(self) -> None:
        for crew in self.crews:
            crew.dismiss()

    # stopped, cut off

    async def stop_and_wake(self) -> None:
        """One worker after the other, with mail in its hands."""
        while True:
            await asyncio.sleep(self.chance.uniform(1, 4))
            await self._until_ready()
            async with self._hand:
                ready = [crew for crew in self._workers if await crew.on_duty.is_ready()]
                if not ready:
                    continue
                chosen = self.chance.choice(ready)
                await self._window(chosen)
                self._asleep, sleeper = chosen, chosen.on_duty
                sleeper.stand_still()
                await self.account.clear_faults()
            try:
                await asyncio.sleep(LONGER_THAN_A_LEASE.total_seconds())
                self.stopped += 1
            finally:
                sleeper.wake()
                self._asleep = None

    async def cut_off(self) -> None:
        """Connections, one at a time, while a transaction that writes is under way on them."""
        while True:
            with suppress(*KNIFE_BREAKS):
                await self._cut_with(await asyncpg.connect(self.database))
            await asyncio.sleep(0.2)

    async def _cut_with(self, knife: asyncpg.Connection) -> None:
        try:
            while True:
                await asyncio.sleep(self.chance.uniform(0.2, 1.0))
                while not (hit := await knife.fetch(CUT)):
                    await asyncio.sleep(0.005)
                self.cut += len(hit)
        finally:
            knife.terminate()

    # what it came to

    def kills_by_post(self) -> dict[str, int]:
        return dict(Counter(crew.post for _, crew in self.killed))

    def kills_in_window(self, forsaken: set[str], taken: Sequence[TakenMail]) -> int:
        """Kills of a worker that were the next after the account had taken a mail of which nobody ever told the
        outcome."""
        moments = [at for at, crew in self.killed if crew.duty is Duty.WORKER]
        left = {bisect(moments, mail.at) for mail in taken if mail.tags[ATTEMPT_TAG] in forsaken}
        return len(left - {len(moments)})
