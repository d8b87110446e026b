"""Invites: POST one, PUT its change, DELETE it, GET who comes; hand in what a calendar answered."""

import hashlib
from collections.abc import Sequence
from datetime import UTC
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from franked.doors.http.context import AnyRequest, Asker, asker_of, readable_text
from franked.doors.http.invite_shapes import (
    ChangedInvite,
    NewAttendee,
    NewEvent,
    NewInvite,
    ToldAttendee,
    ToldEventOf,
    ToldInvite,
    ToldMail,
)
from franked.doors.http.messages import IdempotencyKey
from franked.doors.http.problems import Problem, of_busy, of_conflict, of_turned_away
from franked.doors.http.taking import in_utc
from franked.flows import invites
from franked.flows.changing import Overtaken
from franked.flows.invites import Mailed, Request
from franked.formats.calendar import LARGEST_REPLY, Unreadable, read_reply
from franked.record import Busy, IdempotencyConflict, Story
from franked.rules.address import NotAnAddress, Sender, parse, parse_sender
from franked.rules.invite import Attendee, Event, Invite, begun, cancelled, faults, updated
from franked.rules.message import ulid
from franked.rules.trigger import Trigger
from franked.rules.verdict import TurnedAway

_encoder = msgspec.json.Encoder(order="deterministic")


@post("/v1/invites", status_code=202, before_request=readable_text, summary="Invite people", tags=["invites"])
async def post_invite(
    request: AnyRequest, data: JSONBody[NewInvite], idempotency_key: IdempotencyKey = None
) -> ToldInvite:
    """A mail to each attendee, with the event for their calendar, while it lies ahead: one that is held or late is
    dropped at its start. With an `Idempotency-Key` it is one invite however often it is asked for."""
    asker = asker_of(request)
    new = begun(_invite(data, idempotency_key, asker))
    said = await invites.invite(new, await _request(request, asker), asker.key.caller, asker.door.world)
    return await _answer(said, asker)


@put("/v1/invites/{invite_id:str}", before_request=readable_text, summary="Change an invite", tags=["invites"])
async def put_invite(request: AnyRequest, invite_id: FromPath[str], data: JSONBody[ChangedInvite]) -> ToldInvite:
    """Whoever is left out gets a cancellation, whoever is new an invite, and all an update where the event changed.
    Another time or place asks for a new answer. Putting the same again changes nothing."""
    asker = asker_of(request)
    world = asker.door.world
    event, attendees = _event(data.event, asker), _attendees(data.attendees)

    def rule(before: Invite) -> Invite:
        if before.is_cancelled:
            raise Problem("invite_cancelled")
        after = updated(before, event, attendees, world.now())
        changes = after is not before and data.variables is not None
        return msgspec.structs.replace(after, variables=data.variables) if changes else after

    return await _changed(invite_id, rule, request, asker)


@delete("/v1/invites/{invite_id:str}", status_code=200, summary="Call an invite off", tags=["invites"])
async def delete_invite(request: AnyRequest, invite_id: FromPath[str]) -> ToldInvite:
    """A cancellation to each attendee; to what has begun nobody is written any more."""
    asker = asker_of(request)
    return await _changed(invite_id, partial(cancelled, now=asker.door.world.now()), request, asker)


@get("/v1/invites/{invite_id:str}", summary="One invite, and who comes", tags=["invites"])
async def get_invite(request: AnyRequest, invite_id: FromPath[str]) -> ToldInvite:
    """A key sees the invites it made, nothing else."""
    asker = asker_of(request)
    found = await invites.find(invite_id, asker.key.caller, asker.door.world)
    if found is None:
        raise _no_such_invite()
    return await _told(found, asker)


@post(
    "/v1/invites/{invite_id:str}/replies",
    status_code=200,
    request_max_body_size=LARGEST_REPLY,
    summary="Hand in what a calendar answered",
    tags=["invites"],
)
async def post_reply(request: AnyRequest, invite_id: FromPath[str]) -> ToldInvite:
    """The mail that came to the organizer, or the `.ics` in it, as it is. An answer to an older version of the event
    changes nothing."""
    asker = asker_of(request)
    try:
        reply = read_reply(await request.body())
    except Unreadable as error:
        raise Problem("invalid_reply", str(error)) from error
    try:
        found = await invites.take_answer(invite_id, reply, asker.key.caller, asker.door.world)
    except Overtaken:
        raise of_busy() from None
    if found is None:
        raise _no_such_invite()
    if found.attendee(reply.address.key) is None:
        raise Problem("not_an_attendee", f"{reply.address} was not invited")
    return await _told(found, asker)


