"""One kill: the life before it, the moment it is fired, and what it hit."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from random import Random

from franked.backends.local import TakenMail
from franked.formats.mail import ATTEMPT_TAG
from tests.faults.crew import Crew, Franked
from tests.faults.place import Account
from tests.faults.record import Reading, open_attempts

AIMED = 0.35  # of the kills
AT_START = 0.15
COMING_UP = 0.6  # seconds: how long that may take
ALIVE = 0.8  # seconds at most
LATE_ANSWER = 3.0  # seconds: the window, held open
MET_WITHIN = 5.0
LONG_LIFE = 5  # each fifth Franked lives until it has read what SES said, as one does that is not killed each second
CAUGHT_UP_WITHIN = 5.0


class Aim(Enum):
    AT_START = "while it comes up"
    ANYWHERE = "at any moment"
    WINDOW = "after the account's accept, before our finish"


def aims(kills: int, chance: Random) -> list[Aim]:
    aimed, at_start = max(1, round(AIMED * kills)), round(AT_START * kills)
    mixed = ([Aim.WINDOW] * aimed + [Aim.AT_START] * at_start + [Aim.ANYWHERE] * kills)[:kills]
    chance.shuffle(mixed)
    return mixed


@dataclass(slots=True)
class Gun:
    account: Account
    reading: Reading
    crew: Crew
    chance: Random
    _fired: int = 0
    _open: set[str] = field(default_factory=set)  # attempts that earlier kills left without an outcome

    async def fire(self, aim: Aim) -> bool:
        """True: the account had taken a mail by then, of which the record knows an attempt and no outcome."""
        franked, self._fired = self.crew.relieve(), self._fired + 1
        await self._wait_for(aim, franked)
        killed_at = await franked.kill()
        await self.account.clear_faults()
        left = await self.reading.ask(open_attempts) - self._open
        self._open |= left
        return _is_hit(left, await self.account.taken(), killed_at)

    async def _wait_for(self, aim: Aim, franked: Franked) -> None:
        if aim is Aim.AT_START:
            await asyncio.sleep(self.chance.uniform(0, COMING_UP))
            return
        await franked.ready()
        if self._fired % LONG_LIFE == 0:
            await caught_up(self.account)
        await asyncio.sleep(self.chance.uniform(0, ALIVE))
        if aim is Aim.WINDOW:
            await self._window()

    async def _window(self) -> None:
        """Until the account has taken a mail and keeps the answer to itself; and a little longer."""
        times = self.chance.randint(1, 3)
        await self.account.answer_late(times, LATE_ANSWER)
        async with asyncio.timeout(MET_WITHIN):
            while await self.account.faults_left() == times:
                await asyncio.sleep(0.005)
        await asyncio.sleep(self.chance.uniform(0, 0.05))


async def caught_up(account: Account) -> None:
    """With what SES said: as far as that goes in a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CAUGHT_UP_WITHIN):
            while await account.events_queued():
                await asyncio.sleep(0.05)


def _is_hit(left: set[str], taken: Sequence[TakenMail], killed_at: datetime) -> bool:
    return any(mail.at < killed_at and mail.tags[ATTEMPT_TAG] in left for mail in taken)
