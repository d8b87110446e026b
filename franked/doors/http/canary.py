"""Do our own ears work: how the canary stands, and to have it fly now."""

from litestar import get, post

from franked.doors.http.canary_shapes import ToldCanary, ToldFinding, ToldRun
from franked.doors.http.context import AnyRequest, door_of
from franked.ports import World
from franked.reputation.canary import begin
from franked.rules.canary import Canary, Run, sentence
from franked.rules.diagnosis import said, way_out


@get("/v1/canary", summary="Do bounces and complaints come back", tags=["operations"])
async def get_canary(request: AnyRequest) -> ToldCanary:
    """The run under way, the last one, and what is broken, if anything is."""
    world = door_of(request).world
    return told(await world.store.canary(), world)


@post("/v1/canary/run", status_code=202, summary="Try it now", tags=["operations"])
async def post_run(request: AnyRequest) -> ToldCanary:
    """A run begins, unless one is under way: there is never more than one."""
    world = door_of(request).world
    return told(await begin(world), world)


def told(canary: Canary, world: World) -> ToldCanary:
    plan, now = world.declared.canary, world.now()
    return ToldCanary(
        enabled=plan.enabled,
        proven=canary.is_proven(now),
        says=sentence(canary, now),
        passed_at=canary.passed_at,
        proven_until=canary.proven_until,
        next_at=canary.next_at(plan, now) if plan.enabled else None,
        current=_run(canary.current) if canary.current else None,
        last=_run(canary.last) if canary.last else None,
    )


def _run(run: Run) -> ToldRun:
    return ToldRun(
        id=run.id,
        began_at=run.began_at,
        ended_at=run.ended_at,
        step=run.step,
        missing=list(run.missing),
        findings=[ToldFinding(one.fault, said(one), way_out(one)) for one in run.findings],
        messages=[*run.firsts, *run.seconds],
    )