async def _changed(invite_id: str, rule: invites.Rule, request: AnyRequest, asker: Asker) -> ToldInvite:
    try:
        said = await invites.change(invite_id, rule, await _request(request, asker), asker.key.caller, asker.door.world)
    except Overtaken:
        raise of_busy() from None
    return await _answer(said, asker)


async def _answer(said: Mailed | TurnedAway | IdempotencyConflict | None, asker: Asker) -> ToldInvite:
    match said:
        case None:
            raise _no_such_invite()
        case TurnedAway():
            raise of_turned_away(said)
        case IdempotencyConflict():
            raise of_conflict(said)
        case Mailed(invite, answers):
            if any(isinstance(answer, Busy) for answer in answers.values()):
                raise of_busy()
            return await _told(invite, asker)


def _no_such_invite() -> Problem:
    return Problem("not_found", "there is no such invite, or another key made it")


async def _request(request: AnyRequest, asker: Asker) -> Request:
    return Request(asker.request_id, len(await request.body()))


# --- what came in -----------------------------------------------------------------------------------------------------


def _invite(data: NewInvite, idempotency_key: str | None, asker: Asker) -> Invite:
    world, key_id = asker.door.world, asker.key.caller.key_id
    stream, given = world.declared.streams.get(data.stream), data.trigger
    organizer = _sender(data.organizer, "organizer") or (stream.sender if stream else world.declared.sender)
    id_ = _id_of(idempotency_key, key_id) if idempotency_key else world.new_id().replace("m_", "i_", 1)
    return Invite(
        id=id_,
        uid=f"{id_}@{organizer.address.domain}",
        stream=data.stream,
        key_id=key_id,
        organizer=organizer,
        reply_to=_sender(data.reply_to, "reply_to"),
        locale=data.locale,
        trigger=Trigger(given.act, given.by, in_utc(given.at), given.ref),
        event=_event(data.event, asker),
        attendees=_attendees(data.attendees),
        stamp=world.now().replace(microsecond=0),
        variables=data.variables,
        asked=hashlib.sha256(_encoder.encode(data)).digest(),
    )


def _id_of(idempotency_key: str, key_id: str) -> str:
    digest = hashlib.sha256(f"{key_id} {idempotency_key}".encode()).digest()
    return f"i_{ulid(int.from_bytes(digest[:6]), int.from_bytes(digest[6:16]))}"


def _event(given: NewEvent, asker: Asker) -> Event:
    if given.time_zone is not None:
        _look_up(given.time_zone)
    event = Event(
        given.title.strip(),
        in_utc(given.start),
        in_utc(given.end),
        given.time_zone,
        given.place.strip(),
        given.description.strip(),
        given.url,
    )
    found = [Problem("invalid_event", why, f"/event/{field}") for field, why in faults(event, asker.door.world.now())]
    if found:
        raise Problem("invalid_event", found[0].detail, found[0].pointer, found[1:])
    return event


def _look_up(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem("invalid_event", "it is no time zone such as Europe/Zurich", "/event/time_zone") from None


def _attendees(given: Sequence[NewAttendee]) -> tuple[Attendee, ...]:
    """Somebody who is named twice is asked once."""
    found: dict[str, Attendee] = {}
    for place, one in enumerate(given):
        address = parse(one.to)
        if isinstance(address, NotAnAddress):
            raise Problem("invalid_address", address.why, f"/attendees/{place}/to")
        if not one.name.isprintable():
            raise Problem("invalid_event", "a name is one line", f"/attendees/{place}/name")
        found.setdefault(address.key, Attendee(address, one.name.strip()))
    return tuple(found.values())


def _sender(text: str | None, field: str) -> Sender | None:
    if text is None:
        return None
    sender = parse_sender(text)
    if isinstance(sender, NotAnAddress):
        raise Problem("invalid_sender", sender.why, f"/{field}")
    return sender


# --- what is told -----------------------------------------------------------------------------------------------------


async def _told(invite: Invite, asker: Asker) -> ToldInvite:
    stories = await asker.door.world.store.find([one.message_id for one in invite.attendees])
    event = invite.event
    return ToldInvite(
        id=invite.id,
        uid=invite.uid,
        stream=invite.stream,
        sequence=invite.sequence,
        cancelled=invite.is_cancelled,
        organizer=invite.organizer.header,
        event=ToldEventOf(
            event.title, event.start, event.end, event.time_zone, event.place, event.description, event.url
        ),
        attendees=[_attending(*pair) for pair in zip(invite.attendees, stories, strict=True)],
        changed_at=invite.stamp.astimezone(UTC),
    )


def _attending(one: Attendee, story: Story | None) -> ToldAttendee:
    mail = ToldMail(story.id, story.state.value, story.reason) if story else None
    return ToldAttendee(one.address.spelled, one.name, one.answer.value, one.answered_at, mail)
