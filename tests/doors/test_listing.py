"""The messages in a list, and those that are taken back before they went."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from franked.backends.local.faults import Fault, SendFault
from franked.doors.http.keyring import make_key
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.pace import LaneWait
from tests.running import Product

LONG_AFTER_THE_LEASE = timedelta(seconds=80) + unknown_wait(Lane.NORMAL)
IN_THE_SANDBOX = pytest.mark.settings(("production = true", "production = false"))


async def listed(product: Product, query: str = "", key: str | None = None) -> list[str]:
    status, page = await product.get(f"/v1/messages?{query}", key=key)
    assert status == 200, page
    return [one["id"] for one in page["messages"]]


async def sent(product: Product, to: str, stream: str = "receipt", **fields: Any) -> str:
    """It has come to rest."""
    answer = await product.send(to, stream, **fields)
    return (await product.until(answer["id"])).id


async def take_back(product: Product, message: str, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.key}"}
    async with product.http.delete(f"{product.franked.url}/v1/messages/{message}", headers=headers) as answer:
        return answer.status, await answer.json()


async def another_key(product: Product) -> str:
    shown, record = make_key("other", frozenset(), frozenset(), product.clock())
    await product.franked.world.store.add_keys([record])
    product.franked.keyring.forget()
    return shown


# --- lists ------------------------------------------------------------------------------------------------------------


async def test_a_list_says_of_each_where_it_stands_and_links_to_its_story(product: Product) -> None:
    assert await product.get("/v1/messages") == (200, {"messages": [], "next": None})
    message = await sent(product, "Ana@example.net")
    _, page = await product.get("/v1/messages")
    [told] = page["messages"]
    assert (told["id"], told["stream"], told["to"]) == (message, "receipt", "Ana@example.net")
    assert (told["state"], told["reason"], page["next"]) == ("delivered", None, None)
    status, story = await product.get(told["links"]["story"])
    assert (status, story["accepted_at"]) == (200, told["accepted_at"])


async def test_each_filter_does_what_its_name_says(product: Product) -> None:
    ana = await sent(product, "ana@example.net")
    digest = await sent(product, "ana@example.net", "digest")
    bounced = await sent(product, "bounce@simulator.amazonses.com")
    dropped = await sent(product, "bounce@simulator.amazonses.com")
    assert await listed(product) == [dropped, bounced, digest, ana]
    assert await listed(product, "stream=digest") == [digest]
    assert await listed(product, "stream=no-longer-declared") == []
    assert await listed(product, "state=bounced") == [bounced]
    assert await listed(product, "state=dropped&reason=suppressed") == [dropped]
    assert await listed(product, "reason=suppressed&stream=digest") == []
    assert await listed(product, "to=ANA@Example.net") == [digest, ana]
    assert await listed(product, "to=ana@example.net&stream=receipt") == [ana]


async def test_an_address_is_met_in_each_of_its_spellings(product: Product) -> None:
    message = await sent(product, "ana@bücher.example")
    assert await listed(product, f"to={quote('Ana@BÜCHER.example')}") == [message]
    assert await listed(product, "to=ana@xn--bcher-kva.example") == [message]


async def test_a_time_is_from_then_on_and_until_before(product: Product) -> None:
    first = await sent(product, "ana@example.net")
    product.clock.move(hours=2)
    second = await sent(product, "ben@example.net")
    between = quote((product.clock() - timedelta(hours=1)).isoformat())
    assert await listed(product, f"since={between}") == [second]
    assert await listed(product, f"until={between}") == [first]
    exactly = quote((await product.story(second)).accepted_at.isoformat())
    assert await listed(product, f"since={exactly}") == [second]
    assert await listed(product, f"until={exactly}") == [first]
    assert await listed(product, "since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z") == [second, first]


async def test_pages_go_to_the_last_without_a_gap(product: Product) -> None:
    answers = await asyncio.gather(*(product.send(f"p{n}@example.net") for n in range(7)))
    seen: list[str] = []
    after: str | None = ""
    pages = 0
    while after is not None:
        _, page = await product.get(f"/v1/messages?limit=3&after={after}")
        seen += [one["id"] for one in page["messages"]]
        after, pages = page["next"], pages + 1
    assert (pages, seen) == (3, sorted((answer["id"] for answer in answers), reverse=True))


async def test_a_key_lists_its_own_messages_the_administrator_all(product: Product) -> None:  # E4
    other = await another_key(product)
    mine = await sent(product, "ana@example.net")
    status, theirs = await product.post(product.draft("ana@example.net"), key=other)
    assert status == 202
    assert await listed(product) == [mine]
    assert await listed(product, "to=ana@example.net", key=other) == [theirs["id"]]
    assert await listed(product, f"after={theirs['id']}") == [mine]
    assert await listed(product, key=product.franked.control_key) == [theirs["id"], mine]
    assert (await product.get("/v1/messages", key="nonsense"))[0] == 401


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=lost", "`state`: the states are: queued, held, sending"),
        ("state=", "`state`"),
        ("to=ana", "`to`: "),
        ("to=ana@example.net,ben@example.net", "`to`: "),
        ("stream=a%00b", "`stream`"),
        ("reason=a%20b", "`reason`"),
        ("since=yesterday", "`since`: it is no time"),
        ("since=2026-03-04T10:15:00", "`since`: it is no time with `Z` or an offset"),
        ("until=10:15", "`until`"),
        ("after=nonsense", "`after`: it is no `next` of a page before"),
        ("after=m_01kjv281d0000000000000000'", "`after`"),
        ("adress=ana@example.net", "`adress`: there is no such parameter; there are: stream, state, reason, to"),
        ("state=sent&state=queued", "`state`: it is given more than once"),
    ],
)
async def test_a_query_that_can_not_be_answered_says_which_parameter(product: Product, query: str, said: str) -> None:
    status, problem = await product.get(f"/v1/messages?{query}")
    assert (status, problem["code"]) == (422, "invalid_query")
    assert said in problem["detail"]


@pytest.mark.parametrize("limit", ["0", "201", "many"])
async def test_a_page_has_one_to_two_hundred(product: Product, limit: str) -> None:
    status, problem = await product.get(f"/v1/messages?limit={limit}")
    assert (status, problem["code"]) == (422, "invalid_query")


# --- taken back -------------------------------------------------------------------------------------------------------


@IN_THE_SANDBOX
async def test_what_is_held_is_taken_back_and_never_goes(product: Product) -> None:
    held = await product.send("ana@example.net")
    assert held["state"] == "held"
    status, answer = await take_back(product, held["id"])
    assert (status, answer["id"], answer["state"], answer["reason"]) == (200, held["id"], "dropped", "cancelled")
    assert answer["links"]["story"] == f"/v1/messages/{held['id']}"
    _, story = await product.get(answer["links"]["story"])
    assert [(line["what"], line["why"], line["by"]) for line in story["ledger"]][-1] == ("dropped", "cancelled", "test")
    assert (story["variables"], await listed(product, "reason=cancelled")) == (None, [held["id"]])
    assert product.copies() == {}


async def test_what_is_queued_is_taken_back_and_never_goes(product: Product) -> None:
    lane = LaneWait(product.clock() + timedelta(minutes=5), "a test")
    await product.franked.world.store.close_lane(Lane.NORMAL, lane)
    queued = await product.send("ana@example.net")
    assert (await take_back(product, queued["id"]))[1]["state"] == "dropped"
    product.clock.move(minutes=6)
    product.franked.world.bell.ring()
    await sent(product, "ben@example.net")
    assert queued["id"] not in product.copies()


async def test_what_went_is_not_taken_back(product: Product) -> None:
    message = await sent(product, "ana@example.net")
    status, problem = await take_back(product, message)
    assert (status, problem["code"], "it is delivered" in problem["detail"]) == (409, "not_cancellable", True)
    assert (await product.story(message)).state is State.DELIVERED


async def test_what_may_have_arrived_waits_for_a_person_instead(product: Product) -> None:
    product.simulator.plan(Fault(SendFault.RESET))
    answer = await product.send("ana@example.net")
    await product.until(answer["id"], State.UNKNOWN)
    assert "it is unknown" in (await take_back(product, answer["id"]))[1]["detail"]
    product.clock.move(seconds=LONG_AFTER_THE_LEASE.total_seconds())
    await product.until(answer["id"], State.HELD)
    status, problem = await take_back(product, answer["id"])
    assert (status, problem["code"]) == (409, "not_cancellable")
    assert "it is held (unknown_outcome)" in problem["detail"]


@IN_THE_SANDBOX
async def test_of_many_who_take_it_back_one_did(product: Product) -> None:
    held = await product.send("ana@example.net")
    answers = await asyncio.gather(*(take_back(product, held["id"]) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409]
    _, problem = await take_back(product, held["id"])
    assert "it is dropped (cancelled)" in problem["detail"]


@IN_THE_SANDBOX
async def test_a_key_takes_back_its_own_the_administrator_any(product: Product) -> None:  # E4
    held = await product.send("ana@example.net")
    status, problem = await take_back(product, held["id"], key=await another_key(product))
    assert (status, problem["code"]) == (404, "not_found")
    assert (await take_back(product, "m_nobody"))[0] == 404
    assert (await take_back(product, held["id"], key="nonsense"))[0] == 401
    assert (await take_back(product, held["id"], key=product.franked.control_key))[0] == 200
    entry = (await product.story(held["id"])).ledger[-1]
    assert (entry.what, entry.why, entry.by) == ("dropped", "cancelled", "command line")
