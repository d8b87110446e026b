"""The OpenAPI document: Litestar's, with msgspec's own shapes, every answer, and an example of each."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler

from franked.doors.http import shapes
from franked.doors.http.context import LARGEST_MESSAGE
from franked.doors.http.openapi import answers
from franked.doors.http.openapi.described import NOTHING, Described, Needs, as_json, examples_of
from franked.doors.http.openapi.example import Schema
from franked.doors.http.openapi.responses import HEADERS, problems_of, shared, successes

OPENAPI_JSON = "application/vnd.oai.openapi+json"
_REF = "#/components/schemas/{name}"
_KNOWN_EMPTY = ("allowEmptyValue", "allowReserved", "deprecated")


def completed(generated: Mapping[str, Any], routes: Mapping[HTTPRouteHandler, Needs]) -> dict[str, Any]:
    """`generated`: the document as Litestar makes it, with each handler's name as its operationId."""
    described, components = _described(routes)
    by_name = {one.name: one for one in described}
    paths = {
        path: {
            method: _operation(found, by_name[found["operationId"]], generated, components)
            for method, found in operations.items()
            if method != "head"
        }
        for path, operations in generated["paths"].items()
    }
    kept = {"schemas": components, "headers": HEADERS, "responses": shared(described, paths)}
    return {**generated, "paths": paths, "components": generated["components"] | kept}


def _described(routes: Mapping[HTTPRouteHandler, Needs]) -> tuple[list[Described], dict[str, Any]]:
    """What enforces the shapes describes them: Litestar leaves out half of what msgspec says."""
    asked = [*map(_taken, routes), *map(_told, routes), shapes.Problem]
    found, components = msgspec.json.schema_components(asked, ref_template=_REF)
    taken, told = found[: len(routes)], found[len(routes) :]
    pairs = zip(routes.items(), taken, told, strict=False)
    return [Described(handler, needs, *both) for (handler, needs), *both in pairs], components


def _taken(handler: HTTPRouteHandler) -> Any:
    return handler.parsed_data_field.annotation if handler.parsed_data_field else None


def _told(handler: HTTPRouteHandler) -> Any:
    told = handler.parsed_return_field
    if handler.handler_name in answers.TEXTS:
        return None
    return get_args(told.annotation)[0] if told.is_subclass_of(Response) else told.annotation


def _operation(
    found: Mapping[str, Any], route: Described, generated: Mapping[str, Any], components: Mapping[str, Schema]
) -> dict[str, Any]:
    parameters = [_parameter(one, route, generated) for one in found.get("parameters", [])]
    operation = {
        "operationId": route.name,
        "summary": found["summary"],
        "description": " ".join([*found.get("description", "").split(), route.needs.value]),
        "tags": found["tags"],
        "security": [] if route.needs is Needs.NOTHING else [{"key": []}],
        "responses": {**successes(found, route, components), **problems_of(route, parameters)},
    }
    body = _body(route, components)
    return operation | ({"parameters": parameters} if parameters else {}) | ({"requestBody": body} if body else {})


# --- what it takes ----------------------------------------------------------------------------------------------------


def _parameter(found: Mapping[str, Any], route: Described, generated: Mapping[str, Any]) -> dict[str, Any]:
    name = found["name"]
    word = answers.PARAMETERS.get(name, answers.Word("", None))
    schema = _plain(found["schema"], generated)
    return {
        **{key: value for key, value in found.items() if key not in _KNOWN_EMPTY},
        "description": found.get("description") or word.means,
        "schema": schema,
        "example": answers.PARTICULAR.get((route.name, name), word.example),
    }


def _plain(schema: Schema, generated: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter is a text: it is there or not, and never null. Its meaning stands with the parameter."""
    kept = {key: value for key, value in schema.items() if key not in {"oneOf", "allOf", "$ref", "description"}}
    inner: dict[str, Any] = {}
    if "$ref" in schema:
        inner = dict(generated["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for option in [*schema.get("oneOf", []), *schema.get("allOf", [])]:
        if option.get("type") != "null":
            inner = _plain(option, generated)
    return {key: _whole(value) for key, value in (inner | kept).items() if key not in {"title", "description"}}


def _whole(value: object) -> object:
    """Litestar says that `limit` has at least 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _body(route: Described, components: Mapping[str, Schema]) -> dict[str, Any] | None:
    declared = route.handler.request_max_body_size
    largest = f"At most {declared if isinstance(declared, int) else LARGEST_MESSAGE:,} bytes."
    if text := answers.TAKEN_AS_TEXT.get(route.name):
        content = {text.media_type: {"schema": text.schema, "examples": examples_of("example", text.example)}}
        return {"description": f"{text.means}. {largest}", "required": True, "content": content}
    if route.taken == NOTHING:
        return None
    content = {"application/json": as_json(_not_null(route.taken), components)}
    required = "data" not in _optional(route.handler)
    return {"description": f"UTF-8, no U+0000. {largest}", "required": required, "content": content}


def _not_null(schema: Schema) -> Schema:
    """The shape of a body that may be left out."""
    return next((one for one in schema.get("anyOf", []) if one != NOTHING), schema)


def _optional(handler: HTTPRouteHandler) -> set[str]:
    return {name for name, field in handler.parsed_fn_signature.parameters.items() if field.has_default}
