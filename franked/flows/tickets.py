"""Tickets: the one mailbox hears of each, and whoever submitted it hears once what was decided."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from franked.flows.changing import changed
from franked.flows.wanted import wanted
from franked.formats.threading import message_id
from franked.ports import World
from franked.record import Added, IdempotencyConflict
from franked.rules.draft import Draft
from franked.rules.ticket import Decision, Ticket, TicketOffice, Word, decided, mailed, told
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import Answer, accept

Link = Callable[[Ticket, str], Ticket]


@dataclass(frozen=True, slots=True)
class Ticketed:
    """Where a ticket stands, and what became of its mail now; None: that was written before, and is not again."""

    ticket: Ticket
    answer: Answer | None


async def open_ticket(
    new: Ticket, office: TicketOffice, caller: Caller, request_id: str, world: World
) -> Ticketed | IdempotencyConflict:
    """Opened twice with the same id, it is one ticket, and one notice. `request_id`: of the request that asks."""
    known = await find(new.id, world)
    if known is None and not await _kept(new, world):
        known = await find(new.id, world)
    if known and (known.asked, known.key_id) != (new.asked, new.key_id):
        return IdempotencyConflict(known.id)
    ticket = known or new
    if ticket.notice_id:
        return Ticketed(ticket, None)
    draft = replace(_notice(ticket, office, world), request_id=request_id)
    [answer] = await accept([draft], _as_opener(caller, ticket), world)
    return await _linked(ticket, answer, told, world)


async def decide(
    id_: str, decision: Decision, office: TicketOffice, caller: Caller, request_id: str, world: World
) -> Ticketed | None:
    """The first decision stands, and is mailed once, however often and by whomever it is said. None: there is no such
    ticket. Raises Overtaken."""
    after = await changed(partial(find, id_, world), partial(decided, decision=decision), partial(_kept, world=world))
    return await _mail(after, office, caller, request_id, world) if after else None


async def find(id_: str, world: World) -> Ticket | None:
    [found] = await world.store.find_tickets([id_])
    return found


async def _mail(ticket: Ticket, office: TicketOffice, caller: Caller, request_id: str, world: World) -> Ticketed:
    if ticket.mail_id or ticket.decision is None:
        return Ticketed(ticket, None)
    answers = await _first_mail(ticket, world)
    draft = replace(_decision(ticket, ticket.decision, answers, office, world), request_id=request_id)
    [answer] = await accept([draft], _as_opener(caller, ticket), world)
    return await _linked(ticket, answer, mailed, world)


def _as_opener(caller: Caller, ticket: Ticket) -> Caller:
    """With the rights of who asks; but whoever opened the ticket has its mails, so that none is written twice."""
    return Caller(ticket.key_id, caller.name, caller.streams, caller.senders, caller.limit)


async def _first_mail(ticket: Ticket, world: World) -> str | None:
    """Its Message-ID, once SES has taken it."""
    [story] = await world.store.find([ticket.notice_id]) if ticket.notice_id else [None]
    return message_id(story.ses_id, world.declared.region) if story and story.ses_id else None


async def _linked(ticket: Ticket, answer: Answer, link: Link, world: World) -> Ticketed:
    """Who is overtaken here has an answer all the same: its idempotency key keeps the mail one."""
    if not isinstance(answer, Added):
        return Ticketed(ticket, answer)
    after = link(ticket, answer.id)
    await _kept(after, world)
    return Ticketed(after, answer)


async def _kept(after: Ticket, world: World) -> bool:
    [kept] = await world.store.keep_tickets([after])
    return kept


def _notice(ticket: Ticket, office: TicketOffice, world: World) -> Draft:
    return Draft(
        stream=office.notice,
        to=office.mailbox.spelled,
        trigger=Trigger("ticket opened", ticket.account, ticket.opened_at, ticket.id),
        variables=wanted(office.notice, _known(ticket), world),
        idempotency_key=f"{ticket.id} notice",
    )


def _decision(ticket: Ticket, decision: Decision, answers: str | None, office: TicketOffice, world: World) -> Draft:
    known = {
        **_known(ticket),
        "decision": decision.word.value,
        "is_approved": decision.word is Word.APPROVED,
        "note": decision.note,
    }
    return Draft(
        stream=office.decision,
        to=ticket.address.spelled,
        trigger=Trigger("ticket decided", ticket.account, decision.at, ticket.id),
        variables=wanted(office.decision, known, world),
        locale=ticket.locale or None,
        answers=answers,
        idempotency_key=f"{ticket.id} decision",
    )


def _known(ticket: Ticket) -> dict[str, object]:
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "subject": ticket.subject,
        "text": ticket.text,
        "account": ticket.account,
        "address": ticket.address.spelled,
    }
