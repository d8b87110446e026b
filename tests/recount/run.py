"""The plan is played into a record, by the verbs that mail and events come in by; then the record is asked."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
from sqlalchemy import text

from franked.backends.sql.engine import reading, url_of
from franked.doors.http.app import create_app
from franked.doors.http.context import Door
from franked.doors.http.keyring import Keyring, make_key
from franked.doors.serving import listening, serving
from franked.feedback.settle import settle
from franked.ports import World
from franked.record import Candidate, Finished, Lease, Wish
from franked.rules.address import Address
from franked.rules.message import Message, Taken
from franked.rules.outcome import Outcome, Sent, Unknown
from franked.rules.pace import Access, room
from franked.rules.rates import WEEK, Seen
from franked.rules.verdict import Facts, Send
from franked.settings import Settings
from franked.wiring import RECORD, Ses, opened
from tests.product import settings_in
from tests.recount.notices import message_id, notice, ses_id
from tests.recount.plan import ANSWER, BEGIN, LASTS, Mail, Plan, plan_of
from tests.recount.recount import Counts, Name, Three, differing, recount

MORE = """[streams.offer]
kind = "transactional"
purpose = "What somebody asked to be offered"
content = "inline"
lane = "bulk"
from = "Example News <news@news.example.net>"

[streams.booking]
kind = "transactional"
purpose = "What was booked, and when it begins"
content = "inline"
from = "Example Travel <desk@travel.example.org>"

[streams.note]"""
SETTINGS = ("[streams.note]", MORE), ('level = "debug"', 'level = "error"')
AT_ONCE = 500
LEASE = Lease(timedelta(days=8), timedelta(days=9))
GROUPS = ("streams", "lanes", "sender_domains", "providers")
_STATES = text("SELECT stream, state, count(*) AS n FROM messages GROUP BY stream, state")

Tell = Callable[[str], None]


@dataclass(slots=True)
class Clock:
    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Found:
    """`settled`: those that were new. `compared`: figures, of which `differing` are others than recounted."""

    events: int
    duplicates: int
    settled: int
    mails: int
    compared: int
    differing: int
    seconds: float
    settling: float  # seconds of it


async def run(events: int, seed: int, folder: Path, tell: Tell, wanted: Counts | None = None) -> Found:
    """`wanted`: instead of the recount."""
    began, plan = monotonic(), plan_of(events, seed)
    settings, clock = settings_in(folder, *SETTINGS), Clock()
    async with opened(settings, Ses.SIMULATED, clock, StringIO()) as wired:
        world = wired.world
        await world.store.learn_access(Access(True, 1e6, -1.0, 0.0, BEGIN))
        taken = await _send(plan, world)
        tell(f"{len(taken)} mails are on their way")
        begun = monotonic()
        fresh = await _settle(plan, taken, world, clock, tell)
        settling = monotonic() - begun
        clock.at = BEGIN + LASTS
        found = await _counted(world, settings, fresh)
    wanted = wanted or recount(events, seed)
    others = differing(found, wanted)
    for name, one, other in others[:20]:
        tell(f"differs: {'/'.join(name)} is {one}, recounted {other}")
    return Found(
        events=sum(word != ANSWER for _, word in plan.arrivals),
        duplicates=plan.duplicates,
        settled=fresh,
        mails=len(plan.mails),
        compared=len(wanted.flat()),
        differing=len(others),
        seconds=round(monotonic() - began, 1),
        settling=round(settling, 1),
    )


# --- mail goes out ----------------------------------------------------------------------------------------------------


async def _send(plan: Plan, world: World) -> Mapping[str, Taken]:
    """All of it is in a worker's hands before anything comes back."""
    taken: dict[str, Taken] = {}
    for some in _slices([mail for mail in plan.mails if mail.is_ours], AT_ONCE):
        await world.store.add([Candidate(_message(mail, world), _goes) for mail in some])
        haul = await world.store.take(Wish(len(some), LEASE, room, lambda due, facts: Send()))
        taken |= {one.message.id: one for one in haul.taken}
    assert len(taken) == sum(mail.is_ours for mail in plan.mails)
    return taken


