"""Somebody subscribes, through the application: the answer is the same for every address."""

from typing import Annotated

from litestar import post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, Asker, asker_of, readable_text
from franked.doors.http.problems import Problem, of_busy, of_turned_away
from franked.doors.http.shapes import Name
from franked.flows.subscriptions import TooMany, Wished, subscribe
from franked.record import Busy
from franked.rules.address import Address, NotAnAddress, parse
from franked.rules.consent import Evidence, Statement, Step, Topic
from franked.rules.network import network_of
from franked.rules.verdict import TurnedAway

Said = Annotated[str, Meta(max_length=200)]
Locale = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]


class NewSubscription(Struct, forbid_unknown_fields=True, frozen=True):
    """What a person typed into your form, and what they read beside it."""

    to: Annotated[str, Meta(max_length=1000, description="one bare address", examples=["ana@example.com"])]
    topic: Annotated[Name, Meta(description="a topic of franked.toml", examples=["news"])]
    wording: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2000,
            description="exactly what they agreed to, as they read it",
            examples=["Send me the news once a week. I can stop it at any time."],
        ),
    ]
    wording_version: Annotated[Said, Meta(description="in your own terms", examples=["2026-03"])] = ""
    source: Annotated[Said, Meta(description="the form", examples=["footer of /pricing"])] = ""
    ip: Annotated[
        Annotated[str, Meta(max_length=45)] | None, Meta(description="the person's", examples=["198.51.100.7"])
    ] = None
    user_agent: Annotated[str, Meta(max_length=300, description="the person's", examples=["Mozilla/5.0"])] = ""
    locale: Annotated[Locale | None, Meta(description="of all mail of this topic", examples=["de-CH"])] = None


class ToldSubscription(Struct, frozen=True):
    """Always the same: whether the address is a reader's already is nobody's business."""

    state: Annotated[str, Meta(examples=["pending"], extra_json_schema={"enum": ["pending"]})] = "pending"


@post(
    "/v1/subscriptions",
    status_code=202,
    before_request=readable_text,
    summary="Subscribe a person to a topic",
    tags=["consent"],
)
async def post_subscription(request: AnyRequest, data: JSONBody[NewSubscription]) -> ToldSubscription:
    """A mail asks whoever has the mailbox; only who says yes there is a reader. Past the limits nothing is sent, and
    the answer is the same."""
    asker = asker_of(request)
    try:
        answer = await subscribe(_wished(data, asker), asker.door.world)
    except TooMany as error:
        raise Problem("too_many_subscriptions") from error
    match answer:
        case TurnedAway():
            raise of_turned_away(answer)
        case Busy():
            raise of_busy()
        case None:
            return ToldSubscription()


def _wished(data: NewSubscription, asker: Asker) -> Wished:
    address = parse(data.to)
    topic = _topic(data.topic, asker)
    if isinstance(address, NotAnAddress):
        raise Problem("invalid_address", address.why, "/to")
    if data.ip is not None and not network_of(data.ip):
        raise Problem("invalid_shape", "it is no IP address", "/ip")
    return Wished(_statement(data, address, asker), topic, asker.key.caller.key_id, asker.request_id)


def _statement(data: NewSubscription, address: Address, asker: Asker) -> Statement:
    evidence = Evidence(
        by=asker.key.caller.name,
        source=data.source,
        ip=data.ip or "",
        user_agent=data.user_agent,
        wording=data.wording,
        wording_version=data.wording_version,
    )
    return Statement(address, data.topic, Step.ASKED, asker.door.world.now(), evidence, data.locale)


def _topic(name: str, asker: Asker) -> Topic:
    declared, caller = asker.door.world.declared, asker.key.caller
    if name not in declared.topics:
        known = ", ".join(sorted(declared.topics)) or "none"
        raise Problem("unknown_topic", f"there is no topic {name!r}; there are: {known}", "/topic")
    of_it = [stream for stream in declared.streams.values() if stream.topic == name]
    if of_it and not any(caller.may_use(stream) for stream in of_it):
        raise Problem("not_allowed", f"the key {caller.name!r} may use no stream of the topic {name!r}")
    return declared.topics[name]
