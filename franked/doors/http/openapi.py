"""The OpenAPI document: Litestar's, with msgspec's own shapes, every answer, and an example of each."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Any, get_args

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler

from franked.doors.http import answers, problems, shapes
from franked.doors.http.context import LARGEST_MESSAGE
from franked.doors.http.example import Schema, example_of
from franked.doors.http.problems import MEANINGS, PROBLEM_JSON, RETRY_AFTER
from franked.doors.http.shapes import EXAMPLE_REQUEST

OPENAPI_JSON = "application/vnd.oai.openapi+json"
_REF = "#/components/schemas/{name}"
_RESPONSE = "#/components/responses/{name}"
_PROBLEM = {"$ref": _REF.format(name="Problem")}
NOTHING = {"type": "null"}
_KNOWN_EMPTY = ("allowEmptyValue", "allowReserved", "deprecated")


class Needs(Enum):
    """Which key a route needs."""

    KEY = "Needs a key."
    ADMINISTRATOR = "Needs the administrator's key."
    NOTHING = "Needs no key."


@dataclass(frozen=True, slots=True)
class Described:
    """A route, and its shapes as msgspec itself has them. Of a route without a body, and of a text: `NOTHING`."""

    handler: HTTPRouteHandler
    needs: Needs
    taken: Schema
    told: Schema

    @property
    def name(self) -> str:
        return self.handler.handler_name


def completed(generated: Mapping[str, Any], routes: Mapping[HTTPRouteHandler, Needs]) -> dict[str, Any]:
    """`generated`: the document as Litestar makes it, with each handler's name as its operationId."""
    described, components = _described(routes)
    by_name = {one.name: one for one in described}
    paths = {
        path: {
            method: _operation(found, by_name[found["operationId"]], generated, components)
            for method, found in operations.items()
        }
        for path, operations in generated["paths"].items()
    }
    kept = {"schemas": components, "headers": _HEADERS, "responses": _shared(described, paths)}
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
        "responses": {**_successes(found, route, components), **_problems(route, parameters)},
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
        content = {text.media_type: {"schema": text.schema, "examples": _examples("example", text.example)}}
        return {"description": f"{text.means}. {largest}", "required": True, "content": content}
    if route.taken == NOTHING:
        return None
    content = {"application/json": _json(_not_null(route.taken), components)}
    required = "data" not in _optional(route.handler)
    return {"description": f"UTF-8, no U+0000. {largest}", "required": required, "content": content}


def _not_null(schema: Schema) -> Schema:
    """The shape of a body that may be left out."""
    return next((one for one in schema.get("anyOf", []) if one != NOTHING), schema)


def _optional(handler: HTTPRouteHandler) -> set[str]:
    return {name for name, field in handler.parsed_fn_signature.parameters.items() if field.has_default}


# --- what it answers --------------------------------------------------------------------------------------------------


def _successes(found: Mapping[str, Any], route: Described, components: Mapping[str, Schema]) -> dict[str, Any]:
    [status] = [status for status in found["responses"] if status < "300"]
    means, content = _told_content(route, components)
    answer = {"description": means, "headers": _headers(route, 200)} | ({"content": content} if content else {})
    also = answers.ANOTHER_STATUS.get(route.name, {})
    return {status: answer} | {other: _otherwise(route, one, components) for other, one in also.items()}


def _otherwise(route: Described, also: answers.Also, components: Mapping[str, Schema]) -> dict[str, Any]:
    shown = example_of(route.told, components) | also.example
    content = {"application/json": {"schema": route.told, "examples": _examples("example", shown)}}
    return {"description": also.means, "headers": _headers(route, 200), "content": content}


def _told_content(route: Described, components: Mapping[str, Schema]) -> tuple[str, dict[str, Any] | None]:
    if text := answers.TEXTS.get(route.name):
        examples = _examples("example", text.example)
        return text.means, {text.media_type: {"schema": text.schema, "examples": examples}}
    if route.told == NOTHING:
        return "Done: nothing follows", None
    named = components.get(str(route.told.get("$ref", "")).rpartition("/")[2], {})
    return named.get("description") or route.handler.summary or "", {"application/json": _json(route.told, components)}


def _json(schema: Schema, components: Mapping[str, Schema]) -> dict[str, Any]:
    return {"schema": schema, "examples": _examples("example", example_of(schema, components))}


def _examples(name: str, value: object) -> dict[str, Any]:
    return {name: {"value": value}}


def _problems(route: Described, parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    asks = any(one["in"] == "query" for one in parameters)
    codes = sorted(codes_of(route, asks), key=lambda code: (_status(code), code))
    return {str(status): _referred(route, list(some)) for status, some in groupby(codes, _status)}


def codes_of(route: Described, asks: bool) -> set[str]:
    """The problems that can come."""
    codes = {*answers.PROBLEMS[route.name], *answers.OF_ALL}
    if route.needs is not Needs.NOTHING:
        codes |= set(answers.OF_A_KEY)
    if route.needs is Needs.ADMINISTRATOR:
        codes |= set(answers.OF_THE_ADMINISTRATOR)
    if route.taken != NOTHING:
        codes |= set(answers.OF_A_BODY)
    return codes | set(answers.OF_A_QUERY) if asks else codes


def _status(code: str) -> int:
    return MEANINGS[code].status


def _referred(route: Described, codes: Sequence[str]) -> dict[str, Any]:
    """An answer with one code is written once for all routes."""
    if len(codes) > 1:
        return _problem(route, codes)
    return {"$ref": _RESPONSE.format(name=_shared_name(route, codes[0]))}


def _shared(described: Sequence[Described], paths: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are referred to."""
    referred = set(re.findall(_RESPONSE.format(name='([^"]+)"'), json.dumps(paths)))
    return {
        _shared_name(route, code): _problem(route, [code])
        for route in described
        for code in codes_of(route, asks=True)
        if _shared_name(route, code) in referred
    }


def _shared_name(route: Described, code: str) -> str:
    return code if route.needs is not Needs.NOTHING else f"{code}.without_a_key"


def _problem(route: Described, codes: Sequence[str]) -> dict[str, Any]:
    status = _status(codes[0])
    schema = {"allOf": [_PROBLEM, {"properties": {"code": {"enum": list(codes)}, "status": {"const": status}}}]}
    examples = {code: {"value": problems.told(problems.Problem(code))} for code in codes}
    return {
        "description": "; ".join(f"`{code}`: {MEANINGS[code].title}" for code in codes),
        "headers": _headers(route, status),
        "content": {PROBLEM_JSON: {"schema": schema, "examples": examples}},
    }


def _headers(route: Described, status: int) -> dict[str, Any]:
    names = {401: ["WWW-Authenticate"]}.get(status, ["Retry-After"] if status in RETRY_AFTER else [])
    names += ["X-Request-Id"] if route.needs is not Needs.NOTHING else []
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(means: str, example: str) -> dict[str, Any]:
    return {"description": means, "required": True, "schema": {"type": "string"}, "example": example}


_HEADERS = {
    "Retry-After": _header("seconds", "1"),
    "WWW-Authenticate": _header("how to say who you are", "Bearer"),
    "X-Request-Id": _header("yours, where it was one word; else a new one", EXAMPLE_REQUEST),
}
