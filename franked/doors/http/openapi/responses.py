"""The answers' part of the OpenAPI document: what a route says, and each problem that can come instead."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from franked.doors.http import problems
from franked.doors.http.openapi import answers
from franked.doors.http.openapi.described import NOTHING, Described, Needs, as_json, examples_of
from franked.doors.http.openapi.example import Schema, example_of
from franked.doors.http.problems import MEANINGS, PROBLEM_JSON, RETRY_AFTER
from franked.doors.http.shapes import EXAMPLE_REQUEST

_RESPONSE = "#/components/responses/{name}"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def successes(found: Mapping[str, Any], route: Described, components: Mapping[str, Schema]) -> dict[str, Any]:
    [status] = [status for status in found["responses"] if status < "300"]
    means, content = _told_content(route, components)
    answer = {"description": means, "headers": _headers(route, 200)} | ({"content": content} if content else {})
    also = answers.ANOTHER_STATUS.get(route.name, {})
    return {status: answer} | {other: _otherwise(route, one, components) for other, one in also.items()}


def _otherwise(route: Described, also: answers.Also, components: Mapping[str, Schema]) -> dict[str, Any]:
    shown = example_of(route.told, components) | also.example
    content = {"application/json": {"schema": route.told, "examples": examples_of("example", shown)}}
    return {"description": also.means, "headers": _headers(route, 200), "content": content}


def _told_content(route: Described, components: Mapping[str, Schema]) -> tuple[str, dict[str, Any] | None]:
    if text := answers.TEXTS.get(route.name):
        examples = examples_of("example", text.example)
        return text.means, {text.media_type: {"schema": text.schema, "examples": examples}}
    if route.told == NOTHING:
        return "Done: nothing follows", None
    named = components.get(str(route.told.get("$ref", "")).rpartition("/")[2], {})
    return named.get("description") or route.handler.summary or "", {
        "application/json": as_json(route.told, components)
    }


def problems_of(route: Described, parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
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


def shared(described: Sequence[Described], paths: Mapping[str, Any]) -> dict[str, Any]:
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


HEADERS = {
    "Retry-After": _header("seconds", "1"),
    "WWW-Authenticate": _header("how to say who you are", "Bearer"),
    "X-Request-Id": _header("yours, where it was one word; else a new one", EXAMPLE_REQUEST),
}
