"""POST a mail, GET its story."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, HeaderParameter, JSONBody

from franked.doors.http.context import AnyRequest, Door, door_of, key_of, readable_text, request_id
from franked.doors.http.problems import Problem, of_busy, of_conflict, of_turned_away
from franked.doors.http.shapes import (
    LONGEST_KEY,
    Accepted,
    NewAttachment,
    NewContent,
    NewMessage,
    ToldAttempt,
    ToldEntry,
    ToldEvent,
    ToldStory,
    ToldTrigger,
)
from franked.record import Added, ApiKey, Busy, IdempotencyConflict, Story
from franked.rules.content import Attachment, Written, media_type_of
from franked.rules.draft import Draft
from franked.rules.remedy import hint
from franked.rules.trigger import Trigger
from franked.rules.verdict import TurnedAway
from franked.sending.accept import accept

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="1 to 256 printable characters; kept at least 7 days. The same key and the same mail give the same "
        "answer and one message, another mail a 409; it is the API key's own",
        schema_extra={"minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
    ),
]


@post("/v1/messages", status_code=202, before_request=readable_text, summary="Send one mail", tags=["messages"])
async def post_message(
    request: AnyRequest, data: JSONBody[NewMessage], idempotency_key: IdempotencyKey = None
) -> Accepted:
    """Judged and stored for good, sent as SES's pace allows. The answer says queued, held or dropped, and why."""
    key = key_of(request)
    door = door_of(request)
    size = len(await request.body())
    [answer] = await accept([draft_of(data, idempotency_key, size, request)], key.caller, door.world)
    match answer:
        case TurnedAway():
            raise of_turned_away(answer)
        case IdempotencyConflict():
            raise of_conflict(answer)
        case Busy():
            raise of_busy()
        case Added():
            tell(answer, data, key, request)
            hinted = hint(answer.state, answer.reason, data.to.strip(), answer.id)
            return Accepted(answer.id, answer.state.value, answer.reason, hinted, links_to(answer.id, door))


def draft_of(data: NewMessage, idempotency_key: str | None, size: int, request: AnyRequest) -> Draft:
    if idempotency_key is not None and not (0 < len(idempotency_key) <= LONGEST_KEY and idempotency_key.isprintable()):
        raise Problem("invalid_idempotency_key", f"it has {len(idempotency_key)} characters")
    given = data.trigger
    return Draft(
        stream=data.stream,
        to=data.to,
        trigger=Trigger(given.act, given.by, _in_utc(given.at), given.ref) if given else None,
        variables=data.variables,
        locale=data.locale,
        sender=data.from_,
        content=_written(data.content),
        attachments=tuple(_attachment(one) for one in data.attachments),
        send_at=data.send_at,
        idempotency_key=idempotency_key,
        request_id=request_id(request),
        size=size,
    )


def _in_utc(at: datetime) -> datetime:
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


def tell(answer: Added, data: NewMessage, key: ApiKey, request: AnyRequest) -> None:
    """A queued message has its line when it is sent; one that stops here has it now."""
    door_of(request).world.log(
        "accepted",
        level="debug" if answer.reason is None else "info",
        message=answer.id,
        request=request_id(request),
        stream=data.stream,
        state=answer.state.value,
        reason=answer.reason,
        key=key.caller.name,
    )


def links_to(message_id: str, door: Door) -> dict[str, str]:
    links = {"story": f"/v1/messages/{message_id}"}
    return links | {"inbox": f"{door.inbox}/message/{message_id}"} if door.inbox else links


@get("/v1/messages/{message_id:str}", summary="One message's story", tags=["messages"])
async def get_message(request: AnyRequest, message_id: FromPath[str]) -> ToldStory:
    """Trigger, verdicts, attempts, events. A key sees the messages it brought, nothing else."""
    key = key_of(request)
    door = door_of(request)
    [story] = await door.world.store.find([message_id])
    if story is None or not (key.admin or story.key_id == key.caller.key_id):
        raise Problem("not_found", "there is no such message, or another key brought it")
    return told(story, door)


def told(story: Story, door: Door) -> ToldStory:
    stream = door.world.declared.streams.get(story.stream)
    secret = stream is None or stream.secret
    return ToldStory(
        id=story.id,
        stream=story.stream,
        lane=story.lane.value,
        to=story.to.spelled,
        sender=story.sender,
        template=story.template or None,
        template_version=story.template_version or None,
        locale=story.locale,
        state=story.state.value,
        reason=story.reason,
        hint=hint(story.state, story.reason, story.to.spelled, story.id),
        trigger=told_trigger(story.trigger),
        variables=None if secret or story.variables is None else dict(story.variables),
        accepted_at=story.accepted_at,
        due_at=story.due_at,
        useful_until=story.useful_until,
        ses_id=story.ses_id,
        request_id=story.request_id,
        attempts=[
            ToldAttempt(one.number, one.at, one.outcome, one.detail, one.ses_id, one.finished_at)
            for one in story.attempts
        ],
        ledger=[ToldEntry(entry.at, entry.what, entry.why, _named(entry.by, door)) for entry in story.ledger],
        events=[
            ToldEvent(
                event.at, event.kind.value, event.bounce_type and event.bounce_type.value, event.subtype, event.detail
            )
            for event in story.events
        ],
        links=links_to(story.id, door),
    )


def told_trigger(trigger: Trigger | None) -> ToldTrigger | None:
    return ToldTrigger(trigger.act, trigger.by, trigger.at, trigger.ref) if trigger else None


def _named(who: str, door: Door) -> str:
    """A key is told by its name: `franked keys` says which it was."""
    key = door.keyring.keys.get(who)
    return key.caller.name if key else who
