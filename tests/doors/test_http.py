"""The HTTP door: clear answers to bad input, keys that open only what they may, health that tells the truth."""

import asyncio
import json
from datetime import timedelta

import pytest

from franked.doors.http.keyring import make_key
from franked.record import ApiKey
from franked.rules.message import State
from tests.running import Product


async def key_for(
    product: Product, *, streams: set[str] | None = None, senders: set[str] | None = None
) -> tuple[str, ApiKey]:
    shown, record = make_key("other", frozenset(streams or ()), frozenset(senders or ()), product.clock())
    await product.franked.world.store.add_keys([record])
    product.franked.keyring.forget()
    return shown, record


@pytest.mark.parametrize("key", ["", "fk_aaaaaaaa_" + "b" * 32, "fk_x", "Basic x", "ü"])
async def test_without_a_valid_key_nothing_opens(product: Product, key: str) -> None:
    status, problem = await product.post(product.draft("ana@example.net"), key=key.encode().decode("latin-1") or "x")
    assert (status, problem["code"]) == (401, "unauthorized")


async def test_a_revoked_key_opens_nothing(product: Product) -> None:
    shown, record = await key_for(product)
    assert (await product.post(product.draft("ana@example.net"), key=shown))[0] == 202
    await product.franked.world.store.revoke_keys([record.caller.key_id], product.clock())
    product.franked.keyring.forget()
    assert (await product.post(product.draft("ana@example.net"), key=shown))[0] == 401


async def test_a_key_sends_through_its_own_streams_and_senders_only(product: Product) -> None:  # E4
    shown, _ = await key_for(product, streams={"receipt"}, senders={"billing@backup.example.com"})
    assert (await product.post(product.draft("ana@example.net"), key=shown))[0] == 202
    status, problem = await product.post(product.draft("ana@example.net", "sign-in-code"), key=shown)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (403, "not_allowed", "/stream")


async def test_a_key_sees_its_own_messages_only(product: Product) -> None:  # E4
    other, _ = await key_for(product)
    answer = await product.send("ana@example.net")
    status, problem = await product.get(answer["links"]["story"], key=other)
    assert (status, problem["code"]) == (404, "not_found")
    assert (await product.get(answer["links"]["story"]))[0] == 200
    assert (await product.get(answer["links"]["story"], key=product.franked.control_key))[0] == 200


async def test_a_sender_that_a_key_was_given_may_be_used(product: Product) -> None:
    shown, _ = await key_for(product, senders={"boss@backup.example.com", "billing@backup.example.com"})
    status, answer = await product.post(
        product.draft("ana@example.net") | {"from": "Boss <boss@backup.example.com>"}, key=shown
    )
    assert status == 202
    assert (await product.until(answer["id"])).sender == "Boss <boss@backup.example.com>"


async def test_keys_are_made_listed_and_revoked_by_the_administrator_only(product: Product) -> None:
    assert (await product.get("/v1/keys"))[0] == 403
    admin = {"Authorization": f"Bearer {product.franked.control_key}"}
    url = f"{product.franked.url}/v1/keys"
    async with product.http.post(url, json={"name": "shop", "streams": ["receipt"]}, headers=admin) as answer:
        made = await answer.json()
        assert answer.status == 201
    assert (await product.post(product.draft("ana@example.net"), key=made["key"]))[0] == 202
    _, keys = await product.get("/v1/keys", key=product.franked.control_key)
    assert made["key"] not in json.dumps(keys)
    async with product.http.delete(f"{url}/{made['id']}", headers=admin) as answer:
        assert answer.status == 204
    assert (await product.post(product.draft("ana@example.net"), key=made["key"]))[0] == 401


async def test_an_act_too_long_ago_is_dropped_with_the_reason(product: Product) -> None:
    old = (product.clock() - timedelta(hours=25)).isoformat()
    answer = await product.send("ana@example.net", trigger={"act": "purchase", "by": "account-1", "at": old})
    assert (answer["state"], answer["reason"]) == ("dropped", "stale_trigger")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
