"""SES's own list beside ours, as a product lives with it: found, put, lifted, deferred, and told (E7)."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest

from franked.rules.message import State
from franked.rules.reconcile import SOURCE
from franked.rules.suppression import Suppression, Why
from tests.commandline import Said, together
from tests.running import Product

RECONCILE = "/v1/suppressions/reconcile"
SAID_YES = pytest.mark.settings(("[log]", "[suppression]\nat_ses = true\n\n[log]"))
SAID_NO = pytest.mark.settings(("[log]", "[suppression]\nat_ses = false\n\n[log]"))
IN_SANDBOX = pytest.mark.settings(("production = true", "production = false"))
BULK_SET = pytest.mark.settings(("[log]", '[ses.configuration_sets]\nbulk = "news"\n\n[log]'))


async def ask(product: Product, method: str, path: str, body: object = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def until(product: Product, *states: str) -> dict[str, Any]:
    """How it stands, once it is in one of these states."""
    async with asyncio.timeout(30):
        while (told := (await ask(product, "GET", RECONCILE))[1])["state"] not in states:
            await asyncio.sleep(0.1)
    return dict(told)


async def compared(product: Product, *states: str) -> dict[str, Any]:
    """All of both lists."""
    await until(product, "done", "deferred", "calling")
    status, _ = await ask(product, "POST", RECONCILE)
    assert status == 202
    return await until(product, *(states or ("done",)))


async def warnings(product: Product) -> list[str]:
    _, ready = await product.get("/readyz")
    return [warning.partition(":")[0] for warning in ready["warnings"]]


async def people(product: Product, domain: str, **shares: float) -> None:
    """From now on the people there have this fate."""
    url = f"{product.simulator.url}/_simulator/people"
    async with product.http.post(url, json={"domain": domain, **shares}) as answer:
        assert answer.status == 200, await answer.text()


async def standing(product: Product, key: str) -> Suppression | None:
    [found] = await product.franked.world.store.suppressed([key])
    return found


async def lift(product: Product, key: str) -> Any:
    status, told = await ask(product, "DELETE", f"/v1/suppressions/{quote(key, safe='')}?why=the+mailbox+is+back")
    assert status == 200, told
    return told


async def commands(product: Product, *asked: tuple[str, ...]) -> list[Said]:
    return await asyncio.to_thread(together, product.folder, *(("suppressions", *arguments) for arguments in asked))


def at_ses(product: Product) -> dict[str, str]:
    return {spelled: entry.reason for spelled, entry in product.simulator.suppressed.entries.items()}


async def test_e7_a_hard_bounce_is_on_both_lists_until_a_person_lifts_it(product: Product) -> None:
    """Its cause is recorded; SES adds it by itself, in the mail's spelling, and it does not stand there twice."""
    await until(product, "done")
    await people(product, "gone.example.net", bounce=1)
    bounced = await product.send("Ana@gone.example.net")
    await product.until(bounced["id"], State.BOUNCED)
    found = await standing(product, "ana@gone.example.net")
    assert found is not None and found.why is Why.HARD_BOUNCE and found.source.startswith("event ")
    product.clock.move(minutes=2)  # SES's list is asked for news once a minute
    async with asyncio.timeout(20):
        store = product.franked.world.store
        while (await store.reconcile_stand()).added_line == 0:
            await asyncio.sleep(0.1)
    assert (await until(product, "done"))["to_put"] == 0
    assert at_ses(product) == {"Ana@gone.example.net": "BOUNCE"}

    assert "takes it off SES's own account-level list too" in (await lift(product, "ana@gone.example.net"))["note"]
    async with asyncio.timeout(20):
        while at_ses(product):
            await asyncio.sleep(0.1)
    assert await standing(product, "ana@gone.example.net") is None

    again = await product.send("ana@gone.example.net")  # it is gone still
    await product.until(again["id"], State.BOUNCED)
    found = await standing(product, "ana@gone.example.net")
    assert found is not None and found.why is Why.HARD_BOUNCE
    assert at_ses(product) == {"ana@gone.example.net": "BOUNCE"}
    assert (await compared(product))["conflicts"] == 0


