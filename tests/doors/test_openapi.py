"""The OpenAPI document: complete, true to its own shapes, and the same in docs/openapi.json."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from litestar import get
from litestar.handlers import HTTPRouteHandler

from franked.doors.http.app import FOR_ANYBODY, FOR_KEYS, FOR_THE_ADMINISTRATOR, ROUTES, document, printed
from franked.doors.http.openapi import answers
from franked.doors.http.openapi.described import Needs
from franked.doors.http.openapi.document import completed
from franked.doors.http.openapi.example import example_of
from franked.doors.http.problems import MEANINGS, PROBLEM_JSON
from tests.running import Product

SNAPSHOT = Path(__file__).parents[2] / "docs/openapi.json"
DOCUMENT = document()
NAMES = [route.handler_name for route in ROUTES]


def operations() -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()}


def resolved(found: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in found:
        _, _, kind, name = found["$ref"].split("/")
        found = DOCUMENT["components"][kind][name]
    return found


def answers_of(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {status: resolved(answer) for status, answer in operation["responses"].items()}


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body, in and out."""
    for name, operation in operations().items():
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} takes {kind}", body
        for status, answer in answers_of(operation).items():
            for body in answer.get("content", {}).values():
                yield f"{name} answers {status}", body


def validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def test_the_snapshot_is_what_is_served() -> None:
    renew = "renew it: python -m franked.doors.http > docs/openapi.json"
    assert SNAPSHOT.read_text() == printed(), renew


def test_the_document_is_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    assert set(answers.PROBLEMS) == set(NAMES) == set(operations())
    assert set(answers.TEXTS) | set(answers.TAKEN_AS_TEXT) | set(answers.ANOTHER_STATUS) <= set(NAMES)


def test_a_route_without_a_line_has_no_document() -> None:
    @get("/v1/new", summary="New", tags=["new"])
    async def get_new() -> str:
        return ""

    operation = {"operationId": "get_new", "summary": "New", "tags": ["new"], "responses": {"200": {}}}
    generated = {"paths": {"/v1/new": {"get": operation}}, "components": {"schemas": {}}}
    with pytest.raises(KeyError, match="get_new"):
        completed(generated, {get_new: Needs.KEY})


@pytest.mark.parametrize("name", NAMES)
def test_every_route_says_what_it_is(name: str) -> None:
    operation = operations()[name]
    assert operation["summary"] and operation["description"] and operation["tags"]
    assert {"500"} <= set(operation["responses"])
    assert [status for status in operation["responses"] if status < "300"]
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]
        assert validator(parameter["schema"]).is_valid(parameter["example"]), parameter


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_says_which_key_it_needs(route: HTTPRouteHandler) -> None:
    operation = operations()[route.handler_name]
    statuses = set(operation["responses"])
    assert (route in FOR_ANYBODY) == (operation["security"] == []) == ("401" not in statuses)
    assert (route in FOR_THE_ADMINISTRATOR) == ("administrator's key." in operation["description"])
    assert (route in FOR_KEYS) == operation["description"].endswith("Needs a key.")
    if route in FOR_THE_ADMINISTRATOR:
        assert "not_allowed" in answers_of(operation)["403"]["description"]


def test_every_example_is_valid() -> None:
    for where, body in contents():
        assert body["examples"], where
        for example in body["examples"].values():
            faults = [str(fault) for fault in validator(body["schema"]).iter_errors(example["value"])]
            assert faults == [], where


def test_every_text_in_a_shape_has_an_example_of_its_own() -> None:
    """Else the document would show `text`: give the field `Meta(examples=[…])`."""
    shapes = DOCUMENT["components"]["schemas"]
    bare = {
        f"{name}.{field}"
        for name, shape in shapes.items()
        for field, schema in shape.get("properties", {}).items()
        if field in shape["required"] and example_of(schema, shapes) in ("text", ["text"])
    }
    assert bare == set()


def test_every_problem_is_a_problem_that_names_its_codes() -> None:
    for name, operation in operations().items():
        for status, answer in answers_of(operation).items():
            if status < "300":
                continue
            [(kind, body)] = answer["content"].items()
            codes = body["schema"]["allOf"][1]["properties"]["code"]["enum"]
            assert kind == PROBLEM_JSON
            assert body["schema"]["allOf"][0] == {"$ref": "#/components/schemas/Problem"}
            assert {MEANINGS[code].status for code in codes} == {int(status)}, name
            assert all(f"`{code}`" in answer["description"] for code in codes)
            assert set(body["examples"]) == set(codes)


