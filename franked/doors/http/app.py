"""The HTTP door, put together."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from litestar import Litestar, Response, Router, get
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from franked import __version__
from franked.doors.http import (
    access,
    alarms,
    batch,
    canary,
    cancel,
    cleaning,
    codes,
    consents,
    dead,
    events,
    health,
    identities,
    invites,
    keys,
    listing,
    messages,
    newsletters,
    people,
    persons,
    problems,
    reconciling,
    report,
    reputation,
    requests,
    streams,
    subscriptions,
    suppression_files,
    suppressions,
    templates,
    tickets,
    totp,
    webhooks,
    whynot,
)
from franked.doors.http.context import LARGEST_MESSAGE, Door, of_the_administrator, with_a_key
from franked.doors.http.express import express
from franked.doors.http.openapi.described import Needs
from franked.doors.http.openapi.document import OPENAPI_JSON, completed
from franked.doors.http.pages import code, confirm, leave, preferences, unknown, why
from franked.doors.http.weighing import Weighed


@get("/openapi.json", summary="This document", tags=["operations"])
async def get_openapi() -> Response[str]:
    """OpenAPI 3.1: what there is, what it takes, and what it answers."""
    return Response(printed(), media_type=OPENAPI_JSON)


FOR_KEYS = (
    messages.post_message,
    batch.post_batch,
    listing.get_messages,
    messages.get_message,
    cancel.delete_message,
    dead.get_dead,
    dead.post_replay,
    dead.post_release,
    streams.get_streams,
    invites.post_invite,
    invites.put_invite,
    invites.delete_invite,
    invites.get_invite,
    invites.post_reply,
    persons.delete_account,
    subscriptions.post_subscription,
    newsletters.post_newsletter,
    newsletters.get_newsletter,
    codes.post_code,
    codes.post_guess,
    codes.post_claim,
    codes.get_code,
    totp.post_totp,
    totp.post_totp_confirmation,
    totp.post_totp_guess,
    totp.get_totp,
    totp.delete_totp,
    tickets.post_ticket,
    tickets.get_ticket,
    tickets.post_ticket_decision,
)
FOR_THE_ADMINISTRATOR = (
    keys.post_key,
    keys.get_keys,
    keys.post_rotation,
    keys.delete_key,
    suppressions.get_suppressions,
    suppressions.post_suppression,
    suppressions.delete_suppression,
    suppression_files.post_import,
    suppression_files.get_export,
    reconciling.get_reconcile,
    reconciling.post_reconcile,
    reconciling.get_conflicts,
    cleaning.get_stale,
    people.get_person,
    whynot.get_why_not,
    people.post_people,
    access.get_access_checks,
    access.get_access_letter,
    access.get_access_defence,
    requests.get_access_request,
    requests.post_access_request,
    requests.post_access_note,
    requests.post_access_quota,
    alarms.get_alarms,
    alarms.post_alarm_test,
    alarms.post_cloudwatch_alarms,
    report.get_report,
    canary.get_canary,
    canary.post_run,
    consents.get_consents,
    identities.post_identity,
    templates.get_templates,
    templates.get_template,
    templates.post_submission,
    templates.post_approval,
    templates.post_rejection,
    templates.get_difference,
    templates.post_preview,
    persons.get_everything,
    persons.delete_person,
    persons.post_reopening,
    reputation.get_reputation,
    reputation.post_brake_release,
    webhooks.get_webhooks,
    webhooks.post_webhook_test,
    webhooks.post_webhook_replay,
    webhooks.post_webhook_enabling,
)
FOR_ANYBODY = (
    events.post_sns,
    health.livez,
    health.readyz,
    health.metrics,
    health.problem,
    get_openapi,
)
FOR_READERS = (  # pages, which no program asks for: the OpenAPI document has none of them
    confirm.show_confirm,
    confirm.confirm,
    leave.show_leave,
    leave.leave,
    preferences.show_preferences,
    preferences.set_preferences,
    why.show_why,
    code.get_link,
    code.post_link,
    unknown.lost,
)
ROUTES = (*FOR_KEYS, *FOR_THE_ADMINISTRATOR, *FOR_ANYBODY)


def create_app(door: Door, for_anybody: Sequence[HTTPRouteHandler] = FOR_ANYBODY) -> ASGIApp:
    return express(routed(door, for_anybody), door)


def routed(door: Door, for_anybody: Sequence[HTTPRouteHandler] = FOR_ANYBODY) -> ASGIApp:
    """Every route, the one for single mails too."""
    app = _application(tuple(for_anybody))

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["door"] = door
        await app(scope, receive, send)

    return handle


@cache
def _application(for_anybody: tuple[HTTPRouteHandler, ...]) -> Litestar:
    """One for all doors of a process: a tenth of a second goes into its making."""
    return Litestar(
        route_handlers=(
            Router("/", route_handlers=FOR_KEYS, guards=[with_a_key]),
            Router("/", route_handlers=FOR_THE_ADMINISTRATOR, guards=[with_a_key, of_the_administrator]),
            *for_anybody,
            *FOR_READERS,
        ),
        openapi_config=None,
        request_max_body_size=LARGEST_MESSAGE,
        middleware=[Weighed()],
        before_send=[_with_request_id],
        exception_handlers={
            NotFoundException: unknown.nowhere,
            HTTPException: problems.on_http_exception,
            Exception: problems.on_error,
        },
        logging_config=None,
    )


async def _with_request_id(message: Message, scope: Scope) -> None:
    """Whoever asks can name the request that the log and the ledger know."""
    known = scope.get("state", {}).get("request_id")
    if message["type"] == "http.response.start" and known:
        MutableScopeHeaders.from_message(message)["X-Request-Id"] = known


@cache
def printed() -> str:
    """The document as it is served, and stands in docs/openapi.json."""
    return json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


ABOUT = """A mail service for products that send through Amazon SES.

Problems follow RFC 9457: `code` is for programs, and `type` is a path that says what it means. A path that is not there
is a 404 `not_found`, a method that a path has not a 405 `method_not_allowed` with `Allow`. Bodies are JSON in UTF-8,
whatever their Content-Type; times are RFC 3339. Lists come by page: `next` is the `after` of the next one."""


def document() -> dict[str, Any]:
    app = Litestar(route_handlers=ROUTES, openapi_config=_openapi())
    needs = {
        **dict.fromkeys(FOR_KEYS, Needs.KEY),
        **dict.fromkeys(FOR_THE_ADMINISTRATOR, Needs.ADMINISTRATOR),
        **dict.fromkeys(FOR_ANYBODY, Needs.NOTHING),
    }
    return completed(app.openapi_schema.to_schema(), needs)


_HEAD = "head_"  # as GET, without a body: the document says it once


def _openapi() -> OpenAPIConfig:
    key = SecurityScheme(type="http", scheme="bearer", description="fk_<8 id>_<32 secret>, see `franked keys`")
    return OpenAPIConfig(
        title="Franked",
        version=__version__,
        description=ABOUT,
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, method, _path: (
            f"{_HEAD if method == 'HEAD' else ''}{handler.handler_name}"
        ),
        components=Components(security_schemes={"key": key}),
    )
