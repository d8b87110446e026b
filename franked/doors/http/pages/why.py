"""Why did I get this? What one mail was for, which act asked for it, and what its reader can do."""

from datetime import datetime

from litestar import Response, route
from litestar.params import FromPath

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.pages.leave import LOOKS
from franked.doors.http.pages.page import language_of, no_such_link, page
from franked.formats.links import Use
from franked.record import Story
from franked.rules.consent import Topic
from franked.rules.stream import Kind, Stream

WHY = "/u/why/{token:path}"
SUBSCRIPTION = "subscription"  # the act of a reader of ours
_KINDS = {Kind.TRANSACTIONAL: "transactional", Kind.NOTIFICATION: "notification", Kind.MARKETING: "marketing"}


@route(WHY, http_method=LOOKS, include_in_schema=False)
async def show_why(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    world = door_of(request).world
    parts = world.links.read(Use.WHY, token.removeprefix("/"))
    if parts is None or len(parts) != 1:
        return no_such_link(request)
    [story] = await world.store.find([parts[0]])
    if story is None:
        return page("why_forgotten", request)
    return page("why", request, shown=_shown(story, request))


def _shown(story: Story, request: AnyRequest) -> dict[str, object]:
    world, language = door_of(request).world, language_of(request)
    stream, trigger, address = world.declared.streams.get(story.stream), story.trigger, story.to.spelled
    topic = stream.topic if stream else None
    titled = world.declared.topics.get(topic, Topic(topic)).title_in(language) if topic else None
    return {
        "address": address,
        "purpose": stream.purpose if stream else None,
        "kind": _kind(stream),
        "act": trigger.act if trigger and trigger.act != SUBSCRIPTION else None,
        "agreed": _day(trigger.at) if trigger and trigger.act == SUBSCRIPTION else None,
        "act_at": _day(trigger.at) if trigger else None,
        "accepted_at": _day(story.accepted_at),
        "topic": titled,
        "leave": world.links.to(Use.LEAVE, address, topic) if topic else None,
        "preferences": world.links.to(Use.PREFERENCES, address) if topic else None,
    }


def _kind(stream: Stream | None) -> str:
    """A stream that can be left is told as one, whatever its kind."""
    if stream is None or (stream.kind is Kind.TRANSACTIONAL and stream.topic):
        return "notification"
    return _KINDS[stream.kind]


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