def test_every_problem_that_a_route_can_name_is_told_somewhere() -> None:
    told = set(re.findall(r"/problems/(\w+)", printed()))
    of_no_route = {"method_not_allowed", "unsupported_media_type"}  # no route of ours answers so
    of_no_request = {"headers_too_large", "invalid_request", "too_slow"}  # none was read whole
    assert set(MEANINGS) - told == of_no_route | of_no_request


def test_headers_are_told_where_they_come() -> None:
    for operation in operations().values():
        for status, answer in answers_of(operation).items():
            headers = set(answer["headers"])
            assert ("X-Request-Id" in headers) == bool(operation["security"])
            assert ("Retry-After" in headers) == (status in {"429", "503"})
            assert ("WWW-Authenticate" in headers) == (status == "401")


def test_every_body_says_how_large_it_may_be() -> None:
    largest = {"post_batch": "20,000,000", "post_sns": "300,000", "post_reply": "300,000"}
    for name, operation in operations().items():
        if body := operation.get("requestBody"):
            assert f"At most {largest.get(name, '10,000,000')} bytes." in body["description"]
            assert "413" in operation["responses"]


def test_limits_are_those_that_are_enforced() -> None:
    shapes = DOCUMENT["components"]["schemas"]
    assert shapes["NewBatch"]["properties"]["messages"]["maxItems"] == 1000
    assert shapes["NewContent"]["properties"]["subject"]["maxLength"] == 500
    assert shapes["NewMessage"]["additionalProperties"] is False
    [key] = [one for one in operations()["post_message"]["parameters"] if one["in"] == "header"]
    assert (key["name"], key["schema"]["minLength"], key["schema"]["maxLength"]) == ("Idempotency-Key", 1, 256)
    limits = {one["name"]: one["schema"] for one in operations()["get_suppressions"]["parameters"]}
    assert limits["limit"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}


def test_a_body_that_may_be_left_out_says_so() -> None:
    required = {name: one["requestBody"]["required"] for name, one in operations().items() if "requestBody" in one}
    assert {name for name, needed in required.items() if not needed} == {"post_preview", "post_replay", "post_rotation"}


def test_an_example_shows_what_is_needed_and_what_has_an_example() -> None:
    shapes = {"Inner": {"properties": {"at": {"type": "string", "examples": ["noon"]}}, "required": ["at"]}}
    shape = {
        "properties": {
            "inner": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
            "why": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "left": {"type": "string"},
            "shown": {"type": "string", "examples": ["so"]},
        },
        "required": ["inner", "why"],
    }
    assert example_of(shape, shapes) == {"inner": [{"at": "noon"}], "why": None, "shown": "so"}


@pytest.mark.asyncio(loop_scope="module")
async def test_openapi_is_served_as_printed(shared: Product) -> None:
    async with shared.http.get(f"{shared.franked.url}/openapi.json") as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
        assert await answer.text() == printed()


@pytest.mark.parametrize("path", ["/", "/nothing", "/v1", "/v1/nothing", "/openapi.json/more"])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_path_that_is_not_there_is_a_problem(shared: Product, path: str) -> None:
    async with shared.http.get(shared.franked.url + path) as answer:
        assert (answer.status, answer.content_type) == (404, PROBLEM_JSON)
        assert (await answer.json())["code"] == "not_found"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_method_that_is_not_there_names_those_that_are(shared: Product) -> None:
    async with shared.http.put(f"{shared.franked.url}/v1/messages") as answer:
        assert (answer.status, (await answer.json())["code"]) == (405, "method_not_allowed")
        assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", ["/livez", "/metrics", "/v1/suppressions/export"])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_content_type_has_one_charset(shared: Product, path: str) -> None:
    headers = {"Authorization": f"Bearer {shared.franked.control_key}"}
    async with shared.http.get(shared.franked.url + path, headers=headers) as answer:
        assert answer.headers["content-type"].count("charset=utf-8") == 1
