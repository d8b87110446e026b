"""POST a mail, GET its story."""

from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, HeaderParameter, JSONBody

from franked.doors.http.context import AnyRequest, Door, asker_of, door_of, key_of, readable_text
from franked.doors.http.problems import Problem
from franked.doors.http.shapes import (
    LONGEST_KEY,
    Accepted,
    NewMessage,
    ToldAttempt,
    ToldEntry,
    ToldEvent,
    ToldStory,
    ToldTrigger,
)
from franked.doors.http.taking import taken
from franked.record import Story
from franked.rules.remedy import hint
from franked.rules.trigger import Trigger

MESSAGES = "/v1/messages"

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="1 to 256 printable characters; kept at least 7 days. The same key and the same mail give the same "
        "answer and one message, another mail a 409; it is the API key's own",
        schema_extra={"minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
    ),
]


@post(MESSAGES, status_code=202, before_request=readable_text, summary="Send one mail", tags=["messages"])
async def post_message(
    request: AnyRequest, data: JSONBody[NewMessage], idempotency_key: IdempotencyKey = None
) -> Accepted:
    """Judged and stored for good, sent as SES's pace allows. The answer says queued, held or dropped, and why."""
    return await taken(data, idempotency_key, len(await request.body()), asker_of(request))


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
        links=door.links_to(story.id),
    )


def told_trigger(trigger: Trigger | None) -> ToldTrigger | None:
    return ToldTrigger(trigger.act, trigger.by, trigger.at, trigger.ref) if trigger else None


def _named(who: str, door: Door) -> str:
    """A key is told by its name: `franked keys` says which it was."""
    key = door.keyring.keys.get(who)
    return key.caller.name if key else who
