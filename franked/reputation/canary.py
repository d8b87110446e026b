"""The canary flies: it mails SES's mailbox simulator, waits for what comes back, and says what is broken.

Many processes may look; each step is written only by who read the state before it, and a mail that is accepted twice is
one mail.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from franked.enquiry import Enquiry
from franked.ports import AccountUnreadable, World
from franked.record import Added, Story
from franked.rules.address import parse
from franked.rules.canary import (
    CANARY,
    PROBES,
    WHY_HELD,
    Canary,
    Run,
    Step,
    after,
    begun,
    came_late,
    failed,
    listened,
    looked_up,
    may_come_late,
    second_told,
    sent,
)
from franked.rules.content import Written
from franked.rules.diagnosis import Evidence, Fault, Finding, Publishing, Told, said
from franked.rules.draft import Draft
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.verdict import Caller
from franked.sending.accept import Answer, accept
from franked.sending.replay import release

_ITSELF = Caller(CANARY, CANARY, frozenset({CANARY}))
_JUST_BEFORE = timedelta(seconds=10)  # what fails is tried again every few seconds
_BITS = 40  # of a run's id: no two runs within a day have the same addresses
_MAIL = Written(
    "Franked: the canary",
    "",
    "This mail goes to SES's mailbox simulator, and proves that bounces and complaints come back.",
)


async def begin(world: World) -> Canary:
    """A run, unless one is under way: the canary as it stands then."""
    canary = await world.store.canary()
    new = begun(canary, f"{world.draw(1 << _BITS):010x}", world.now())
    if new is not None and await world.store.keep_canary(new):
        return new
    return await world.store.canary()


async def begin_if_asked(world: World) -> None:
    """At start, where the settings have it fly by itself; where not, nothing waits for it."""
    if world.declared.canary.enabled:
        await begin(world)
    else:
        await release(WHY_HELD, None, world)


async def beat(world: World) -> None:
    """Everything that can be done now."""
    while await step(world):
        pass


async def step(world: World) -> bool:
    """One step of the run that is under way, or is due: whether there may be another at once."""
    canary, plan, now = await world.store.canary(), world.declared.canary, world.now()
    if canary.current is None:
        if plan.enabled and canary.is_due(plan, now):
            await begin(world)
            return True
        await _let_go(canary, world)
        return await _listen_on(canary, world)
    run = await _moved(canary.current, world)
    if run == canary.current:
        return False
    new = after(canary, run, plan)
    kept = await world.store.keep_canary(new)
    if kept and run.ended_at is not None:
        _tell(run, world)
        await _let_go(new, world)
    return kept


async def _moved(run: Run, world: World) -> Run:
    plan, now = world.declared.canary, world.now()
    match run.step:
        case Step.BEGUN:
            return await _send(run, now, world)
        case Step.SENT:
            return listened(run, await _evidence(run, world), plan, now)
        case Step.HEARD:
            return looked_up(run, await _evidence(run, world), now)
        case Step.SUPPRESSED:
            return await _send_again(run, now, world)
        case Step.PASSED | Step.FAILED:
            return run


async def _send(run: Run, now: datetime, world: World) -> Run:
    answers = await _accepted(run, "first", world)
    added = [one for one in answers if isinstance(one, Added)]
    if len(added) == len(PROBES):
        return sent(run, tuple(one.id for one in added))
    if now < run.began_at + world.declared.canary.within:
        return run  # too much mail at once: in a moment there is room
    return failed(run, (Finding(Fault.NOT_SENT, "Franked itself did not accept it"),), now)


async def _send_again(run: Run, now: datetime, world: World) -> Run:
    answers = await _accepted(run, "second", world)
    added = [one for one in answers if isinstance(one, Added)]
    if len(added) < len(PROBES):
        return run
    dropped = tuple((one.state, one.reason) == (State.DROPPED, "suppressed") for one in added)
    return second_told(run, tuple(one.id for one in added), dropped, now)


async def _accepted(run: Run, which: str, world: World) -> list[Answer]:
    drafts = [
        Draft(CANARY, run.to(probe), None, content=_MAIL, idempotency_key=f"{run.id}-{probe}-{which}")
        for probe in PROBES
    ]
    return await accept(drafts, _ITSELF, world)


# --- what the record says -------------------------------------------------------------------------------------------


async def _evidence(run: Run, world: World) -> Evidence:
    """SES is asked about the configuration set only when the time is over: a question a second would be too many."""
    stories = await world.store.find(run.firsts)
    suppressed = await world.store.suppressed([str(parse(run.to(probe))) for probe in PROBES])
    bounce, complaint = (_told(story, listed is not None) for story, listed in zip(stories, suppressed, strict=True))
    found = Evidence(bounce, complaint)
    if world.now() < run.began_at + world.declared.canary.within or run.step is not Step.SENT:
        return found
    standing, alarms = await world.store.standing(world.now()), await world.store.alarms()
    name = world.declared.configuration_sets.get(Lane.NORMAL)
    return replace(
        found,
        amiss=world.ears.since(run.began_at - _JUST_BEFORE),
        alarms={alarm.key: alarm.text for alarm in alarms},
        sending_enabled=standing.access is None or standing.access.sending_enabled,
        listens=bool(world.declared.sns_topics) or world.feed is not None,
        ours=world.declared.sns_topics,
        configuration_set=name,
        publishing=await _publishing(name, world) if name else None,
    )


def _told(story: Story | None, suppressed: bool) -> Told:
    if story is None:
        return Told(State.DROPPED, "it is gone from the record", suppressed=suppressed)
    detail = story.attempts[-1].detail if story.attempts else ""
    return Told(story.state, detail, frozenset(event.kind for event in story.events), suppressed)


async def _publishing(name: str, world: World) -> Publishing | None:
    try:
        return await world.account.publishing(name)
    except AccountUnreadable as error:
        world.log("canary", level="debug", why=str(error))
        return None


# --- what follows ---------------------------------------------------------------------------------------------------


async def _let_go(canary: Canary, world: World) -> None:
    """What was held for it, once it has passed. Looked for again and again: whoever is accepted while a pass is being
    written may have been judged by what stood before."""
    if not canary.is_proven(world.now()) and world.declared.canary.enabled:
        return
    waiting = await world.store.enquire(Enquiry(state=State.HELD, reason=WHY_HELD, most=1))
    if waiting.items:
        await release(WHY_HELD, None, world)


async def _listen_on(canary: Canary, world: World) -> bool:
    """A run that heard nothing in time may hear it later: then it says so."""
    if canary.last is None or not may_come_late(canary.last, world.now()):
        return False
    late = came_late(canary.last, await _evidence(canary.last, world), world.now())
    if late is not None and await world.store.keep_canary(replace(canary, version=canary.version + 1, last=late)):
        _tell(late, world)
    return False


def _tell(run: Run, world: World) -> None:
    level = "info" if run.step is Step.PASSED else "error"
    world.log("canary", level=level, run=run.id, step=run.step.value, why=_sentences(run.findings))


def _sentences(findings: Sequence[Finding]) -> str | None:
    return " ".join(said(one) for one in findings) or None
