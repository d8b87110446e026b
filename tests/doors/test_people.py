"""What is known of an address, whom SES may verify, and what can be sent: over HTTP and on the command line."""

import asyncio
import json
from typing import Any

import pytest

from franked.rules.message import State
from tests.commandline import Said, together
from tests.product import settings_in
from tests.running import Product

SANDBOX = pytest.mark.settings(("production = true", "production = false"))
SOURCE = "sign-ups of the old shop, export of 3 March"


async def ask(product: Product, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def person(product: Product, address: str) -> dict[str, Any]:
    status, told = await ask(product, "GET", f"/v1/people/{address}")
    assert status == 200, told
    return dict(told)


async def bring(product: Product, *addresses: str) -> dict[str, Any]:
    status, told = await ask(product, "POST", "/v1/people/import", {"source": SOURCE, "addresses": addresses})
    assert status == 200, told
    return dict(told)


async def commands(product: Product, *asked: tuple[str, ...]) -> list[Said]:
    return await asyncio.to_thread(together, product.folder, *asked)


# --- origins ----------------------------------------------------------------------------------------------------------


async def test_the_first_mail_to_an_address_is_its_origin(product: Product) -> None:  # F4
    first = await product.send("Ana@example.net")
    product.clock.move(days=1)
    await product.send("ana@example.net")
    origin = (await person(product, "ana@example.net"))["origin"]
    assert origin["message"] == first["id"]
    assert (origin["stream"], origin["source"], origin["key"]) == ("receipt", None, "test")
    assert (origin["trigger"]["act"], origin["trigger"]["by"]) == ("purchase", "account-1")


async def test_an_import_says_what_it_did_and_keeps_what_was_known(product: Product) -> None:  # F4
    await product.send("ana@example.net")
    done = await bring(product, "ana@example.net", "ben@example.net", "Ben@example.net", "nobody", "cy@example.net")
    assert (done["added"], done["known"], done["invalid"]) == (2, 2, 1)
    assert [one["result"] for one in done["results"]] == ["known", "added", "known", "invalid", "added"]
    assert "@" in done["results"][3]["why"]
    known, new = await person(product, "ana@example.net"), await person(product, "ben@example.net")
    assert known["origin"]["stream"] == "receipt"
    assert (new["origin"]["source"], new["origin"]["stream"]) == (SOURCE, None)
    assert new["origin"]["trigger"]["act"] == "import"


@pytest.mark.parametrize("source", [None, "", "   "])
async def test_without_a_source_there_is_no_import(product: Product, source: str | None) -> None:  # F4
    body = {"addresses": ["dora@example.net"]} | ({} if source is None else {"source": source})
    for path in ("/v1/people/import", "/v1/suppressions/import"):
        status, problem = await ask(product, "POST", path, body)
        assert (status, problem["code"]) == (422, "invalid_shape")
        assert "source" in json.dumps(problem["errors"])
    assert (await person(product, "dora@example.net"))["origin"] is None


async def test_an_import_sends_nothing_and_is_no_consent(product: Product) -> None:
    await bring(product, "eve@example.net")
    status, page = await product.get("/v1/messages?to=eve@example.net", key=product.franked.control_key)
    assert (status, page["messages"]) == (200, [])


# --- what would become of a mail --------------------------------------------------------------------------------------


async def test_a_person_on_the_list_is_told_with_what_it_means_for_each_stream(product: Product) -> None:
    sent = await product.send("bounce+1@simulator.amazonses.com")
    await product.until(sent["id"], State.BOUNCED)
    told = await person(product, "bounce+1@simulator.amazonses.com")
    assert told["suppression"]["why"] == "hard_bounce"
    assert {(one["state"], one["reason"]) for one in told["mail"]} == {("dropped", "suppressed")}
    assert "franked suppressions" in told["mail"][0]["hint"]


@SANDBOX
async def test_a_hold_says_what_releases_it_and_that_releases_it(product: Product) -> None:  # F3
    sent = await product.send("ana@example.net")
    assert (sent["state"], sent["reason"]) == ("held", "sandbox")
    assert "`franked verify ana@example.net`" in sent["hint"]
    assert {one["reason"] for one in (await person(product, "ana@example.net"))["mail"]} == {"sandbox"}
    [verified] = await commands(product, ("verify", "ana@example.net"))
    assert (verified.status, verified.err) == (0, "")
    assert (await product.until(sent["id"])).state is State.DELIVERED
    assert {one["state"] for one in (await person(product, "ana@example.net"))["mail"]} == {"queued"}


async def test_another_identity_than_an_address_or_a_domain_is_refused(product: Product) -> None:
    for wrong in ("ana@", "two words", "a@b@example.net", "", "example..net"):
        status, problem = await ask(product, "POST", "/v1/identities", {"identity": wrong})
        assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "invalid_identity", "/identity")
    status, told = await ask(product, "POST", "/v1/identities", {"identity": "Shop.example.com"})
    assert (status, told["identity"], told["verified"]) == (200, "shop.example.com", True)


