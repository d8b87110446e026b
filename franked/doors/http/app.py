"""The HTTP door, put together."""

from litestar import Litestar, Router
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import Message, Scope

from franked import __version__
from franked.doors.http import (
    batch,
    cancel,
    dead,
    events,
    health,
    identities,
    keys,
    listing,
    messages,
    people,
    problems,
    streams,
    suppression_files,
    suppressions,
)
from franked.doors.http.context import Door, of_the_administrator, with_a_key
from franked.doors.http.problems import Problem
from franked.doors.http.weighing import Weighed
from franked.store import StoreUnavailable

LARGEST_MESSAGE = 10_000_000

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
    people.get_person,
    people.post_people,
    identities.post_identity,
)
FOR_ANYBODY = (
    events.post_sns,
    health.livez,
    health.readyz,
    health.metrics,
    health.problem,
)
ROUTES = (*FOR_KEYS, *FOR_THE_ADMINISTRATOR, *FOR_ANYBODY)


def create_app(door: Door) -> Litestar:
    return Litestar(
        route_handlers=(
            Router("/", route_handlers=FOR_KEYS, guards=[with_a_key]),
            Router("/", route_handlers=FOR_THE_ADMINISTRATOR, guards=[with_a_key, of_the_administrator]),
            *FOR_ANYBODY,
        ),
        state=State({"door": door}),
        openapi_config=_openapi(),
        request_max_body_size=LARGEST_MESSAGE,
        middleware=[Weighed()],
        before_send=[_with_request_id],
        exception_handlers={
            Problem: problems.on_problem,
            StoreUnavailable: problems.on_store_unavailable,
            HTTPException: problems.on_http_exception,
            Exception: problems.on_fault,
        },
        logging_config=None,
    )


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Franked",
        version=__version__,
        description="A mail service for products that send through Amazon SES. Problems follow RFC 9457.",
        use_handler_docstrings=True,
        path="/",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={"key": SecurityScheme(type="http", scheme="bearer", description="fk_<8 id>_<32 secret>")}
        ),
        security=[{"key": []}],
    )


async def _with_request_id(message: Message, scope: Scope) -> None:
    """Whoever asks can name the request that the log and the ledger know."""
    known = scope.get("state", {}).get("request_id")
    if message["type"] == "http.response.start" and known:
        MutableScopeHeaders.from_message(message)["X-Request-Id"] = known
