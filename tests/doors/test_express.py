"""A single mail past the framework is answered as its route answers it, to the last header."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import AsyncMock

import pytest
import pytest_asyncio

from franked.doors.http.app import create_app, routed
from franked.doors.http.context import Door
from franked.doors.http.express import express
from franked.doors.http.weighing import SMALL
from franked.doors.serving import listening, serving
from tests.doors.test_bad_input import BODIES, RULES, SHAPES
from tests.running import Product
from tests.siege.caller import Heard, call, head

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/v1/messages"
_MADE = re.compile(r"[mr]_[0-9a-z]{26}|(?<=\"state\":\")(queued|sending|sent|delivered)")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(shared: Product) -> AsyncIterator[tuple[str, str]]:
    """The whole one, and one that has the routes alone; both on the same record."""
    door = Door(shared.franked.world, shared.franked.keyring)
    async with (
        serving(create_app(door), listening("127.0.0.1", 0)) as whole,
        serving(routed(door), listening("127.0.0.1", 0)) as plain,
    ):
        yield whole, plain


async def asked(url: str, text: bytes) -> Heard | None:
    caller = await call(url)
    caller.say(text)
    heard = await caller.answer()
    caller.hang_up()
    return heard


def compared(heard: Heard | None) -> Any:
    """Without what no two answers share."""
    assert heard is not None
    assert int(heard.headers.get("content-length", 0)) == len(heard.body)
    headers = {name: _MADE.sub("#", value) for name, value in heard.headers.items()}
    headers |= {"date": "", "content-length": "", "allow": "".join(sorted(headers.get("allow", "")))}
    return heard.status, headers, _MADE.sub("#", heard.body.decode())


async def same(doors: tuple[str, str], text: bytes) -> int:
    whole, plain = [compared(await asked(url, text)) for url in doors]
    assert whole == plain
    return int(whole[0])


def request(body: bytes, key: str, **headers: str | int) -> bytes:
    told: dict[str, str | int] = {"Content_Type": "application/json", "Content_Length": len(body), **headers}
    return head(PATH, key, "POST", **told) + body


@pytest.mark.parametrize("fields", [row[0] for row in [*SHAPES, *RULES]], ids=str)
async def test_whatever_is_wrong_with_a_field(shared: Product, doors: tuple[str, str], fields: dict[str, Any]) -> None:
    body = json.dumps(shared.draft("ana@example.net") | fields).encode()
    assert 400 <= await same(doors, request(body, shared.key)) < 500


@pytest.mark.parametrize("body", [body for body, _ in BODIES.values()], ids=list(BODIES))
async def test_whatever_is_wrong_with_a_body(shared: Product, doors: tuple[str, str], body: bytes) -> None:
    assert 400 <= await same(doors, request(body, shared.key)) < 500


ODD: dict[str, tuple[dict[str, str | int], int]] = {
    "none": ({}, 202),
    "a request id": ({"X_Request_Id": "order-1042"}, 202),
    "a request id that is none": ({"X_Request_Id": "two words"}, 202),
    "no key": ({"Authorization": ""}, 401),
    "a wrong key": ({"Authorization": "Bearer fk_aaaaaaaa_" + "a" * 32}, 401),
    "a key that is no text": ({"Authorization": "Bearer \xff"}, 401),
    "an idempotency key": ({"Idempotency_Key": "order-1042"}, 202),
    "an empty idempotency key": ({"Idempotency_Key": ""}, 422),
    "an idempotency key that is too long": ({"Idempotency_Key": "a" * 257}, 422),
    "an idempotency key in another alphabet": ({"Idempotency_Key": "\u00fc"}, 202),
    "another content type": ({"Content_Type": "text/plain"}, 202),
    "no content type": ({"Content_Type": ""}, 202),
    "an answer in another type": ({"Accept": "text/html"}, 202),
    "an expectation that is none": ({"Expect": "nothing"}, 202),
}


@pytest.mark.parametrize(("headers", "status"), list(ODD.values()), ids=list(ODD))
async def test_whatever_is_odd_about_the_headers(
    shared: Product, doors: tuple[str, str], headers: dict[str, str | int], status: int
) -> None:
    body = json.dumps(shared.draft("ana@example.net")).encode()
    assert await same(doors, request(body, shared.key, **headers)) == status


async def test_a_header_that_is_there_twice(shared: Product, doors: tuple[str, str]) -> None:
    body = json.dumps(shared.draft("ana@example.net")).encode()
    for twice in (b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n", b"X-Request-Id: a\r\nX-Request-Id: b\r\n"):
        text = request(body, shared.key).replace(b"Content-Type", twice + b"Content-Type", 1)
        assert await same(doors, text) == 202


async def test_other_ways_to_ask_for_the_path(shared: Product, doors: tuple[str, str]) -> None:
    body = json.dumps(shared.draft("ana@example.net")).encode()
    plain = request(body, shared.key)
    for path in ("/v1/messages?to=bo@example.net", "/v1/messages/", "/v1%2Fmessages", "//v1/messages", "/V1/messages"):
        await same(doors, plain.replace(PATH.encode(), path.encode(), 1))
    for method in (b"PUT", b"PATCH", b"OPTIONS", b"post"):
        await same(doors, plain.replace(b"POST", method, 1))


async def test_a_body_in_pieces(shared: Product, doors: tuple[str, str]) -> None:
    body = json.dumps(shared.draft("ana@example.net")).encode()
    chunked = head(PATH, shared.key, "POST", Transfer_Encoding="chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert await same(doors, chunked) == 202


async def test_json_that_says_a_thing_twice_or_more_loosely(shared: Product, doors: tuple[str, str]) -> None:
    draft = json.dumps(shared.draft("ana@example.net"))
    for said in ('"to": "bo@example.net"', '"locale": "null"', '"from": "null"', '"variables": {"number": 1e400}'):
        await same(doors, request(f"{draft[:-1]}, {said}}}".encode(), shared.key))


async def test_one_of_any_size(shared: Product, doors: tuple[str, str]) -> None:
    draft = json.dumps(shared.draft("ana@example.net")).encode()
    for size in (SMALL - 1, SMALL, SMALL + 1):
        assert await same(doors, request(draft.ljust(size), shared.key)) == 202


async def test_a_known_key_and_a_plain_mail_need_no_route(shared: Product) -> None:
    """Or all of this would compare the routes with themselves."""
    app = AsyncMock()
    door = Door(shared.franked.world, shared.franked.keyring)
    async with serving(express(app, door), listening("127.0.0.1", 0)) as url:
        body = json.dumps(shared.draft("ana@example.net")).encode()
        heard = await asked(url, request(body, shared.key))
    assert heard is not None
    assert heard.status == 202
    assert [one.args[0]["type"] for one in app.await_args_list] == ["lifespan"]
