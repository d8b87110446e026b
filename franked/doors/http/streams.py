"""What can be sent: the declared streams that a key may use, and what each needs."""

from typing import Annotated, Any

from litestar import get
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, door_of, key_of
from franked.doors.http.shapes import StreamName
from franked.ports import World
from franked.rules.content import Content
from franked.rules.lane import Lane
from franked.rules.stream import Kind, Stream


class ToldStream(Struct, frozen=True):
    """A declared class of mail."""

    name: StreamName
    kind: Annotated[str, Meta(examples=["transactional"], extra_json_schema={"enum": list(Kind)})]
    purpose: Annotated[str, Meta(examples=["What was bought, for whom, and when"])]
    lane: Annotated[str, Meta(examples=["normal"], extra_json_schema={"enum": list(Lane)})]
    sender: Annotated[str, Meta(examples=["Example Shop <orders@example.com>"])]
    content: Annotated[
        str,
        Meta(
            description="template; or inline: each message brings its own `content`",
            examples=["template"],
            extra_json_schema={"enum": list(Content)},
        ),
    ]
    variables: Annotated[list[str], Meta(description="that a message must bring", examples=[["number"]])]
    optional: Annotated[list[str], Meta(description="variables that it may bring", examples=[[]])]
    sample: Annotated[dict[str, Any], Meta(description="variables for a test mail", examples=[{"number": "R-42"}])]


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
        sample=dict(template.sample(world.declared.default_locale)) if template else {},
    )
