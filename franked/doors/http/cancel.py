"""A message is taken back before it went."""

from litestar import delete
from litestar.params import FromPath

from franked.doors.http.context import AnyRequest, door_of, key_of
from franked.doors.http.dead import standing, who
from franked.doors.http.many import ToldCancelled
from franked.doors.http.problems import Problem
from franked.enquiry import Cancel
from franked.sending.cancel import cancel


@delete("/v1/messages/{message_id:str}", status_code=200, summary="Take a message back", tags=["messages"])
async def delete_message(request: AnyRequest, message_id: FromPath[str]) -> ToldCancelled:
    """What is queued or held becomes `dropped (cancelled)`, and the ledger says who did it. Not what a worker took,
    nor what has ended, nor what is held because nobody knows whether SES took it."""
    key = key_of(request)
    door = door_of(request)
    [story] = await door.world.store.find([message_id])
    if story is None or not (key.admin or story.key_id == key.caller.key_id):
        raise Problem("not_found", "there is no such message, or another key brought it")
    [moved] = await cancel([Cancel(message_id, who(key))], door.world)
    if moved is None or not moved.moved:
        raise Problem("not_cancellable", f"it is {standing(story, moved)}")
    return ToldCancelled(story.id, moved.state.value, "cancelled", door.links_to(story.id))
