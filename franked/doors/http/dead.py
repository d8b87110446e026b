"""Mail that only a person moves on: list it, with why it stopped in words, and put it back into the queue."""

from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from franked.doors.http.context import AnyRequest, door_of, key_of, readable_text
from franked.doors.http.listing import cursor
from franked.doors.http.problems import Problem
from franked.doors.http.shapes import ToldPage, ToldPutBack, ToldStopped, Why
from franked.enquiry import PutBack, Stop, Stopped
from franked.record import ApiKey, Moved, Story
from franked.rules.remedy import hint, remedy_for
from franked.sending.replay import put_back

Which = Annotated[Stop, QueryParameter(name="stop", description="dead, or unknown_outcome: held for a person")]
After = Annotated[str, QueryParameter(name="after", description="`next` of the page before")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200)]

_PROBLEMS = {Stop.DEAD: "not_dead", Stop.UNKNOWN_OUTCOME: "not_held_for_a_person"}
_VERBS = {Stop.DEAD: "replay", Stop.UNKNOWN_OUTCOME: "release"}
_STATES = {Stop.DEAD: "dead", Stop.UNKNOWN_OUTCOME: "held"}


@get("/v1/dead", summary="Mail that only a person moves on", tags=["dead letters"])
async def get_dead(request: AnyRequest, stop: Which = Stop.DEAD, after: After = "", limit: Limit = 50) -> ToldPage:
    """Dead: the tries are used up. `stop=unknown_outcome`: held, and nobody knows whether SES took it. A key sees the
    messages it brought, the administrator's key all."""
    key = key_of(request)
    of = None if key.admin else key.caller.key_id
    found = await door_of(request).world.store.stopped(Stopped(stop, cursor(after), limit + 1, of))
    page = found[:limit]
    now = door_of(request).world.now()
    told = [_told(story, stop, expired=now >= story.useful_until) for story in page]
    return ToldPage(told, page[-1].id if len(found) > limit else None)


def _told(story: Story, stop: Stop, *, expired: bool) -> ToldStopped:
    return ToldStopped(
        id=story.id,
        stream=story.stream,
        to=story.to.spelled,
        state=story.state.value,
        reason=story.reason,
        why=_in_words(story),
        hint=hint(story.state, story.reason, story.to.spelled, story.id),
        attempts=len(story.attempts),
        since=next((entry.at for entry in reversed(story.ledger) if entry.what == _STATES[stop]), story.accepted_at),
        useful_until=story.useful_until,
        expired=expired,
        links={"story": f"/v1/messages/{story.id}", _VERBS[stop]: f"/v1/messages/{story.id}/{_VERBS[stop]}"},
    )


def _in_words(story: Story) -> str:
    remedy = remedy_for(story.state, story.reason)
    reason = remedy.means if remedy else story.reason
    last = story.attempts[-1].detail if story.attempts else ""
    return f"{reason} (attempts: {len(story.attempts)}, the last: {last or 'no answer'})"


@post(
    "/v1/messages/{message_id:str}/replay",
    status_code=200,
    before_request=readable_text,
    summary="Send a dead message again",
    tags=["dead letters"],
)
async def post_replay(request: AnyRequest, message_id: FromPath[str], data: JSONBody[Why | None] = None) -> ToldPutBack:
    """Into the queue with all its tries; whether it may still go is judged again. The ledger says who did it."""
    return await _put_back(message_id, Stop.DEAD, data.why if data else "", request)


@post(
    "/v1/messages/{message_id:str}/release",
    status_code=200,
    before_request=readable_text,
    summary="Send again what may have arrived",
    tags=["dead letters"],
)
async def post_release(request: AnyRequest, message_id: FromPath[str], data: JSONBody[Why]) -> ToldPutBack:
    """A message held for `unknown_outcome` goes into the queue: its recipient may get it twice. The ledger says who
    did it, and why."""
    return await _put_back(message_id, Stop.UNKNOWN_OUTCOME, data.why, request)


async def _put_back(message_id: str, stop: Stop, why: str, request: AnyRequest) -> ToldPutBack:
    key = key_of(request)
    world = door_of(request).world
    [story] = await world.store.find([message_id])
    if story is None or not (key.admin or story.key_id == key.caller.key_id):
        raise Problem("not_found", "there is no such message, or another key brought it")
    [moved] = await put_back([PutBack(message_id, stop, who(key), why)], world)
    if moved is None or not moved.moved:
        raise Problem(_PROBLEMS[stop], f"it is {standing(story, moved)}")
    expired = world.now() >= story.useful_until
    return ToldPutBack(story.id, moved.state.value, expired, story.useful_until, {"story": f"/v1/messages/{story.id}"})


def who(key: ApiKey) -> str:
    """The command line's key is made anew at each start: its id would tell nobody anything."""
    return key.caller.name if key.admin else key.caller.key_id


def standing(story: Story, moved: Moved | None) -> str:
    state = moved.state if moved else story.state
    return f"{state.value} ({story.reason})" if story.reason and story.state is state else state.value
