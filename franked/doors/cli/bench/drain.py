"""What waits is sent: by Franked, with its record, and by a bare loop of render, sign and post."""

import asyncio
from datetime import timedelta
from itertools import count
from time import perf_counter

from franked.doors.cli.bench.house import STREAM, variables
from franked.formats.mail import Mail
from franked.ports import World
from franked.record import Added
from franked.rules.address import Address
from franked.rules.draft import Draft
from franked.rules.lane import Lane
from franked.rules.message import Message, Taken
from franked.rules.outcome import Sent
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.sending.compose import compose
from franked.sending.deliver import work

MAILS = 2000
AT_ONCE = 500
IN_FLIGHT = 64  # calls of the bare loop
_CALLER = Caller("bench", "bench")
_numbers = count(1)


async def drained(world: World, mails: int = MAILS) -> float:
    """Mails a second, from the first look into the record until the last is recorded as sent."""
    await accepted(mails, world)
    return mails / await sent_off(mails, world)


async def accepted(number: int, world: World) -> list[str]:
    """The ids of so many mails that wait."""
    ids: list[str] = []
    for begin in range(0, number, AT_ONCE):
        drafts = [_draft(world) for _ in range(min(AT_ONCE, number - begin))]
        ids += [one.id for one in await accept(drafts, _CALLER, world) if isinstance(one, Added)]
    return ids


async def sent_off(number: int, world: World) -> float:
    """Sends so many mails that wait; the seconds from the first look into the record until the last is recorded."""
    before = await _sent(world)
    stop = asyncio.Event()
    began = perf_counter()
    working = asyncio.create_task(work(world, stop))
    while await _sent(world) - before < number:
        await world.sleep(0.02)
    seconds = perf_counter() - began
    stop.set()
    world.bell.ring()
    await working
    return seconds


async def _sent(world: World) -> int:
    """A counter: to count the messages would cost more the more there are."""
    return (await world.store.counters()).get((STREAM, "sent"), 0)


async def looped(world: World, mails: int = MAILS) -> float:
    """The same mails through the same transport, from memory: nothing is looked up, and nothing recorded."""
    waiting = [_taken(world) for _ in range(mails)]
    began = perf_counter()
    await asyncio.gather(*(_loop(waiting, world) for _ in range(IN_FLIGHT)))
    return mails / (perf_counter() - began)


async def _loop(waiting: list[Taken], world: World) -> None:
    while waiting:
        taken = waiting.pop()
        mail = await compose(taken, world)
        assert isinstance(mail, Mail), mail
        outcome = await world.transport.send(mail, taken.call_by)
        assert isinstance(outcome, Sent), outcome


def _draft(world: World) -> Draft:
    number = next(_numbers)
    trigger = Trigger("purchase", f"account-{number}", world.now())
    return Draft(STREAM, f"p{number}@example.net", trigger, variables(number))


def _taken(world: World) -> Taken:
    draft, now, template = _draft(world), world.now(), world.templates.current(STREAM)
    assert template is not None
    message = Message(
        id=world.new_id(),
        stream=STREAM,
        lane=Lane.NORMAL,
        to=Address.of_spelled(draft.to),
        sender=world.declared.streams[STREAM].sender.header,
        template=template.name,
        template_version=template.version,
        locale="en",
        variables=draft.variables,
        trigger=draft.trigger,
        accepted_at=now,
        due_at=now,
        useful_until=now + timedelta(hours=72),
        key_id="bench",
        request_id="",
    )
    return Taken(message, 1, 0, now + timedelta(hours=1), now + timedelta(hours=2))