async def test_an_act_at_a_time_that_utc_can_not_say_is_recorded_and_read_again(product: Product, at: str) -> None:
    """What a program sends that left its time at zero, in a time zone."""
    answer = await product.send("ana@example.net", trigger={"act": "purchase", "by": "account-1", "at": at})
    assert (answer["state"], answer["reason"]) == ("dropped", "stale_trigger")
    status, story = await product.get(f"/v1/messages/{answer['id']}")
    assert (status, story["trigger"]["at"][:4]) == (200, at[:4])
    assert (await product.get("/v1/people/ana@example.net", key=product.franked.control_key))[0] == 200


async def test_a_request_to_upgrade_is_answered_and_leaves_no_line_in_the_log(product: Product) -> None:
    """Its body is not read: what follows such a request could be another protocol. It had been waited for, for ever."""
    upgrade = {"Connection": "upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    async with asyncio.timeout(30):
        status, problem = await product.post(product.draft("ana@example.net"), **upgrade)
    assert (status, problem["code"]) == (422, "invalid_shape")
    assert product.logged("uvicorn.error") == []


async def test_an_international_domain_is_sent_in_its_ascii_form(product: Product) -> None:
    answer = await product.send("ana@bücher.example")
    assert (await product.until(answer["id"])).to.spelled == "ana@xn--bcher-kva.example"


async def test_ready_says_what_is_wrong_and_stays_ready(product: Product) -> None:
    assert await product.get("/readyz") == (200, {"status": "ready", "warnings": []})
    assert (await product.get("/livez"))[1] == "alive"
    for path in ("/livez", "/readyz"):
        async with product.http.head(product.franked.url + path) as answer:
            assert (answer.status, await answer.read()) == (200, b"")


@pytest.mark.settings(("production = true", "production = false"))
async def test_ready_names_the_sandbox(product: Product) -> None:
    _, health = await product.get("/readyz")
    assert [warning.partition(":")[0] for warning in health["warnings"]] == ["sandbox"]


async def test_one_request_s_id_leads_from_its_door_to_its_mail_s_end(product: Product) -> None:  # E6
    _, answer = await product.post(product.draft("ana@example.net"), **{"X-Request-Id": "checkout-7"})
    whats = ("accepted", "attempt", "event")
    async with asyncio.timeout(10):
        while len(lines := [line for what in whats for line in product.logged(what)]) < 4:
            await asyncio.sleep(0.01)
    told = [(line["event"], line["request"], line["message"]) for line in lines]
    assert told == [(what, "checkout-7", answer["id"]) for what in ("accepted", "attempt", "event", "event")]
    assert [line["outcome"] for line in product.logged("attempt")] == ["sent"]


async def test_metrics_count_what_happened(product: Product) -> None:
    answer = await product.send("ana@example.net")
    await product.until(answer["id"], State.DELIVERED)
    _, text = await product.get("/metrics")
    assert 'franked_messages{state="queued"} 0.0' in text
    assert 'franked_events_total{stream="receipt",what="delivered"} 1.0' in text
    assert 'franked_events_total{stream="receipt",what="accepted"} 1.0' in text
    assert "franked_quota_used 1.0" in text


async def test_what_is_not_there_is_a_problem_too(product: Product) -> None:
    assert (await product.get("/v1/nothing"))[1]["code"] == "not_found"
    _, text = await product.get("/problems/unknown_stream")
    assert "franked.toml" in text


async def test_the_inbox_shows_the_mail_that_an_answer_links_to(product: Product) -> None:
    answer = await product.send("ana@example.net")
    await product.until(answer["id"])
    async with product.http.get(answer["links"]["inbox"]) as page:
        assert page.status == 200
        assert "Your receipt R-1" in await page.text()


async def test_many_at_once_are_each_answered(product: Product) -> None:
    answers = await asyncio.gather(*(product.send(f"reader{n}@example.net") for n in range(200)))
    assert len({answer["id"] for answer in answers}) == 200
