"""SES's list beside ours, for the administrator: how far they have been compared, now please, and what differs."""

from collections.abc import Mapping

from litestar import get, post

from franked.doors.http.context import AnyRequest, door_of, key_of
from franked.doors.http.problems import Problem, no
from franked.doors.http.reconciling_shapes import ToldConflict, ToldConflicts, ToldFigures, ToldReconcile
from franked.doors.http.suppressions import After, Limit
from franked.ports import World
from franked.rules.at_ses import AtSes, Phase, Stand, Told


@get("/v1/suppressions/reconcile", summary="How far SES's list and ours are compared", tags=["suppressions"])
async def get_reconcile(request: AnyRequest) -> ToldReconcile:
    """It goes on by itself, each night and on change; whoever looks away misses nothing."""
    return await _stand(door_of(request).world)


@post("/v1/suppressions/reconcile", status_code=202, summary="Compare SES's list and ours", tags=["suppressions"])
async def post_reconcile(request: AnyRequest) -> ToldReconcile:
    """All of both lists, from the next second on. One that is under way is not begun anew."""
    world = door_of(request).world
    if world.declared.at_ses is AtSes.OFF:
        raise Problem("not_at_ses")
    if not (await world.store.reconcile_stand()).is_under_way:
        await world.store.ask_reconcile(world.now())
        world.log("reconcile_asked", by=key_of(request).caller.name)
    return await _stand(world)


@get("/v1/suppressions/conflicts", summary="What SES's list and ours do not agree on", tags=["suppressions"])
async def get_conflicts(request: AnyRequest, after: After = "", limit: Limit = 100) -> ToldConflicts:
    """Of the last 90 days. For sending the stronger reason counts."""
    key, space, conflict = after.rpartition(" ")
    if after and not space:
        raise no("after", "it is no `next` of a page before")
    found = await door_of(request).world.store.ses_conflicts((key, conflict), limit + 1)
    page = found[:limit]
    last = f"{page[-1].address_key} {page[-1].conflict}" if len(found) > limit else None
    return ToldConflicts([_told(one) for one in page], last)


def _told(one: Told) -> ToldConflict:
    return ToldConflict(one.address_key, one.conflict.value, one.at, one.said)


async def _stand(world: World) -> ToldReconcile:
    store, consent = world.store, world.declared.at_ses
    stand, waiting = await store.reconcile_stand(), await store.count_ses_calls()
    asked_at, access = await store.reconcile_asked_at(), (await store.standing(world.now())).access
    is_asked = asked_at is not None and (stand.began_at is None or asked_at > stand.began_at)
    figures, account = stand.figures, stand.account
    return ToldReconcile(
        at_ses=consent.value,
        state=_state(stand, consent, waiting, is_asked=is_asked, may_put=bool(access and access.production)),
        figures=ToldFigures(
            listed=figures.listed,
            taken=figures.taken,
            looked_at=figures.looked_at,
            put=figures.put,
            removed=figures.removed,
            refused=figures.refused,
        ),
        to_put=waiting["put"],
        to_remove=waiting["remove"],
        conflicts=await store.count_ses_conflicts(),
        began_at=stand.began_at,
        ended_at=stand.ended_at,
        is_on=account.is_on if account else None,
        open_sets=list(account.open_sets) if account else [],
        trouble=stand.trouble or None,
    )


def _state(stand: Stand, consent: AtSes, waiting: Mapping[str, int], *, is_asked: bool, may_put: bool) -> str:
    if consent is AtSes.OFF:
        return "off"
    if is_asked or stand.began_at is None or stand.is_under_way or stand.phase is not Phase.IDLE:
        return "comparing"
    if waiting["remove"] or (waiting["put"] and may_put):
        return "calling"
    return "deferred" if waiting["put"] else "done"