async def test_e7_a_complaint_is_on_both_lists(product: Product) -> None:
    await until(product, "done")
    await people(product, "cross.example.net", complaint=1)
    sent = await product.send("ben@cross.example.net")
    await product.until(sent["id"], State.COMPLAINED)
    found = await standing(product, "ben@cross.example.net")
    assert found is not None and found.why is Why.COMPLAINT
    assert (await compared(product))["figures"]["put"] == 0
    assert at_ses(product) == {"ben@cross.example.net": "COMPLAINT"}
    refused = await product.send("Ben@cross.example.net")
    assert (refused["state"], refused["reason"]) == ("dropped", "suppressed")


async def test_what_only_one_list_knew_is_on_both_and_simulated_or_personal_ones_stay_at_home(product: Product) -> None:
    store, now = product.franked.world.store, product.clock()
    product.simulator.suppressed.put("Cy@Example.com", "COMPLAINT")
    await store.suppress(
        [
            Suppression("dee@example.com", Why.HARD_BOUNCE, now),
            Suppression("eve@example.com", Why.MANUAL, now, source="shop: by phone"),
            Suppression("bounce@simulator.amazonses.com", Why.HARD_BOUNCE, now),
        ]
    )
    told = await compared(product)
    assert (told["figures"]["listed"], told["figures"]["looked_at"]) == (1, 2)  # dee's, and cy's that came from there
    assert at_ses(product) == {"Cy@Example.com": "COMPLAINT", "dee@example.com": "BOUNCE"}
    found = await standing(product, "cy@example.com")
    assert found is not None and (found.why, found.source) == (Why.COMPLAINT, SOURCE)


async def test_mail_that_sess_list_stopped_is_told_and_both_lists_agree_then(product: Product) -> None:
    await until(product, "done")
    product.simulator.suppressed.put("Fay@example.com", "BOUNCE")
    sent = await product.send("fay@example.com")
    await product.until(sent["id"], State.BOUNCED)
    assert "suppression_out_of_sync" in await warnings(product)
    await compared(product)
    assert "suppression_out_of_sync" not in await warnings(product)
    assert at_ses(product) == {"Fay@example.com": "BOUNCE"}


@IN_SANDBOX
async def test_in_the_sandbox_what_is_to_be_put_waits_and_that_is_said(product: Product) -> None:
    await product.franked.world.store.suppress([Suppression("gus@example.com", Why.HARD_BOUNCE, product.clock())])
    product.simulator.suppressed.put("hal@example.com", "BOUNCE")
    told = await compared(product, "deferred")
    assert told["to_put"] == 1
    assert (await standing(product, "hal@example.com")) is not None
    assert product.logged("ses_list_deferred")[-1]["to_put"] == 1
    assert not [name for name in await warnings(product) if name.startswith("ses_list")]
    [said] = await commands(product, ("reconcile", "--status"))
    assert said.status == 0 and "1 wait: in the sandbox SES takes nothing onto its list" in said.out
    product.simulator.grant_production()
    await product.franked.refresh()
    await until(product, "done")
    assert at_ses(product) == {"hal@example.com": "BOUNCE", "gus@example.com": "BOUNCE"}


@SAID_YES
async def test_the_list_is_switched_on_where_the_owner_says_so(product: Product) -> None:
    await until(product, "done")
    product.simulator.suppressed.honour([])
    assert (await compared(product))["is_on"] is True
    assert product.simulator.suppressed.reasons == ("BOUNCE", "COMPLAINT")
    assert product.logged("ses_list_switched_on")


async def test_a_list_that_is_off_is_a_warning_where_the_owner_said_nothing(product: Product) -> None:
    await until(product, "done")
    product.simulator.suppressed.honour([])
    assert (await compared(product))["is_on"] is False
    assert "ses_list_off" in await warnings(product)
    assert product.simulator.suppressed.reasons == ()


