"""A draft comes in: judge it, give it an id, store it. What is answered with an id is durable."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from franked.ports import World
from franked.record import Added, Busy, Candidate, IdempotencyConflict, Spend
from franked.rules import verdict
from franked.rules.address import Address, NotAnAddress, Sender, parse, parse_sender
from franked.rules.draft import Draft
from franked.rules.message import Message
from franked.rules.stream import Stream
from franked.rules.verdict import Caller, Case, TurnedAway
from franked.sending.objections import FURTHEST, objections, to_unknown_stream

_NEVER = datetime.max.replace(tzinfo=UTC)

Answer = Added | TurnedAway | IdempotencyConflict | Busy


async def accept(drafts: Sequence[Draft], caller: Caller, world: World) -> list[Answer]:
    """One answer per draft, in order. `Added` means stored for good, whatever its state; the others stored nothing.

    Raises StoreUnavailable when nothing can be stored now.
    """
    now = world.now()
    read = [candidate_of(draft, caller, now, world) for draft in drafts]
    answers = iter(await world.store.add([item for item in read if isinstance(item, Candidate)]))
    return [next(answers) if isinstance(item, Candidate) else item for item in read]


def turned_away(draft: Draft, caller: Caller, world: World) -> TurnedAway | None:
    """Why such a draft would not be accepted, whatever the record says. Nothing is stored."""
    read = candidate_of(draft, caller, world.now(), world)
    return read if isinstance(read, TurnedAway) else None


def candidate_of(draft: Draft, caller: Caller, now: datetime, world: World) -> Candidate | TurnedAway:
    """What can be said without the record is said here; the rest is judged with the store's facts."""
    stream = world.declared.streams.get(draft.stream)
    if stream is None:
        return to_unknown_stream(draft, caller, world)
    sender = parse_sender(draft.sender) if draft.sender else stream.sender
    case = _case(draft, stream, stream.sender if isinstance(sender, NotAnAddress) else sender, caller, now)
    return objections(draft, case, sender, world) or _judged(draft, case, _message(draft, case, now, world))


def _case(draft: Draft, stream: Stream, sender: Sender, caller: Caller, now: datetime) -> Case:
    due = min(
        draft.send_at or now, now + FURTHEST
    )  # what lies further ahead is objected to, and can't be reckoned with
    useful_until = min(due + stream.useful_for, draft.useful_until or _NEVER)
    return Case(stream, parse(draft.to), sender, draft.trigger, useful_until, caller)


def _message(draft: Draft, case: Case, now: datetime, world: World) -> Message:
    template = None if draft.content else world.templates.current(case.stream.template)
    assert isinstance(case.to, Address)  # or there were objections
    return Message(
        id=world.new_id(),
        stream=case.stream.name,
        lane=case.stream.lane,
        to=case.to,
        sender=case.sender.header,
        template=template.name if template else "",
        template_version=template.version if template else "",
        locale=draft.locale or world.declared.default_locale,
        variables=draft.variables,
        trigger=draft.trigger,
        accepted_at=now,
        due_at=draft.send_at or now,
        useful_until=case.useful_until,
        key_id=case.caller.key_id if case.caller else "",
        request_id=draft.request_id,
        content=draft.content,
        attachments=draft.attachments,
        calendar=draft.calendar,
        reply_to=draft.reply_to.header if draft.reply_to else None,
        answers=draft.answers,
    )


def _judged(draft: Draft, case: Case, message: Message) -> Candidate:
    return Candidate(
        message=message,
        judge=partial(verdict.at_accept, case),
        spends=tuple(_spends(case, message)),
        idempotency_key=draft.idempotency_key,
        canonical=_canonical(draft, case.sender) if draft.idempotency_key else b"",
        size=draft.size,
    )


def _spends(case: Case, message: Message) -> Iterator[Spend]:
    if case.stream.per_recipient:
        yield Spend(f"{case.stream.name}|{message.to.mailbox}", case.stream.per_recipient)
    if case.caller and case.caller.limit:
        yield Spend(f"key|{case.caller.key_id}", case.caller.limit)


_encoder = msgspec.json.Encoder(order="deterministic")


def _canonical(draft: Draft, sender: Sender) -> bytes:
    """The draft in one spelling, whatever order its fields came in. Its plain hash would give away a code."""
    trigger = draft.trigger and (draft.trigger.act, draft.trigger.by, draft.trigger.at, draft.trigger.ref)
    said = (draft.stream, draft.to, sender.header, draft.locale, trigger, draft.variables)
    more = (draft.content, draft.attachments, draft.send_at, draft.calendar)
    return _encoder.encode(said if more == (None, (), None, None) else (*said, *more))
