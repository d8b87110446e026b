"""Two parts of a product, each with its own key, stream and sender: neither gets at what is the other's (E4)."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from franked.backends.local.faults import Fault, SendFault
from franked.doors.http.keyring import make_key
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State
from tests.running import Product
from tests.states import states_in

LONG_AFTER_THE_LEASE = timedelta(seconds=80) + unknown_wait(Lane.NORMAL)
STREAMS = {"sign-in-code": "no-reply@backup.example.com", "receipt": "billing@backup.example.com"}
BOTH_WAYS = pytest.mark.parametrize(("mine", "theirs"), [("sign-in-code", "receipt"), ("receipt", "sign-in-code")])
HELD_FOR_A_PERSON = pytest.mark.settings(('if_unknown = "resend"', 'if_unknown = "hold"'))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the product: what it sends, as whom, and what it has to say so."""

    product: Product
    stream: str
    key: str

    @property
    def sender(self) -> str:
        return STREAMS[self.stream]

    def draft(self, **fields: Any) -> dict[str, Any]:
        return self.product.draft("ana@example.net", self.stream, **fields)

    async def send(self) -> str:
        status, answer = await self.product.post(self.draft(), self.key)
        assert status == 202, answer
        return str(answer["id"])

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        url = self.product.franked.url + path
        async with self.product.http.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def listed(self, path: str) -> list[str]:
        status, page = await self.ask("GET", path)
        assert status == 200, page
        return [told["id"] for told in page["messages"]]


async def part(product: Product, stream: str) -> Part:
    shown, record = make_key(stream, frozenset({stream}), frozenset({STREAMS[stream]}), product.clock())
    await product.franked.world.store.add_keys([record])
    product.franked.keyring.forget()
    return Part(product, stream, shown)


async def parts(product: Product, *streams: str) -> list[Part]:
    return [await part(product, stream) for stream in streams]


async def until(product: Product, message: str, state: State) -> None:
    """What is to be tried again later is tried at once."""
    async with asyncio.timeout(10):
        while (story := await product.story(message)).state is not state:
            if story.state is State.QUEUED and story.due_at > product.clock():
                product.clock.move(minutes=1)
                product.franked.world.bell.ring()
            await asyncio.sleep(0.02)


async def stored(product: Product) -> int:
    return sum((await states_in(product.franked.world.store)).values())


@BOTH_WAYS
async def test_each_sends_as_itself_and_through_no_stream_of_the_other(
    product: Product, mine: str, theirs: str
) -> None:
    me, them = await parts(product, mine, theirs)
    message = await me.send()
    await product.until(message)
    [mail] = product.simulator.taken()
    assert me.sender in (await product.story(message)).sender and mail.recipient == "ana@example.net"
    for draft in (them.draft(), them.draft(**{"from": f"Us <{me.sender}>"})):
        status, problem = await product.post(draft, me.key)
        assert (status, problem["code"], problem["errors"][0]["pointer"]) == (403, "not_allowed", "/stream")
    _, batch = await me.ask("POST", "/v1/messages/batch", {"messages": [them.draft(), me.draft()]})
    refused, accepted = batch["answers"]
    assert (refused["problem"]["code"], accepted["state"]) == ("not_allowed", "queued")
    assert await stored(product) == 2


@BOTH_WAYS
async def test_neither_sends_as_the_other(product: Product, mine: str, theirs: str) -> None:
    me, them = await parts(product, mine, theirs)
    for sender in (them.sender, them.sender.upper(), f"Us <{them.sender}>", f'"{me.sender}" <{them.sender}>'):
        draft = me.draft(**{"from": sender})
        status, problem = await product.post(draft, me.key)
        assert (status, problem["code"], problem["errors"][0]["pointer"]) == (403, "not_allowed", "/from")
        _, batch = await me.ask("POST", "/v1/messages/batch", {"messages": [draft]})
        assert batch["answers"][0]["problem"]["errors"][0]["pointer"] == "/messages/0/from"
    assert await stored(product) == 0


async def test_a_stream_of_ones_own_lends_nobody_its_sender(product: Product) -> None:
    """The stream alone is not enough: a key bound to a sender sends as no other, not even as the stream's own."""
    shown, record = make_key("odd", frozenset({"receipt"}), frozenset({STREAMS["sign-in-code"]}), product.clock())
    await product.franked.world.store.add_keys([record])
    status, problem = await product.post(product.draft("ana@example.net"), shown)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (403, "not_allowed", "/from")


@BOTH_WAYS
async def test_neither_reads_nor_lists_what_the_other_brought(product: Product, mine: str, theirs: str) -> None:
    me, them = await parts(product, mine, theirs)
    message, other = await me.send(), await them.send()
    await asyncio.gather(product.until(message), product.until(other))
    found = await me.ask("GET", f"/v1/messages/{other}")
    assert found == await me.ask("GET", "/v1/messages/m_00000000000000000000000000")  # not even that it is there
    assert (found[0], found[1]["code"]) == (404, "not_found")
    assert await me.listed("/v1/messages") == [message]
    assert await me.listed(f"/v1/messages?stream={theirs}") == []
    assert await me.listed("/v1/messages?to=ana@example.net") == [message]
    assert await them.listed("/v1/messages") == [other]


