"""A draft comes in: judge it, give it an id, store it. What is answered with an id is durable."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from franked.ports import World
from franked.record import Added, Candidate, IdempotencyConflict, Spend
from franked.rules import verdict
from franked.rules.address import Address, NotAnAddress, Sender, parse, parse_sender
from franked.rules.draft import Draft
from franked.rules.message import Message
from franked.rules.stream import Stream
from franked.rules.verdict import Caller, Case, Facts, TurnedAway

Answer = Added | TurnedAway | IdempotencyConflict


async def accept(drafts: Sequence[Draft], caller: Caller, world: World) -> list[Answer]:
    """One answer per draft, in order. `Added` means stored for good, whatever its state; the others stored nothing.

    Raises StoreUnavailable when nothing can be stored now.
    """
    now = world.now()
    read = [_candidate(draft, caller, now, world) for draft in drafts]
    answers = iter(await world.store.add([item for item in read if isinstance(item, Candidate)]))
    return [next(answers) if isinstance(item, Candidate) else item for item in read]


def _candidate(draft: Draft, caller: Caller, now: datetime, world: World) -> Candidate | TurnedAway:
    """What can be said without the record is said here; the rest is judged with the store's facts."""
    stream = world.declared.streams.get(draft.stream)
    if stream is None:
        return _no_stream(draft, caller, world)
    sender = parse_sender(draft.sender) if draft.sender else stream.sender
    if isinstance(sender, NotAnAddress):
        return TurnedAway("invalid_sender", "from", sender.why)
    case = Case(stream, parse(draft.to), sender, draft.trigger, now + stream.useful_for, caller)
    refused = verdict.at_accept(case, Facts(now))
    if isinstance(refused, TurnedAway):
        return refused
    if sender.address.key not in _senders(stream, caller):
        return TurnedAway("not_allowed", "from", f"{sender.address} is not a sender of the stream {stream.name!r}")
    message = _message(draft, case, now, world)
    return message if isinstance(message, TurnedAway) else _judged(draft, case, message, world)


def _no_stream(draft: Draft, caller: Caller, world: World) -> TurnedAway:
    known = ", ".join(sorted(name for name, stream in world.declared.streams.items() if caller.may_use(stream)))
    return TurnedAway("unknown_stream", "stream", f"there is no stream {draft.stream!r}; this key may use: {known}")


def _senders(stream: Stream, caller: Caller) -> frozenset[str]:
    """A stream's own sender, and those the key was expressly given."""
    return caller.senders | {stream.sender.address.key}


def _message(draft: Draft, case: Case, now: datetime, world: World) -> Message | TurnedAway:
    template = world.templates.current(case.stream.template)
    if template is None:
        return TurnedAway(
            "unknown_template", "stream", f"the stream's template {case.stream.template!r} does not exist"
        )
    if fault := template.fault(draft.variables):
        return TurnedAway("invalid_variables", "variables", fault)
    assert isinstance(case.to, Address)  # row 1 has answered
    return Message(
        id=world.new_id(),
        stream=case.stream.name,
        lane=case.stream.lane,
        to=case.to,
        sender=case.sender.header,
        template=template.name,
        template_version=template.version,
        locale=draft.locale or world.declared.default_locale,
        variables=draft.variables,
        trigger=draft.trigger,
        accepted_at=now,
        due_at=now,
        useful_until=case.useful_until,
        key_id=case.caller.key_id if case.caller else "",
        request_id=draft.request_id,
    )


def _judged(draft: Draft, case: Case, message: Message, world: World) -> Candidate:
    limit = case.stream.per_recipient
    spends = (Spend(f"{case.stream.name}|{message.to.mailbox}", limit),) if limit else ()
    return Candidate(
        message=message,
        judge=partial(verdict.at_accept, case),
        spends=spends,
        idempotency_key=draft.idempotency_key,
        canonical=_canonical(draft, case.sender) if draft.idempotency_key else b"",
    )


_encoder = msgspec.json.Encoder(order="deterministic")


def _canonical(draft: Draft, sender: Sender) -> bytes:
    """The draft in one spelling, whatever order its fields came in. Its plain hash would give away a code."""
    trigger = draft.trigger and (draft.trigger.act, draft.trigger.by, draft.trigger.at, draft.trigger.ref)
    return _encoder.encode((draft.stream, draft.to, sender.header, draft.locale, trigger, draft.variables))