@BULK_SET
async def test_a_configuration_set_that_stops_nothing_is_a_warning(product: Product) -> None:
    await until(product, "done")
    assert (await ask(product, "GET", RECONCILE))[1]["open_sets"] == []
    product.simulator.suppressed.honour([], "news")
    assert (await compared(product))["open_sets"] == ["news"]
    assert "ses_list_overridden" in await warnings(product)


@SAID_NO
async def test_where_the_owner_says_no_sess_list_is_left_alone(product: Product) -> None:
    await product.franked.world.store.suppress([Suppression("ida@example.com", Why.HARD_BOUNCE, product.clock())])
    product.simulator.suppressed.put("jon@example.com", "BOUNCE")
    status, problem = await ask(product, "POST", RECONCILE)
    assert (status, problem["code"]) == (409, "not_at_ses")
    await asyncio.sleep(1.5)
    assert (await ask(product, "GET", RECONCILE))[1]["state"] == "off"
    assert await standing(product, "jon@example.com") is None
    assert "aws sesv2 delete-suppressed-destination" in (await lift(product, "ida@example.com"))["note"]
    assert at_ses(product) == {"jon@example.com": "BOUNCE"}


async def test_a_place_that_ses_forgot_and_too_many_calls_end_nothing(product: Product) -> None:
    """1,500 entries are two pages; the account takes a control call a second."""
    await until(product, "done")
    book = product.simulator.suppressed
    for number in range(1500):
        book.put(f"P{number}@Example.net", "BOUNCE")
    book.limit(1.0)
    await ask(product, "POST", RECONCILE)
    async with asyncio.timeout(20):
        while (await product.franked.world.store.reconcile_stand()).token is None:
            await asyncio.sleep(0.02)
    book.forget_tokens()
    told = await until(product, "done")
    assert told["figures"]["taken"] == 1500
    assert told["trouble"] is None


async def test_while_ses_is_away_it_is_said_and_goes_on_after(product: Product) -> None:
    await until(product, "done")
    product.simulator.suppressed.put("kim@example.com", "BOUNCE")
    product.simulator.vanish(3.0)
    await ask(product, "POST", RECONCILE)
    async with asyncio.timeout(20):
        while not (told := (await ask(product, "GET", RECONCILE))[1])["trouble"]:
            await asyncio.sleep(0.1)
    assert "can't be reached" in told["trouble"]
    assert product.logged("ses_list_unreachable")
    await asyncio.sleep(3)
    product.clock.move(seconds=30)
    assert (await until(product, "done"))["trouble"] is None
    assert await standing(product, "kim@example.com") is not None


async def test_the_commands_bring_in_sess_list_and_show_what_differs(product: Product) -> None:
    await until(product, "done")
    store = product.franked.world.store
    product.simulator.suppressed.put("Lea@Example.com", "BOUNCE")
    await store.suppress([Suppression("max@example.com", Why.COMPLAINT, product.clock())])
    product.simulator.suppressed.put("Max@example.com", "BOUNCE")
    [said] = await commands(product, ("import", "--from-ses"))
    assert said.out == "1 added from SES's list, 1 on the list already (source: SES's list)\n", said
    [said, as_json, wrong] = await commands(
        product, ("reconcile",), ("reconcile", "--status", "--json"), ("import", "--from-ses", "--source", "x")
    )
    assert said.status == 0, said.err
    assert "What the lists do not agree on (1)" in said.out and "max@example.com" in said.out
    told = json.loads(as_json.out)
    assert [one["conflict"] for one in told["conflicting"]] == ["reasons_differ"]
    assert wrong.status == 2 and "--from-ses" in wrong.err


async def test_the_routes_are_the_administrators(product: Product) -> None:
    for path in (RECONCILE, "/v1/suppressions/conflicts", "/v1/people/stale"):
        assert (await product.get(path))[0] == 403
    assert (await ask(product, "GET", "/v1/suppressions/conflicts?after=nothing"))[0] == 422