@BOTH_WAYS
async def test_a_cursor_of_the_other_opens_nothing(product: Product, mine: str, theirs: str) -> None:
    me, them = await parts(product, mine, theirs)
    message = await me.send()
    await them.send()
    await them.send()
    _, page = await them.ask("GET", "/v1/messages?limit=1")
    assert page["next"]
    assert set(await me.listed(f"/v1/messages?after={page['next']}")) <= {message}


@BOTH_WAYS
@pytest.mark.settings(("production = true", "production = false"))
async def test_neither_takes_back_what_the_other_brought(product: Product, mine: str, theirs: str) -> None:
    me, them = await parts(product, mine, theirs)
    message = await them.send()
    status, problem = await me.ask("DELETE", f"/v1/messages/{message}")
    assert (status, problem["code"]) == (404, "not_found")
    assert (await product.story(message)).state is State.HELD
    assert (await them.ask("DELETE", f"/v1/messages/{message}"))[0] == 200


@BOTH_WAYS
async def test_neither_sees_nor_replays_a_dead_letter_of_the_other(product: Product, mine: str, theirs: str) -> None:
    me, them = await parts(product, mine, theirs)
    product.simulator.plan(Fault(SendFault.ERROR_503, times=3))
    message = await them.send()
    await until(product, message, State.DEAD)
    assert (await me.listed("/v1/dead"), await them.listed("/v1/dead")) == ([], [message])
    path = f"/v1/messages/{message}/replay"
    status, problem = await me.ask("POST", path, {"why": "I want to"})
    assert (status, problem["code"]) == (404, "not_found")
    story = await product.story(message)
    assert (story.state, [entry for entry in story.ledger if entry.what == "replayed"]) == (State.DEAD, [])
    assert (await them.ask("POST", path, {"why": "SES is back"}))[0] == 200


@BOTH_WAYS
@HELD_FOR_A_PERSON
async def test_neither_sees_nor_releases_what_waits_for_the_other(product: Product, mine: str, theirs: str) -> None:
    me, them = await parts(product, mine, theirs)
    product.simulator.plan(Fault(SendFault.RESET))
    message = await them.send()
    await product.until(message, State.UNKNOWN)
    product.clock.move(seconds=LONG_AFTER_THE_LEASE.total_seconds())
    await product.until(message, State.HELD)
    unknown = "/v1/dead?stop=unknown_outcome"
    assert (await me.listed(unknown), await them.listed(unknown)) == ([], [message])
    path, why = f"/v1/messages/{message}/release", {"why": "it never came"}
    status, problem = await me.ask("POST", path, why)
    assert (status, problem["code"]) == (404, "not_found")
    assert (await product.story(message)).state is State.HELD
    assert (await them.ask("POST", path, why))[0] == 200


async def test_one_idempotency_key_of_two_keys_is_two_messages(product: Product) -> None:
    me, them = await parts(product, "receipt", "receipt")
    draft, headers = me.draft(), {"Idempotency-Key": "order-1"}
    posts = [await product.post(draft, key, **headers) for key in (me.key, them.key, me.key)]
    assert [status for status, _ in posts] == [202] * 3
    message, other, again = (answer["id"] for _, answer in posts)
    assert message == again != other


async def test_what_is_the_administrators_is_closed_to_both(product: Product) -> None:
    for me in await parts(product, *STREAMS):
        for method, path in (
            ("GET", "/v1/keys"),
            ("POST", "/v1/keys"),
            ("POST", f"/v1/keys/{me.key[3:11]}/rotate"),
            ("DELETE", f"/v1/keys/{me.key[3:11]}"),
            ("GET", "/v1/suppressions"),
        ):
            body = {"name": "more"} if (method, path) == ("POST", "/v1/keys") else None
            status, problem = await me.ask(method, path, body)
            assert (status, problem["code"]) == (403, "not_allowed"), path


async def test_an_administrators_key_is_like_that_of_the_command_line_until_it_is_revoked(
    product: Product,
) -> None:
    desk = Part(product, "receipt", product.franked.control_key)
    status, made = await desk.ask("POST", "/v1/keys", {"name": "back-office", "administrator": True})
    assert status == 201, made
    office = Part(product, "receipt", made["key"])
    status, keys = await office.ask("GET", "/v1/keys")
    assert (status, {one["name"]: one["administrator"] for one in keys}["back-office"]) == (200, True)
    assert {one["administrator"] for one in keys if one["name"] != "back-office"} <= {False}
    status, _ = await office.ask("POST", "/v1/keys", {"name": "shop"})
    assert status == 201
    async with product.http.delete(
        f"{product.franked.url}/v1/keys/{made['id']}", headers={"Authorization": f"Bearer {office.key}"}
    ) as answer:
        assert answer.status == 204
    assert (await office.ask("GET", "/v1/keys"))[0] == 401
