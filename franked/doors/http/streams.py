"""What can be sent: the declared streams that a key may use, and what each needs."""

from typing import Annotated

from litestar import get
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, door_of, key_of
from franked.ports import World
from franked.rules.stream import Stream


class ToldStream(Struct, frozen=True):
    """A declared class of mail."""

    name: str
    kind: str
    purpose: str
    lane: str
    sender: str
    content: Annotated[str, Meta(description="template; or inline: each message brings its own `content`")]
    variables: Annotated[list[str], Meta(description="that a message must bring")]
    optional: Annotated[list[str], Meta(description="variables that it may bring")]


@get("/v1/streams", summary="What can be sent", tags=["messages"])
async def get_streams(request: AnyRequest) -> list[ToldStream]:
    """The streams of franked.toml that this key may use, in the order declared."""
    key, world = key_of(request), door_of(request).world
    return [_told(stream, world) for stream in world.declared.streams.values() if key.caller.may_use(stream)]


def _told(stream: Stream, world: World) -> ToldStream:
    template = world.templates.current(stream.template)
    return ToldStream(
        name=stream.name,
        kind=stream.kind.value,
        purpose=stream.purpose,
        lane=stream.lane.value,
        sender=stream.sender.header,
        content=stream.content.value,
        variables=sorted(template.variables) if template else [],
        optional=sorted(template.optional) if template else [],
    )
