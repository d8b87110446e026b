"""Tickets: open one, look at it, decide it."""

import hashlib

from litestar import get, post
from litestar.params import FromPath, JSONBody

from franked.doors.http.context import AnyRequest, Asker, asker_of, door_of, key_of, readable_text
from franked.doors.http.messages import IdempotencyKey
from franked.doors.http.people import checked
from franked.doors.http.problems import Problem, of_busy, of_conflict, of_turned_away
from franked.doors.http.shapes import LONGEST_KEY
from franked.doors.http.taking import tell
from franked.doors.http.ticket_shapes import (
    NewTicket,
    NewTicketDecision,
    ToldTicket,
    ToldTicketDecision,
    ToldTicketMail,
)
from franked.flows.changing import Overtaken
from franked.flows.tickets import Ticketed, decide, find, open_ticket
from franked.record import Added, Busy, IdempotencyConflict
from franked.rules.ticket import Decision, Ticket, TicketOffice
from franked.rules.verdict import TurnedAway


@post("/v1/tickets", status_code=201, before_request=readable_text, summary="Open a ticket", tags=["tickets"])
async def post_ticket(
    request: AnyRequest, data: JSONBody[NewTicket], idempotency_key: IdempotencyKey = None
) -> ToldTicket:
    """The one mailbox is told. With an Idempotency-Key the same request twice is one ticket, and one notice."""
    asker, office = asker_of(request), _office(request)
    world, caller = asker.door.world, asker.key.caller
    new = Ticket(
        id=_id(idempotency_key, caller.key_id) or world.new_id().replace("m_", "t_", 1),
        version=1,
        key_id=caller.key_id,
        kind=data.kind,
        subject=data.subject,
        text=data.text,
        account=data.account,
        address=checked(data.address),
        locale=data.locale or "",
        opened_at=world.now(),
    )
    answer = await open_ticket(new, office, caller, asker.request_id, world)
    if isinstance(answer, IdempotencyConflict):
        raise of_conflict(answer)
    return _told(answer.ticket, notice=_accepted(answer, office.notice, asker))


@get("/v1/tickets/{ticket_id:str}", summary="Where a ticket stands", tags=["tickets"])
async def get_ticket(request: AnyRequest, ticket_id: FromPath[str]) -> ToldTicket:
    """For keys that may use both streams of tickets."""
    _office(request)
    ticket = await find(ticket_id, door_of(request).world)
    if ticket is None:
        raise _no_such()
    return _told(ticket)


@post(
    "/v1/tickets/{ticket_id:str}/decision",
    status_code=200,
    before_request=readable_text,
    summary="Decide a ticket",
    tags=["tickets"],
)
async def post_ticket_decision(
    request: AnyRequest, ticket_id: FromPath[str], data: JSONBody[NewTicketDecision]
) -> ToldTicket:
    """Whoever submitted it gets one mail, however often this is posted. 409 where it was decided otherwise."""
    asker, office = asker_of(request), _office(request)
    world, caller = asker.door.world, asker.key.caller
    decision = Decision(data.decision, data.note, caller.name, world.now())
    try:
        answer = await decide(ticket_id, decision, office, caller, asker.request_id, world)
    except Overtaken:
        raise of_busy() from None
    if answer is None:
        raise _no_such()
    stands = answer.ticket.decision
    if stands and stands.word is not data.decision:
        raise Problem("already_decided", f"it was {stands.word} by {stands.by}")
    return _told(answer.ticket, mail=_accepted(answer, office.decision, asker))


def _office(request: AnyRequest) -> TicketOffice:
    """Raises Problem where there are no tickets, or not for this key."""
    declared, caller = door_of(request).world.declared, key_of(request).caller
    office = declared.tickets
    if office is None:
        raise Problem("no_tickets", "[tickets] mailbox names nobody")
    for name in (office.notice, office.decision):
        stream = declared.streams.get(name)
        if stream is None:
            raise Problem("no_tickets", f"the stream {name!r} is not declared")
        if not caller.may_use(stream):
            raise Problem("not_allowed", f"the key {caller.name!r} may not use {name!r}")
    return office


def _id(idempotency_key: str | None, key_id: str) -> str | None:
    if idempotency_key is None:
        return None
    if not (0 < len(idempotency_key) <= LONGEST_KEY and idempotency_key.isprintable()):
        raise Problem("invalid_idempotency_key", f"it has {len(idempotency_key)} characters")
    return f"t_{hashlib.sha256(f'{key_id} {idempotency_key}'.encode()).hexdigest()[:26]}"


def _no_such() -> Problem:
    return Problem("not_found", "there is no such ticket")


def _accepted(answer: Ticketed, stream: str, asker: Asker) -> Added | None:
    match answer.answer:
        case TurnedAway() as turned_away:
            raise of_turned_away(turned_away)
        case Busy():
            raise of_busy()
        case Added() as added:
            tell(added, stream, asker)
            return added
        case _:
            return None


def _told(ticket: Ticket, notice: Added | None = None, mail: Added | None = None) -> ToldTicket:
    made = ticket.decision
    return ToldTicket(
        id=ticket.id,
        kind=ticket.kind,
        subject=ticket.subject,
        text=ticket.text,
        account=ticket.account,
        address=ticket.address.spelled,
        opened_at=ticket.opened_at,
        decision=ToldTicketDecision(made.word.value, made.note, made.by, made.at) if made else None,
        notice=_told_mail(ticket.notice_id, notice),
        mail=_told_mail(ticket.mail_id, mail),
    )


def _told_mail(id_: str | None, accepted: Added | None) -> ToldTicketMail | None:
    if id_ is None:
        return None
    return ToldTicketMail(id_, accepted.state.value if accepted else None, accepted.reason if accepted else None)
