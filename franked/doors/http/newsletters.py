"""Newsletters: an issue is handed in once, and written to everybody who has agreed to its topic."""

from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, field

from franked.doors.http.context import AnyRequest, asker_of, door_of, key_of, readable_text
from franked.doors.http.problems import Problem, of_turned_away
from franked.doors.http.shapes import Moment, Name, NewContent, StreamName
from franked.flows.newsletters import announce
from franked.record import IdempotencyConflict
from franked.rules.content import Written
from franked.rules.newsletter import Issue, Newsletter
from franked.rules.verdict import TurnedAway

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", examples=["2026-03-news"])]


class NewNewsletter(Struct, forbid_unknown_fields=True, frozen=True):
    """One issue. The same id and the same issue again are the same newsletter."""

    id: Annotated[Id, Meta(description="your own: each reader gets one mail of it, however often it is posted")]
    stream: Annotated[Name, Meta(description="a marketing stream of franked.toml, in the bulk lane", examples=["news"])]
    variables: Annotated[dict[str, Any], Meta(description="what the template declares", examples=[{"number": 12}])] = (
        field(default_factory=dict)
    )
    content: Annotated[NewContent | None, Meta(description='on streams with content = "inline", and on no other')] = (
        None
    )


class ToldNewsletter(Struct, frozen=True):
    """How far it is. `done`: everybody's mail is written; it goes as the account's pace allows."""

    id: Annotated[str, Meta(examples=["2026-03-news"])]
    stream: StreamName
    topic: Annotated[str, Meta(examples=["news"])]
    state: Annotated[str, Meta(examples=["writing"], extra_json_schema={"enum": ["writing", "done"]})]
    people: Annotated[int, Meta(description="who had agreed when it began", examples=[50000])]
    written: Annotated[int, Meta(description="mails so far", examples=[12500])]
    queued: Annotated[int, Meta(description="of them: those that go", examples=[12480])]
    dropped: Annotated[int, Meta(description="of them: those that must not go, such as to suppressed addresses")]
    at: Moment
    done_at: Moment | None


@post(
    "/v1/newsletters",
    status_code=202,
    before_request=readable_text,
    summary="Send an issue to a topic's readers",
    tags=["consent"],
)
async def post_newsletter(request: AnyRequest, data: JSONBody[NewNewsletter]) -> ToldNewsletter:
    """Stored for good, and written by and by: who leaves meanwhile gets nothing after that."""
    asker = asker_of(request)
    given = data.content
    issue = Issue(data.variables, Written(given.subject, given.html, given.text) if given else None)
    answer = await announce(data.id, data.stream, issue, asker.key.caller, asker.request_id, asker.door.world)
    match answer:
        case TurnedAway():
            raise of_turned_away(answer)
        case IdempotencyConflict():
            raise Problem("newsletter_conflict", f"{data.id!r} is the id of another issue")
        case Newsletter():
            return _told(answer)


@get("/v1/newsletters/{newsletter_id:str}", summary="How far a newsletter is", tags=["consent"])
async def get_newsletter(request: AnyRequest, newsletter_id: FromPath[str]) -> ToldNewsletter:
    """For whoever may use its stream."""
    key, world = key_of(request), door_of(request).world
    [found] = await world.store.newsletters([newsletter_id])
    stream = world.declared.streams.get(found.stream) if found else None
    if found is None or not (key.admin or (stream and key.caller.may_use(stream))):
        raise Problem("not_found", "there is no such newsletter, or this key may not use its stream")
    return _told(found)


def _told(one: Newsletter) -> ToldNewsletter:
    return ToldNewsletter(
        id=one.id,
        stream=one.stream,
        topic=one.topic,
        state="done" if one.done_at else "writing",
        people=one.people,
        written=one.queued + one.dropped,
        queued=one.queued,
        dropped=one.dropped,
        at=one.at,
        done_at=one.done_at,
    )
