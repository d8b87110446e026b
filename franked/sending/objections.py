"""All that is wrong with a draft, whatever the record says: its sender may mend everything at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from franked.formats.template import Template
from franked.ports import World
from franked.rules import verdict
from franked.rules.address import NotAnAddress, Sender, parse
from franked.rules.content import Content, faults_of_attachments, faults_of_written
from franked.rules.draft import Draft
from franked.rules.stream import Stream
from franked.rules.verdict import Caller, Case, TurnedAway

FURTHEST = timedelta(days=366)  # that `send_at` may lie ahead
MOST_VARIABLES = 262_144  # bytes as JSON: as much as SES allows its own templates


def to_unknown_stream(draft: Draft, caller: Caller, world: World) -> TurnedAway:
    known = ", ".join(sorted(name for name, stream in world.declared.streams.items() if caller.may_use(stream)))
    sentence = f"there is no stream {draft.stream!r}; this key may use: {known}"
    to = parse(draft.to)
    also = (TurnedAway("invalid_address", "to", to.why),) if isinstance(to, NotAnAddress) else ()
    return TurnedAway("unknown_stream", "stream", sentence, also)


def objections(draft: Draft, case: Case, sender: Sender | NotAnAddress, world: World) -> TurnedAway | None:
    """None when there is nothing to object to. What a key may not do is all that it is told."""
    assert case.caller is not None
    found = [*verdict.refusals(case, world.now()), *_to_sender(sender, case.stream, case.caller)]
    if forbidden := next((one for one in found if one.code == "not_allowed"), None):
        return forbidden
    found += _to_content(draft, case.stream, world.templates.current(case.stream.template))
    found += _to_attachments(draft)
    found += _to_send_at(draft.send_at, world.now())
    if not found:
        return None
    first, *rest = found
    return TurnedAway(first.code, first.field, first.detail, tuple(rest))


def _to_sender(sender: Sender | NotAnAddress, stream: Stream, caller: Caller) -> Iterator[TurnedAway]:
    """A stream's own sender may be used, and those the key was expressly given."""
    if isinstance(sender, NotAnAddress):
        yield TurnedAway("invalid_sender", "from", sender.why)
    elif sender.address.key not in caller.senders | {stream.sender.address.key}:
        yield TurnedAway("not_allowed", "from", f"{sender.address} is not a sender of the stream {stream.name!r}")


def _to_content(draft: Draft, stream: Stream, template: Template | None) -> Iterator[TurnedAway]:
    if stream.content is Content.INLINE:
        yield from _to_written(draft, stream)
        return
    if draft.content is not None:
        yield TurnedAway(
            "content_not_allowed", "content", f"mail of the stream {stream.name!r} is written by its template"
        )
    if template is None:
        yield TurnedAway("unknown_template", "stream", f"the stream's template {stream.template!r} does not exist")
    else:
        yield from _to_variables(draft, template)


def _to_written(draft: Draft, stream: Stream) -> Iterator[TurnedAway]:
    if draft.variables:
        yield TurnedAway("invalid_variables", "variables", f"the stream {stream.name!r} has no template to fill")
    if draft.content is None:
        sentence = f"mail of the stream {stream.name!r} brings its own: subject, and html or text"
        yield TurnedAway("missing_content", "content", sentence)
        return
    for name, why in faults_of_written(draft.content):
        yield TurnedAway("invalid_content", f"content/{name}", why)


def _to_variables(draft: Draft, template: Template) -> Iterator[TurnedAway]:
    for name, why in template.faults(draft.variables):
        yield TurnedAway("invalid_variables", f"variables/{_pointed(name)}", why)
    size = len(msgspec.json.encode(draft.variables))
    if size > MOST_VARIABLES:
        yield TurnedAway("invalid_variables", "variables", f"they have {size:,} bytes; at most {MOST_VARIABLES:,}")


def _to_attachments(draft: Draft) -> Iterator[TurnedAway]:
    for name, why in faults_of_attachments(draft.attachments):
        yield TurnedAway("invalid_attachment", f"attachments/{name}".rstrip("/"), why)


def _to_send_at(send_at: datetime | None, now: datetime) -> Iterator[TurnedAway]:
    if send_at is not None and send_at < now:
        yield TurnedAway("invalid_send_at", "send_at", "it is over; leave the field out to send at once")
    if send_at is not None and send_at > now + FURTHEST:
        yield TurnedAway("invalid_send_at", "send_at", f"it is more than {FURTHEST.days} days ahead")


def _pointed(name: str) -> str:
    """As a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
