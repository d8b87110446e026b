"""Invites to an event: asked, changed, called off, answered. What a calendar is told is kept before it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from franked.flows.changing import changed
from franked.flows.wanted import wanted
from franked.formats.calendar import ics
from franked.ports import World
from franked.record import Added, IdempotencyConflict
from franked.rules.content import CalendarPart
from franked.rules.draft import Draft
from franked.rules.invite import Event, Invite, Letter, Method, Reply, answered, mailed
from franked.rules.verdict import Caller, TurnedAway
from franked.sending.accept import Answer, accept, turned_away

Rule = Callable[[Invite], Invite]  # the invite after a change, of the invite before it


@dataclass(frozen=True, slots=True)
class Request:
    """In which the letters were asked for, and of how many bytes."""

    id: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Mailed:
    """Where an invite stands, and what became of each letter that was due. What was not accepted still is due: whoever
    asks for the same again has it written."""

    invite: Invite
    answers: Mapping[str, Answer]  # by address key


class _Refused(Exception):
    def __init__(self, answer: TurnedAway) -> None:
        super().__init__(answer.code)
        self.answer = answer


async def invite(
    new: Invite, request: Request, caller: Caller, world: World
) -> Mailed | TurnedAway | IdempotencyConflict:
    """Asked twice with the same id, it is one invite, and each letter of it is one mail."""
    [known] = await world.store.find_invites([new.id])
    if known and known.asked != new.asked:
        return IdempotencyConflict(known.id)
    if known is None:
        if refused := _refused(new, request, caller, world):
            return refused
        if not await _kept(new, world):
            return await invite(new, request, caller, world)
    return await _mail(known or new, request, caller, world)


async def change(id_: str, rule: Rule, request: Request, caller: Caller, world: World) -> Mailed | TurnedAway | None:
    """None: there is no such invite of this caller.
    Raises Overtaken."""

    def checked(before: Invite) -> Invite:
        after = rule(before)
        if refused := _refused(after, request, caller, world):
            raise _Refused(refused)
        return after

    try:
        after = await changed(partial(find, id_, caller, world), checked, partial(_kept, world=world))
    except _Refused as error:
        return error.answer
    return await _mail(after, request, caller, world) if after else None


async def find(id_: str, caller: Caller, world: World) -> Invite | None:
    """A caller's own."""
    [found] = await world.store.find_invites([id_])
    return found if found and found.key_id == caller.key_id else None


async def take_answer(id_: str, reply: Reply, caller: Caller, world: World) -> Invite | None:
    """The invite after it; None: the reply is to none of this caller's. Raises Overtaken."""

    async def replied_to() -> Invite | None:
        found = await find(id_, caller, world)
        return found if found and found.uid == reply.uid else None

    return await changed(replied_to, partial(answered, reply=reply), partial(_kept, world=world))


async def _kept(after: Invite, world: World) -> bool:
    [kept] = await world.store.keep_invites([after])
    return kept


def _refused(invite: Invite, request: Request, caller: Caller, world: World) -> TurnedAway | None:
    """What can't be mailed at all is refused before anything is kept."""
    found = (turned_away(_draft(invite, one, request, world), caller, world) for one in invite.due)
    return next((one for one in found if one), None)


async def _mail(invite: Invite, request: Request, caller: Caller, world: World) -> Mailed:
    drafts = [_draft(invite, one, request, world) for one in invite.due]
    keys = [one.to.address.key for one in invite.due]
    answers = dict(zip(keys, await accept(drafts, caller, world), strict=True))
    after = mailed(invite, {key: answer.id for key, answer in answers.items() if isinstance(answer, Added)})
    if answers:
        await _kept(after, world)  # or somebody was faster, and has the newer letters written
    return Mailed(after, answers)


def _draft(invite: Invite, letter: Letter, request: Request, world: World) -> Draft:
    stamp = int(invite.stamp.timestamp())
    return Draft(
        stream=invite.stream,
        to=letter.to.address.spelled,
        trigger=invite.trigger,
        variables=_variables(invite, letter, world),
        locale=invite.locale,
        calendar=CalendarPart(letter.method.value, ics(invite, letter.to, letter.method)),
        reply_to=invite.reply_to,
        useful_until=invite.event.start,
        idempotency_key=f"{invite.id} {invite.sequence} {stamp} {letter.method} {letter.to.address.key}",
        request_id=request.id,
        size=request.size,
    )


def _variables(invite: Invite, letter: Letter, world: World) -> dict[str, object]:
    """Of what an invite knows, what its template asks for; what its caller gave comes before."""
    event = invite.event
    known: dict[str, object] = {
        "title": event.title,
        "start": _local(event.start, event),
        "end": _local(event.end, event),
        "time_zone": event.time_zone or "UTC",
        "place": event.place,
        "description": event.description,
        "url": event.url,
        "organizer": invite.organizer.name or invite.organizer.address.spelled,
        "name": letter.to.name,
        "is_cancelled": letter.method is Method.CANCEL,
        "is_update": invite.sequence > 0 and letter.method is Method.REQUEST,
    }
    return {**wanted(invite.stream, known, world), **invite.variables}


def _local(moment: datetime, event: Event) -> str:
    """RFC 3339, as the clocks there show it."""
    return moment.astimezone(ZoneInfo(event.time_zone) if event.time_zone else UTC).isoformat()