async def test_people_and_identities_are_the_administrators(product: Product) -> None:
    for method, path, body in (
        ("GET", "/v1/people/ana@example.net", None),
        ("POST", "/v1/people/import", {"source": SOURCE, "addresses": ["ana@example.net"]}),
        ("POST", "/v1/identities", {"identity": "ana@example.net"}),
    ):
        assert (await ask(product, method, path, body, product.key))[1]["code"] == "not_allowed"


# --- streams ----------------------------------------------------------------------------------------------------------


async def test_a_key_is_told_the_streams_that_it_may_use(product: Product) -> None:
    _, made = await ask(product, "POST", "/v1/keys", {"name": "codes", "streams": ["sign-in-code"]})
    status, told = await ask(product, "GET", "/v1/streams", key=made["key"])
    assert (status, [one["name"] for one in told]) == (200, ["sign-in-code"])
    assert (told[0]["variables"], told[0]["lane"], told[0]["content"]) == (["code"], "urgent", "template")
    _, everything = await product.get("/v1/streams")
    assert [one["name"] for one in everything] == ["sign-in-code", "receipt", "digest", "note"]


# --- the command line -------------------------------------------------------------------------------------------------


async def test_why_tells_of_an_address_and_of_a_message(product: Product) -> None:
    sent = await product.send("ana@example.net")
    await product.until(sent["id"], State.DELIVERED)
    (product.folder / "old.txt").write_text("ben@example.net\nno address\n")
    imported, *_ = await commands(product, ("people", "import", "old.txt", "--source", SOURCE))
    assert (imported.status, imported.out.splitlines()[1]) == (1, "1 added, 0 known before, 0 erased, 1 invalid")
    assert imported.out.startswith("line 2: 'no address': ")
    of_ana, of_ben, of_mail, as_json, nobody = await commands(
        product,
        ("why", "ana@example.net"),
        ("why", "ben@example.net"),
        ("why", sent["id"]),
        ("why", "ben@example.net", "--json"),
        ("why", "m_nothing"),
    )
    assert "Origin: first mailed on " in of_ana.out
    assert f"{sent['id']})" in of_ana.out
    assert f"by command line: {SOURCE}" in of_ben.out
    assert "not on the list of suppressions" in of_ben.out
    assert "event: delivery" in of_mail.out
    assert json.loads(as_json.out)["origin"]["source"] == SOURCE
    assert (nobody.status, nobody.out, nobody.err.count("\n")) == (2, "", 1)


async def test_a_test_mail_goes_to_me_with_samples(product: Product) -> None:
    mine, inline, unknown, nobody, both = await commands(
        product,
        ("send", "--me", "--stream", "receipt", "--json"),
        ("send", "--me", "--stream", "note", "--json"),
        ("send", "--me", "--stream", "nope"),
        ("send",),
        ("send", "--me", "--to", "ana@example.net"),
    )
    assert [mine.status, inline.status, unknown.status, nobody.status, both.status] == [0, 0, 2, 2, 2]
    assert (json.loads(mine.out)["to"], json.loads(mine.out)["state"]) == ("ops@example.com", "delivered")
    assert {mail.recipient for mail in product.simulator.taken()} == {"ops@example.com"}
    assert "there are: sign-in-code, receipt, digest, note" in unknown.err
    assert "--me" in nobody.err


async def test_where_the_settings_name_no_admin_nobody_is_me(product: Product) -> None:
    settings_in(product.folder / "other", ('admins = ["ops@example.com"]\n', ""))
    told = {"FRANKED_URL": product.franked.url, "FRANKED_KEY": product.franked.control_key}
    [said] = await asyncio.to_thread(lambda: together(product.folder / "other", ("send", "--me"), **told))
    assert (said.status, said.out) == (2, "")
    assert "[sender] admins names nobody" in said.err
