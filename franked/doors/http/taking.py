"""A mail that came through the door: made a draft, judged and stored, answered."""

from datetime import UTC, datetime

from franked.doors.http.context import Asker
from franked.doors.http.problems import Problem, of_busy, of_conflict, of_turned_away
from franked.doors.http.shapes import LONGEST_KEY, Accepted, NewAttachment, NewContent, NewMessage
from franked.record import Added, Busy, IdempotencyConflict
from franked.rules.content import Attachment, Written, media_type_of
from franked.rules.draft import Draft
from franked.rules.remedy import hint
from franked.rules.trigger import Trigger
from franked.rules.verdict import TurnedAway
from franked.sending.accept import accept

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


async def taken(data: NewMessage, idempotency_key: str | None, size: int, asker: Asker) -> Accepted:
    """`size`: the request's bytes. Raises Problem, and StoreUnavailable."""
    draft = draft_of(data, idempotency_key, size, asker.request_id)
    [answer] = await accept([draft], asker.key.caller, asker.door.world)
    match answer:
        case TurnedAway():
            raise of_turned_away(answer)
        case IdempotencyConflict():
            raise of_conflict(answer)
        case Busy():
            raise of_busy()
        case Added():
            tell(answer, data.stream, asker)
            hinted = hint(answer.state, answer.reason, data.to.strip(), answer.id)
            return Accepted(answer.id, answer.state.value, answer.reason, hinted, asker.door.links_to(answer.id))


def draft_of(data: NewMessage, idempotency_key: str | None, size: int, request_id: str) -> Draft:
    if idempotency_key is not None and not (0 < len(idempotency_key) <= LONGEST_KEY and idempotency_key.isprintable()):
        raise Problem("invalid_idempotency_key", f"it has {len(idempotency_key)} characters")
    given = data.trigger
    return Draft(
        stream=data.stream,
        to=data.to,
        trigger=Trigger(given.act, given.by, in_utc(given.at), given.ref) if given else None,
        variables=data.variables,
        locale=data.locale,
        sender=data.from_,
        content=_written(data.content),
        attachments=tuple(_attachment(one) for one in data.attachments),
        send_at=data.send_at,
        idempotency_key=idempotency_key,
        request_id=request_id,
        size=size,
    )


def in_utc(at: datetime) -> datetime:
    """A zero time with an offset, `0001-01-01T00:00:00+01:00`, is before all that UTC can say: the record would hold it
    and never read it again. It is as long ago as can be."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == 1 else _LAST


def _written(given: NewContent | None) -> Written | None:
    return Written(given.subject, given.html, given.text) if given else None


def _attachment(given: NewAttachment) -> Attachment:
    return Attachment(given.name, given.media_type or media_type_of(given.name), given.content)


def tell(answer: Added, stream: str, asker: Asker) -> None:
    """A queued message has its line when it is sent; one that stops here has it now."""
    asker.door.world.log(
        "accepted",
        level="debug" if answer.reason is None else "info",
        message=answer.id,
        request=asker.request_id,
        stream=stream,
        state=answer.state.value,
        reason=answer.reason,
        key=asker.key.caller.name,
    )
