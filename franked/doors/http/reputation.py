"""How the account stands: rates, what the governor does about them, and its release."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from litestar import get, post
from litestar.params import JSONBody

from franked.doors.http.context import AnyRequest, door_of, key_of, readable_text
from franked.doors.http.problems import Problem
from franked.doors.http.reputation_shapes import (
    NewRelease,
    ToldAwsRates,
    ToldBrake,
    ToldBrakeLine,
    ToldRates,
    ToldReputation,
)
from franked.ports import World
from franked.rules.governor import MEANING, Brake, BrakeRelease, budget
from franked.rules.rates import WEEK, Part, Window, windows

LINES = 20
ALL = "*"


@get("/v1/reputation", summary="Rates, and what the governor does", tags=["reputation"])
async def get_reputation(request: AnyRequest) -> ToldReputation:
    """Hard bounces and complaints of the whole account, as an estimate, with AWS's own figures beside it."""
    return await _told(door_of(request).world)


@post(
    "/v1/reputation/release",
    status_code=200,
    before_request=readable_text,
    summary="Release a stop of the governor",
    tags=["reputation"],
)
async def post_brake_release(request: AnyRequest, data: JSONBody[NewRelease]) -> ToldReputation:
    """Mail goes again, and the figures count anew. 409 where nothing stands still."""
    world = door_of(request).world
    by = data.by.strip() or key_of(request).caller.name
    [before] = await world.store.release_brake([BrakeRelease(by, data.investigation, data.action, world.now())])
    if before is None:
        raise Problem("not_braked", f"the governor stands at {(await world.store.brake()).step.word!r}")
    world.log("brake_released", level="warning", step=before.step.word, by=by, why=data.investigation)
    return await _told(world)


async def _told(world: World) -> ToldReputation:
    store, now = world.store, world.now()
    brake, seen = await store.brake(), await store.seen(now)
    parts = [one for one in await store.parts(now - WEEK, now) if one.stream != ALL]
    streams = world.declared.streams

    def lane(part: Part) -> str:
        stream = streams.get(part.stream)
        return stream.lane.value if stream else "unknown"

    def sender_domain(part: Part) -> str:
        stream = streams.get(part.stream)
        return stream.sender.address.domain if stream else "unknown"

    return ToldReputation(
        brake=_brake(brake),
        budget=budget(seen),
        windows=[_rates(one) for one in windows(await store.seen_since(now - WEEK), now)],
        aws=ToldAwsRates(brake.aws.bounce, brake.aws.complaint, brake.aws.at) if brake.aws else None,
        streams=_by(parts, lambda part: part.stream or "mail of others"),
        lanes=_by(parts, lane),
        sender_domains=_by(parts, sender_domain),
        providers=_by(parts, lambda part: part.provider),
        log=[ToldBrakeLine(one.at, one.what, one.why, one.by, one.action) for one in await store.brake_log(LINES)],
    )


def _brake(brake: Brake) -> ToldBrake:
    since: datetime | None = brake.since
    return ToldBrake(brake.step.word, since, brake.because, MEANING[brake.step], brake.careful_until, brake.released_at)


def _by(parts: Iterable[Part], name_of: Callable[[Part], str]) -> list[ToldRates]:
    """Those with the most mail first."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        sums[name_of(part)][part.what] += part.n
    found = [Window(name, one["sent"], one["bounced"], one["complained"]) for name, one in sums.items()]
    return [_rates(one) for one in sorted(found, key=lambda one: (-one.sent, one.name))]


def _rates(one: Window) -> ToldRates:
    return ToldRates(one.name, one.sent, one.bounced, one.complained, one.bounce_rate, one.complaint_rate)
