"""Webhooks, for the administrator: how they do, and what a person moves on."""

from datetime import UTC, timedelta

from litestar import get, post
from litestar.params import FromPath, JSONBody

from franked.doors.http.context import AnyRequest, door_of, key_of, readable_text
from franked.doors.http.problems import Problem
from franked.doors.http.webhook_shapes import NewReplay, ToldEnabled, ToldReplay, ToldTest, ToldWebhook
from franked.feedback.forward import replay, try_out
from franked.ports import World
from franked.rules.webhook import KEPT, Endpoint, Health


@get("/v1/webhooks", summary="Who is told what, and how that goes", tags=["webhooks"])
async def get_webhooks(request: AnyRequest) -> list[ToldWebhook]:
    """Those that franked.toml declares, without their secrets."""
    world = door_of(request).world
    endpoints = world.declared.webhooks
    healths = await world.store.webhooks([one.name for one in endpoints])
    return [_told(one, health) for one, health in zip(endpoints, healths, strict=True)]


def _told(endpoint: Endpoint, health: Health) -> ToldWebhook:
    fails = health.failing_since or health.disabled_at
    return ToldWebhook(
        name=endpoint.name,
        url=endpoint.url,
        events=list(endpoint.events),
        streams=list(endpoint.streams),
        secrets=len(endpoint.secret or ()),
        told=health.told,
        waiting=health.waiting,
        given_up=health.given_up,
        told_at=health.told_at,
        failing_since=health.failing_since,
        why=health.why if fails else None,
        disabled_at=health.disabled_at,
    )


@post("/v1/webhooks/{webhook:str}/test", status_code=200, summary="Call a webhook now", tags=["webhooks"])
async def post_webhook_test(request: AnyRequest, webhook: FromPath[str]) -> ToldTest:
    """One signed call of type `test`, whether or not the endpoint is disabled: what it answers, and why not."""
    world = door_of(request).world
    posted = await try_out(_named(webhook, world), world)
    return ToldTest(posted.refusal is None, posted.status, posted.refusal)


@post(
    "/v1/webhooks/{webhook:str}/replay",
    status_code=200,
    before_request=readable_text,
    summary="Tell a webhook again",
    tags=["webhooks"],
)
async def post_webhook_replay(request: AnyRequest, webhook: FromPath[str], data: JSONBody[NewReplay]) -> ToldReplay:
    """What it was told since then, and what was given up, goes again under the same ids: who took it knows it."""
    world = door_of(request).world
    endpoint, since = _named(webhook, world), data.since.astimezone(UTC)
    if not timedelta() < world.now() - since <= KEPT:
        raise Problem("invalid_since", f"{data.since.isoformat()} is not within the last {KEPT.days} days", "/since")
    replayed = await replay(endpoint, since, world)
    world.log("webhook_replayed", webhook=endpoint.name, count=replayed, by=key_of(request).caller.name)
    return ToldReplay(replayed)


@post("/v1/webhooks/{webhook:str}/enable", status_code=200, summary="Call a webhook again", tags=["webhooks"])
async def post_webhook_enabling(request: AnyRequest, webhook: FromPath[str]) -> ToldEnabled:
    """One that was disabled, because it failed for a day or answered 410: what has waited goes now."""
    world = door_of(request).world
    endpoint = _named(webhook, world)
    [enabled] = await world.store.enable_webhooks([endpoint.name])
    [health] = await world.store.webhooks([endpoint.name])
    if enabled:
        world.log("webhook_enabled", webhook=endpoint.name, by=key_of(request).caller.name)
    return ToldEnabled(enabled, health.waiting)


def _named(name: str, world: World) -> Endpoint:
    for endpoint in world.declared.webhooks:
        if endpoint.name == name:
            return endpoint
    raise Problem("not_found", f"franked.toml has no [webhooks.{name}]")
