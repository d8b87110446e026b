"""A person's data in their hands, or gone; an account that is deleted (D8, A8): by HTTP, by command, in the inbox."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from franked.doors.http.keyring import make_key
from franked.rules.message import State
from tests.commandline import Said, franked
from tests.running import Product

ANA = "ana@example.net"


async def ask(product: Product, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def export(product: Product, address: str = ANA) -> dict[str, Any]:
    status, told = await ask(product, "GET", f"/v1/people/{address}/export")
    assert status == 200, told
    return dict(told["records"])


async def erase(product: Product, address: str = ANA) -> dict[str, Any]:
    status, told = await ask(product, "DELETE", f"/v1/people/{address}?why=asked")
    assert status == 200, told
    return dict(told)


def in_a_day(product: Product) -> str:
    return (product.clock() + timedelta(days=1)).isoformat()


async def said(product: Product, *arguments: str) -> Said:
    return await asyncio.to_thread(franked, product.folder, *arguments)


async def test_a_person_gets_all_that_is_known(product: Product) -> None:  # D8
    sent = await product.send("Ana@example.net")
    await product.until(sent["id"], State.DELIVERED)
    waits = await product.send(ANA, send_at=in_a_day(product))
    code = await product.send(ANA, "sign-in-code", send_at=in_a_day(product))
    await product.send("bo@example.net")
    records = await export(product)
    assert {row["id"]: row["variables"] for row in records["messages"]} == {
        sent["id"]: None,
        waits["id"]: {"number": "R-1"},
        code["id"]: None,  # no code ever leaves
    }
    assert records["messages"][0]["trigger_by"] == "account-1"
    assert {row["kind"] for row in records["events"]} == {"send", "delivery"}
    assert [row["outcome"] for row in records["attempts"]] == ["sent"]
    assert [row["recipient"] for row in records["origins"]] == ["Ana@example.net"]
    assert "bo@example.net" not in json.dumps(records)
    assert "424242" not in json.dumps(records)


async def test_who_is_erased_is_mailed_no_more_and_nothing_is_left(product: Product) -> None:  # D8
    sent = await product.send(ANA)
    await product.until(sent["id"], State.DELIVERED)
    waits = await product.send(ANA, send_at=in_a_day(product))
    done = await erase(product)
    assert (done["messages"], done["dropped"]) == (2, 1)
    status, story = await product.get(f"/v1/messages/{waits['id']}")
    assert (status, story["state"], story["reason"], story["to"]) == (200, "dropped", "erased", done["stands_as"])
    assert story["hint"].startswith("Its recipient's data was erased")
    product.clock.move(days=2)
    later = await product.send(ANA)
    assert (later["state"], later["reason"]) == ("dropped", "suppressed")
    assert [mail.recipient for mail in product.simulator.taken()] == [ANA]
    status, person = await ask(product, "GET", f"/v1/people/{ANA}")
    assert (person["suppression"]["why"], person["suppression"]["address"]) == ("erased", done["stands_as"])
    assert person["origin"] is None
    status, page = await product.get(f"/v1/messages?to={ANA}")
    assert page["messages"] == []
    assert ANA not in json.dumps(await export(product))


async def test_an_import_does_not_take_up_who_was_erased(product: Product) -> None:  # D8
    await erase(product)
    people = {"source": "the old shop", "addresses": [ANA, "bo@example.net"]}
    _, told = await ask(product, "POST", "/v1/people/import", people)
    assert [one["result"] for one in told["results"]] == ["erased", "added"]
    _, listed = await ask(product, "POST", "/v1/suppressions", {"address": ANA, "reason": "rang"})
    assert (listed["result"], listed["suppression"]["why"]) == ("already", "erased")


async def test_a_person_who_comes_back_can_be_mailed_again(product: Product) -> None:
    await erase(product)
    status, lifted = await ask(product, "DELETE", f"/v1/suppressions/{ANA}?why=signed+up+again")
    assert (status, lifted["lifted"]["why"]) == (200, "erased")
    sent = await product.send(ANA)
    assert (await product.until(sent["id"])).state is State.DELIVERED


async def test_a_deleted_account_gets_the_goodbye_and_nothing_else(product: Product) -> None:  # A8
    waits = await product.send(ANA, send_at=in_a_day(product))
    _, told = await ask(product, "DELETE", "/v1/accounts/account-1?why=deleted+it&keep=receipt&keep=note")
    assert (told["keep"], told["dropped"]) == (["note", "receipt"], 0)
    _, told = await ask(product, "DELETE", "/v1/accounts/account-1?why=deleted+it&keep=note")
    assert told == {"account": "account-1", "keep": ["note"], "dropped": 1}
    assert (await product.story(waits["id"])).reason == "account_deleted"
    refused = await product.send(ANA)
    assert (refused["state"], refused["reason"]) == ("dropped", "account_deleted")
    goodbye = await product.send(ANA, "note", content={"subject": "Goodbye", "text": "Your account is gone."})
    assert (await product.until(goodbye["id"])).state is State.DELIVERED
    other = {"act": "purchase", "by": "account-2", "at": product.clock().isoformat()}
    theirs = await product.send(ANA, trigger=other)
    assert (await product.until(theirs["id"])).state is State.DELIVERED


async def test_a_deletion_can_be_taken_back(product: Product) -> None:  # A8
    again = {"why": "the wrong account"}
    assert (await ask(product, "POST", "/v1/accounts/account-1/reopen", again))[0] == 404
    await ask(product, "DELETE", "/v1/accounts/account-1?why=asked")
    assert (await ask(product, "POST", "/v1/accounts/account-1/reopen", again))[0] == 200
    assert (await product.send(ANA))["state"] == "queued"


async def test_odd_questions_are_answered_in_words(product: Product) -> None:
    for method, path, code in (
        ("DELETE", f"/v1/people/{ANA}", "invalid_query"),
        ("DELETE", f"/v1/people/{ANA}?why=+", "invalid_query"),
        ("DELETE", "/v1/people/nobody?why=asked", "invalid_address"),
        ("GET", "/v1/people/nobody/export", "invalid_address"),
        ("DELETE", "/v1/accounts/account-1?why=asked&keep=nothing", "unknown_stream"),
    ):
        assert (await ask(product, method, path))[1]["code"] == code
    for method, path in (
        ("DELETE", f"/v1/people/{ANA}?why=asked"),
        ("GET", f"/v1/people/{ANA}/export"),
        ("POST", "/v1/accounts/account-1/reopen"),
    ):
        assert (await ask(product, method, path, key=product.key))[1]["code"] == "not_allowed"


async def test_a_products_own_key_ends_an_account_if_it_may_use_every_stream(product: Product) -> None:  # A8
    """A part of a product stops no other part's mail."""
    world = product.franked.world
    path = "/v1/accounts/account-1?why=asked"
    part, made = make_key("a part", frozenset(world.declared.streams.keys() - {"digest"}), frozenset(), world.now())
    whole, also = make_key("the product", frozenset(world.declared.streams), frozenset(), world.now())
    await world.store.add_keys([made, also])
    assert [(await ask(product, "DELETE", path, key=key))[0] for key in (part, whole)] == [403, 200]
    assert (await product.send(ANA))["reason"] == "account_deleted"


async def test_people_are_exported_and_erased_on_the_command_line(product: Product) -> None:  # D8
    sent = await product.send(ANA)
    await product.until(sent["id"], State.DELIVERED)
    exported = await said(product, "people", "export", ANA, "--out", "ana.json")
    file = product.folder / "ana.json"
    assert (exported.status, file.stat().st_mode & 0o777) == (0, 0o600)
    assert json.loads(file.read_text())["records"]["messages"][0]["id"] == sent["id"]
    erased = await said(product, "people", "erase", ANA, "--why", "asked by letter")
    assert (erased.status, "1 messages (0 of them still waited)" in erased.out) == (0, True)
    again = await said(product, "people", "export", ANA)
    assert ANA not in json.dumps(json.loads(again.out)["records"])