def _goes(facts: Facts) -> Send:
    return Send()


def _message(mail: Mail, world: World) -> Message:
    stream, [to] = world.declared.streams[mail.stream], mail.to
    return Message(
        id=message_id(mail),
        stream=stream.name,
        lane=stream.lane,
        to=Address.of_spelled(to),
        sender=str(stream.sender),
        template=stream.template,
        template_version="v1",
        locale="en",
        variables={},
        trigger=None,
        accepted_at=BEGIN,
        due_at=BEGIN,
        useful_until=BEGIN + 2 * LASTS,
        key_id="key-1",
        request_id="request-1",
    )


# --- and comes back ---------------------------------------------------------------------------------------------------


async def _settle(plan: Plan, taken: Mapping[str, Taken], world: World, clock: Clock, tell: Tell) -> int:
    """How many events were new. What comes in together is settled together, and so are the answers."""
    fresh = came = 0
    for now, arrivals in plan.batches:
        clock.at = now
        texts = [notice(mail, word) for mail, word in arrivals if word != ANSWER]
        answers = [_finished(mail, taken, now) for mail, word in arrivals if word == ANSWER]
        settling = asyncio.gather(*(settle(text, world) for text in texts))
        settled, _ = await asyncio.gather(settling, world.store.finish(answers))
        fresh += sum(one.fresh for some in settled for one in some)
        before, came = came, came + len(texts)
        if came // 50_000 > before // 50_000:
            tell(f"{came} events came in")
    return fresh


def _finished(mail: Mail, taken: Mapping[str, Taken], now: datetime) -> Finished:
    outcome: Outcome = Sent(ses_id(mail)) if mail.is_answered else Unknown("reset")
    return Finished(taken[message_id(mail)], outcome, now)


# --- what the record says ---------------------------------------------------------------------------------------------


async def _counted(world: World, settings: Settings, fresh: int) -> Counts:
    counts, now = Counts(fresh=fresh), world.now()
    counts.counters.update({name: n for name, n in (await world.store.counters()).items() if _is_of_events(name)})
    counts.parts.update(
        {(one.stream, one.provider, one.what): one.n for one in await world.store.parts(now - WEEK, now)}
    )
    counts.seen = {(f"{one.at:%d %H:%M}",): _three(one) for one in await world.store.seen(now)}
    counts.states.update(_states(settings))
    told = await _told(world)
    counts.rates = {(of, one["of"]): _told_three(one) for of in (*GROUPS, "windows") for one in told[of]}
    return counts


def _is_of_events(name: tuple[str, str]) -> bool:
    return name[1] != "accepted"


def _three(one: Seen) -> Three:
    return one.sent, one.bounced, one.complained


def _told_three(one: Mapping[str, Any]) -> Three:
    return one["sent"], one["bounced"], one["complained"]


def _states(settings: Settings) -> dict[Name, int]:
    engine = reading(url_of(settings.store.directory / RECORD))
    try:
        with engine.connect() as conn:
            return {(row.stream, row.state): row.n for row in conn.execute(_STATES)}
    finally:
        engine.dispose()


async def _told(world: World) -> Any:
    """As anybody asks for it."""
    key, record = make_key("recount", frozenset(), frozenset(), world.now())
    door = Door(world, Keyring(world.store, control=replace(record, admin=True)))
    headers = {"Authorization": f"Bearer {key}"}
    with closing(listening("127.0.0.1", 0)) as bound:
        async with (
            serving(create_app(door), bound) as url,
            aiohttp.ClientSession(headers=headers) as http,
            http.get(f"{url}/v1/reputation") as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.json()


def _slices(some: Sequence[Mail], size: int) -> Iterator[Sequence[Mail]]:
    return (some[start : start + size] for start in range(0, len(some), size))
