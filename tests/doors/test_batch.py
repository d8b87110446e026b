"""Many mails in one request: each judged and answered by itself, stored in one go."""

import asyncio
import json
from typing import Any

import pytest

from franked.doors.http.keyring import make_key
from franked.rules.message import State
from tests.running import Product
from tests.states import states_in


async def batch(product: Product, *messages: Any, key: str | None = None) -> tuple[int, Any]:
    return await post(product, {"messages": list(messages)}, key)


async def post(product: Product, body: Any, key: str | None = None) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key or product.key}", "Content-Type": "application/json"}
    async with product.http.post(f"{product.franked.url}/v1/messages/batch", data=raw, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def stored(product: Product) -> int:
    return sum((await states_in(product.franked.world.store)).values())


async def test_each_is_answered_in_order_and_goes(product: Product) -> None:
    drafts = [product.draft(f"p{n}@example.net") for n in range(20)]
    status, body = await batch(product, *drafts)
    assert (status, {answer["state"] for answer in body["answers"]}) == (200, {"queued"})
    stories = await asyncio.gather(*(product.until(answer["id"]) for answer in body["answers"]))
    assert [story.to.spelled for story in stories] == [draft["to"] for draft in drafts]
    assert {story.state for story in stories} == {State.DELIVERED}
    assert set(product.copies().values()) == {1}
    status, story = await product.get(body["answers"][7]["links"]["story"])
    assert (status, story["to"], "inbox" in body["answers"][7]["links"]) == (200, "p7@example.net", True)


async def test_what_one_is_refused_for_stops_no_other(product: Product) -> None:
    old = {"act": "purchase", "by": "account-1", "at": "2020-01-01T00:00:00Z"}
    status, body = await batch(
        product,
        product.draft("ana@example.net"),
        product.draft("ana"),
        product.draft("ben@example.net", stream="receipt") | {"stream": "recipt"},
        product.draft("cy@example.net", trigger=None),
        product.draft("di@example.net", variables={}),
        product.draft("ed@example.net", idempotency_key="x" * 257),
        product.draft("fay@example.net", trigger=old),
        product.draft("gil@example.net"),
    )
    first, *refused, dropped, last = body["answers"]
    assert (status, first["state"], last["state"]) == (200, "queued", "queued")
    assert (dropped["state"], dropped["reason"]) == ("dropped", "stale_trigger")
    assert (set(first), {tuple(one) for one in refused}) == ({"id", "state", "reason", "hint", "links"}, {("problem",)})
    told = [(one["problem"]["code"], one["problem"]["errors"][0]["pointer"]) for one in refused]
    assert told == [
        ("invalid_address", "/messages/1/to"),
        ("unknown_stream", "/messages/2/stream"),
        ("missing_trigger", "/messages/3/trigger"),
        ("invalid_variables", "/messages/4/variables/number"),
        ("invalid_idempotency_key", "/messages/5/idempotency_key"),
    ]
    assert refused[0]["problem"] | {"errors": [], "detail": ""} == {
        "type": "/problems/invalid_address",
        "title": "`to` is no address",
        "status": 422,
        "detail": "",
        "code": "invalid_address",
        "errors": [],
    }
    assert all(one["problem"]["detail"] and one["problem"]["errors"][0]["detail"] for one in refused)
    assert await stored(product) == 3


async def test_an_idempotency_key_met_again_is_one_message(product: Product) -> None:
    draft = product.draft("ana@example.net", idempotency_key="order-1")
    other = product.draft("ben@example.net", idempotency_key="order-1", trigger=draft["trigger"])
    _, body = await batch(product, draft, draft, other, product.draft("cy@example.net", idempotency_key="order-2"))
    first, second, conflict, fourth = body["answers"]
    assert (first["id"], fourth["id"] != first["id"]) == (second["id"], True)
    assert conflict["problem"]["code"] == "idempotency_conflict"
    assert conflict["problem"]["errors"][0]["pointer"] == "/messages/2/idempotency_key"
    await product.until(first["id"])
    _, again = await batch(product, draft)
    assert again["answers"][0]["id"] == first["id"]
    status, single = await product.post(
        product.draft("ana@example.net", trigger=draft["trigger"]), **{"Idempotency-Key": "order-1"}
    )
    assert (status, single["id"]) == (202, first["id"])
    assert (await stored(product), product.copies()[first["id"]]) == (2, 1)


async def test_a_batch_that_came_twice_at_once_is_sent_once(product: Product) -> None:
    drafts = [product.draft(f"p{n}@example.net", idempotency_key=f"order-{n}") for n in range(50)]
    answers = await asyncio.gather(*(batch(product, *drafts) for _ in range(4)))
    assert len({json.dumps([one["id"] for one in body["answers"]]) for _, body in answers}) == 1
    await asyncio.gather(*(product.until(one["id"]) for one in answers[0][1]["answers"]))
    assert (len(product.copies()), set(product.copies().values())) == (50, {1})


async def test_a_thousand_is_a_batch(product: Product) -> None:
    status, body = await batch(product, *(product.draft(f"p{n}@example.net") for n in range(1000)))
    assert (status, len({answer["id"] for answer in body["answers"]}), await stored(product)) == (200, 1000, 1000)


GOOD = {"stream": "receipt", "to": "ana@example.net", "variables": {"number": "R-1"}}
SHAPES: list[tuple[Any, str]] = [
    ({"messages": []}, "/messages"),
    ({"messages": [GOOD] * 1001}, "/messages"),
    ({"messages": {}}, "/messages"),
    ({}, ""),
    ([GOOD], ""),
    ({"messages": [GOOD], "all": True}, "/all"),
    ({"messages": [GOOD, GOOD | {"to": 5}]}, "/messages/1/to"),
    ({"messages": [GOOD, GOOD | {"idempotency_key": 5}]}, "/messages/1/idempotency_key"),
    ({"messages": [GOOD, GOOD, GOOD | {"surprise": 1}, {"to": 1}]}, "/messages/2/surprise"),
    ({"messages": [GOOD | {"trigger": {"act": "a", "by": "b", "at": "now"}}]}, "/messages/0/trigger/at"),
    ({"messages": [None]}, "/messages/0"),
]


@pytest.mark.parametrize(("body", "pointer"), SHAPES)
async def test_a_wrong_shape_anywhere_stores_nothing(product: Product, body: Any, pointer: str) -> None:
    status, problem = await post(product, body)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "invalid_shape", pointer)
    assert await stored(product) == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"messages": [{"stream": "receipt", "to": "a\\u0000@example.net"}]}', 422, "invalid_text"),
        (b" " * 20_000_001, 413, "too_large"),
    ],
    ids=["cut", "nul", "large"],
)
async def test_a_body_that_is_no_batch_gets_a_problem(product: Product, body: bytes, status: int, code: str) -> None:
    found, problem = await post(product, body)
    assert (found, problem["code"]) == (status, code)


async def test_a_batch_may_be_larger_than_a_message(product: Product) -> None:
    body = json.dumps({"messages": [product.draft("ana@example.net")]}).encode() + b" " * 15_000_000
    assert (await post(product, body))[0] == 200


async def test_without_a_key_a_batch_is_not_even_read(product: Product) -> None:
    status, problem = await post(product, b"{", key="fk_nobody")
    assert (status, problem["code"]) == (401, "unauthorized")


async def test_a_key_sends_through_its_own_streams_only(product: Product) -> None:  # E4
    shown, record = make_key("other", frozenset({"receipt"}), frozenset(), product.clock())
    await product.franked.world.store.add_keys([record])
    product.franked.keyring.forget()
    drafts = product.draft("ana@example.net"), product.draft("ana@example.net", "sign-in-code")
    _, body = await batch(product, *drafts, key=shown)
    accepted, refused = body["answers"]
    assert (accepted["state"], refused["problem"]["code"], refused["problem"]["status"]) == (
        "queued",
        "not_allowed",
        403,
    )
    assert refused["problem"]["errors"][0]["pointer"] == "/messages/1/stream"
