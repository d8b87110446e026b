"""What a person should look at, for the administrator; whether the ways of telling work; CloudWatch's alarms."""

from typing import Annotated

from litestar import get, post
from msgspec import Meta, Struct

from franked.doors.http.context import AnyRequest, door_of
from franked.doors.http.problems import Problem
from franked.doors.http.shapes import Moment
from franked.ports import GaugesUnreadable
from franked.record import Alarm
from franked.reputation.alarms import try_out
from franked.reputation.gauging import keep_alarms
from franked.reputation.saying import words_in
from franked.rules.gauge import AS_IT_WAS, CREATED, UPDATED


class ToldAlarm(Struct, frozen=True):
    """It closes by itself once what it says is over."""

    key: Annotated[str, Meta(examples=["dead_letters"])]
    title: Annotated[str, Meta(examples=["Mail has used up all its tries"])]
    what: Annotated[str, Meta(examples=["3 messages used up all tries"])]
    since: Moment
    did: Annotated[str, Meta(description="by Franked itself", examples=["It keeps these messages."])]
    todo: Annotated[str, Meta(description="by a person", examples=["Look at `franked dead`."])]
    told_at: Annotated[Moment | None, Meta(description="when people heard of it last; null: not yet")]


class ToldAlarms(Struct, frozen=True):
    open: Annotated[list[ToldAlarm], Meta(description="the oldest first")]


class ToldWay(Struct, frozen=True):
    """One way of telling, and what became of it."""

    way: Annotated[str, Meta(examples=["webhook"])]
    result: Annotated[str, Meta(description="`told`, a message's state and id, or why not", examples=["told"])]


class ToldWays(Struct, frozen=True):
    ways: list[ToldWay]


class ToldKept(Struct, frozen=True):
    name: Annotated[str, Meta(examples=["franked-ses-bounce-rate-limit"])]
    what: Annotated[str, Meta(examples=[CREATED], extra_json_schema={"enum": [CREATED, UPDATED, AS_IT_WAS]})]


class ToldCloudWatch(Struct, frozen=True):
    alarms: list[ToldKept]


@get("/v1/alarms", summary="What a person should look at", tags=["operations"])
async def get_alarms(request: AnyRequest) -> ToldAlarms:
    """The alarms that are open."""
    return ToldAlarms([_told(one) for one in await door_of(request).world.store.alarms()])


@post("/v1/alarms/test", status_code=200, summary="Tell a test alarm by all ways", tags=["operations"])
async def post_alarm_test(request: AnyRequest) -> ToldWays:
    """A mail to each admin, a post to the webhook, and an alarm in CloudWatch that is set off for a moment."""
    return ToldWays([ToldWay(way, result) for way, result in await try_out(door_of(request).world)])


@post("/v1/alarms/cloudwatch", status_code=200, summary="Keep alarms in CloudWatch", tags=["operations"])
async def post_cloudwatch_alarms(request: AnyRequest) -> ToldCloudWatch:
    """Creates those that are not there, and updates those that differ: once or again, they are the same."""
    try:
        kept = await keep_alarms(door_of(request).world)
    except GaugesUnreadable as error:
        raise Problem("cloudwatch_unreachable", str(error)) from error
    return ToldCloudWatch([ToldKept(one.name, one.what) for one in kept])


def _told(alarm: Alarm) -> ToldAlarm:
    """In English, as all answers are."""
    words = words_in("en").of(alarm.key)
    return ToldAlarm(alarm.key, words.title, alarm.text, alarm.opened_at, words.did, words.todo, alarm.told_at)
