"""Why did X not get it: one sentence at the top, and each reason with the way to mend it."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from franked.backends.local import EventFault, Limits
from franked.enquiry import Grounds
from franked.reputation.reconcile import reconcile
from franked.rules.address import Address
from franked.rules.consent import Evidence, Statement, Step
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.pace import LaneWait
from franked.rules.suppression import Suppression, Why
from franked.sending.refresh import refresh
from franked.wiring import Fault, SendFault
from tests.commandline import together
from tests.reputation.flying import ON
from tests.running import Product

SANDBOX = ("production = true", "production = false")
ANA = "ana@example.net"
NEWS = (
    "[log]",
    '[streams.news]\nkind = "marketing"\npurpose = "What is new"\ntopic = "news"\ncontent = "inline"\n\n[log]',
)


async def why(product: Product, address: str = ANA) -> dict[str, Any]:
    status, told = await product.get(f"/v1/people/{address}/why", key=product.franked.control_key)
    assert status == 200, told
    return dict(told)


def one(told: dict[str, Any], what: str, *, of_mail: bool = False) -> dict[str, Any]:
    """What stands against the address; or what became of a mail."""
    [found] = [one for one in told["reasons"] if one["what"] == what and of_mail == (one["message"] is not None)]
    return dict(found)


async def test_nobody_has_heard_of_the_address(product: Product) -> None:
    told = await why(product)
    assert told["says"] == f"Franked has never heard of {ANA}: nobody has asked it to mail there."
    assert (told["reasons"], told["ses_list"]) == ([], "unknown")


async def test_it_was_delivered_the_receiving_server_says(product: Product) -> None:
    sent = await product.send(ANA)
    await product.until(sent["id"], State.DELIVERED)
    told = await why(product)
    reason = one(told, "delivered", of_mail=True)
    assert "250 2.6.0 Message received" in reason["says"] and "spam folder" in reason["way_out"]
    assert told["says"] == reason["says"] and reason["message"] == sent["id"]


async def test_it_bounced_in_the_receiving_server_s_own_words(product: Product) -> None:  # D4 E7
    to = "bounce+ana@simulator.amazonses.com"
    first = await product.send(to)
    await product.until(first["id"], State.BOUNCED)
    second = await product.send(to)
    told = await why(product, to)
    assert told["says"].startswith(f"{to} gets no mail: it bounced for good (")
    assert "smtp; 550 5.1.1 user unknown" in told["says"]
    assert f"`franked suppressions lift {to} --why" in one(told, "suppressed")["way_out"].replace("'", "")
    bounced = one(told, "bounced", of_mail=True)
    assert (bounced["message"], "550 5.1.1" in bounced["says"]) == (first["id"], True)
    dropped = one(told, "suppressed", of_mail=True)
    assert dropped["message"] == second["id"]
    assert dropped["says"].endswith("was dropped (suppressed): this address must not be mailed.")
    assert [reason["at"] for reason in told["reasons"]] == sorted((r["at"] for r in told["reasons"]), reverse=True)


async def test_it_complained(product: Product) -> None:  # A6 B6
    to = "complaint+ana@simulator.amazonses.com"
    sent = await product.send(to)
    await product.until(sent["id"], State.COMPLAINED)
    told = await why(product, to)
    assert told["says"].startswith(f"{to} gets no mail: its reader called our mail spam (")
    assert "Only the reader" in one(told, "suppressed")["way_out"]


async def test_a_person_put_it_on_the_list(product: Product) -> None:
    now = product.clock()
    listed = Suppression(ANA, Why.MANUAL, now, now + timedelta(days=2), source="desk: asked us by phone")
    await product.franked.world.store.suppress([listed], Grounds("desk", "asked us by phone"))
    told = await why(product)
    assert "a person put it on the list" in told["says"] and "asked us by phone" in told["says"]
    assert f"until {now + timedelta(days=2):%Y-%m-%d %H:%M}Z" in told["says"]


async def test_it_is_on_ses_s_own_list(product: Product) -> None:  # E7
    world, book = product.franked.world, product.simulator.suppressed
    book.put("Ana@Example.net", "COMPLAINT")
    await world.store.ask_reconcile(product.clock())
    async with asyncio.timeout(20):
        while (await world.store.listed_at_ses([ANA])) == [None]:
            await reconcile(world)
            product.clock.move(seconds=1.1)
    told = await why(product)
    assert told["ses_list"] == "yes"
    assert one(told, "suppressed_at_ses")["says"].startswith("SES's own list has it (COMPLAINT, ")
    assert (await why(product, "bo@example.net"))["ses_list"] in {"no", "unknown"}
    assert told["says"].startswith(f"{ANA} gets no mail: ")


async def test_its_mailbox_bounces_for_now(product: Product) -> None:
    plan = "ooto+ana@simulator.amazonses.com"
    sent = await product.send(plan)
    await product.until(sent["id"], State.DELIVERED)
    assert one(await why(product, plan), "delivered", of_mail=True)["stream"] == "receipt"


@pytest.mark.settings(NEWS)
async def test_its_reader_left_the_topic(product: Product) -> None:  # D6
    store, now, ana = product.franked.world.store, product.clock(), Address.of_spelled(ANA)
    evidence = Evidence("the page of a mail")
    await store.state([Statement(ana, "digests", Step.LEFT, now, evidence)])
    await product.send(ANA, "digest")
    told = await why(product)
    left = one(told, "left")
    assert "has left the topic digests on" in left["says"] and "by the page of a mail" in left["says"]
    assert "was dropped (left)" in told["says"]
    assert "has never asked for the topic news" in one(told, "no_consent")["says"]


async def test_its_share_is_used_up(product: Product) -> None:  # A16
    for _ in range(6):
        await product.send(ANA, "sign-in-code")
    told = await why(product)
    share = one(told, "rate_limited")
    assert "had its share of sign-in-code (5/hour) until" in share["says"] and "`per_recipient`" in share["way_out"]
    assert "was dropped (rate_limited)" in told["says"]
    product.clock.move(hours=2)
    assert [r for r in (await why(product))["reasons"] if r["what"] == "rate_limited" and r["message"] is None] == []


@pytest.mark.settings(SANDBOX)
async def test_the_account_is_in_the_sandbox(product: Product) -> None:  # C11
    await product.send(ANA)
    told = await why(product)
    assert told["says"].startswith(f"{ANA} gets no mail: SES keeps this account in its sandbox")
    assert one(told, "sandbox")["way_out"].startswith(f"`franked verify {ANA}`")


@pytest.mark.settings(ON, ("rate = 500", "rate = 0.01"))
async def test_nothing_proves_that_bounces_come_back(product: Product) -> None:
    await product.send(ANA)
    told = await why(product)
    assert "first mails wait for the canary" in told["says"]
    first = one(told, "loop_not_proven")
    assert "`franked canary`" in first["way_out"]


async def test_its_lane_waits(product: Product) -> None:
    store, until = product.franked.world.store, product.clock() + timedelta(hours=1)
    await store.close_lane(Lane.NORMAL, LaneWait(until, "governor, since 10:15Z: 5.2 % hard bounces"))
    await product.send(ANA)
    told = await why(product)
    assert "the lane normal waits: governor, since 10:15Z: 5.2 % hard bounces" in told["says"]
    assert "`franked governor`" in one(told, "lane_waits")["way_out"]


async def test_ses_refused_it_in_its_own_words(product: Product) -> None:
    product.simulator.account.remove_identity("backup.example.com")
    sent = await product.send(ANA)
    await product.until(sent["id"], State.REFUSED)
    told = await why(product)
    assert "was refused (not_verified)" in told["says"] and "MessageRejected" in told["says"]
    assert "`franked verify`" in one(told, "not_verified", of_mail=True)["way_out"]


async def test_ses_took_it_and_nothing_came_back(product: Product) -> None:
    product.simulator.plan(Fault(EventFault.LOST, times=100))
    sent = await product.send(ANA)
    await product.until(sent["id"], State.SENT)
    told = await why(product)
    assert "was taken by SES, and nothing has come back yet" in told["says"]
    assert "`franked canary`" in one(told, "sent", of_mail=True)["way_out"]


async def test_it_stays_short(product: Product) -> None:
    for _ in range(15):
        await product.send(ANA)
    assert len([r for r in (await why(product))["reasons"] if r["message"]]) == 10


async def test_it_is_the_administrator_s_to_ask(product: Product) -> None:
    assert (await product.get(f"/v1/people/{ANA}/why"))[0] == 403
    status, problem = await product.get("/v1/people/nobody/why", key=product.franked.control_key)
    assert (status, problem["code"]) == (422, "invalid_address")


async def test_a_person_reads_the_answer_at_the_top(product: Product) -> None:
    to = "bounce+ana@simulator.amazonses.com"
    await product.until((await product.send(to))["id"], State.BOUNCED)
    asked = ("why", to), ("why", to, "--json"), ("canary",), ("canary", "--run", "--json"), ("canary",)
    shown, as_json, before = await asyncio.to_thread(together, product.folder, *asked[:3])
    assert shown.out.splitlines()[0].startswith(f"{to} gets no mail: it bounced for good")
    assert "SES's own list: " in shown.out and "Origin: " in shown.out
    assert json.loads(as_json.out)["why"]["reasons"][0]["what"]
    assert (before.status, before.out.splitlines()[0]) == (
        1,
        "Nothing has proven yet that bounces and complaints come back.",
    )
    [flown] = await asyncio.to_thread(together, product.folder, asked[3])
    [after] = await asyncio.to_thread(together, product.folder, asked[4])
    assert (flown.status, json.loads(flown.out)["last"]["step"]) == (0, "passed")
    assert (after.status, after.out.startswith("Bounces and complaints come back: proven ")) == (0, True)


async def test_its_last_try_is_told_while_it_waits(product: Product) -> None:
    product.simulator.plan(Fault(SendFault.SKEWED, times=100))
    sent = await product.send(ANA)
    async with asyncio.timeout(5):
        while not (await product.story(sent["id"])).attempts:
            await asyncio.sleep(0.02)
        while not (await product.story(sent["id"])).attempts[-1].detail:
            await asyncio.sleep(0.02)
    assert "RequestTimeTooSkewed" in (await why(product))["says"]


async def test_sending_is_paused(product: Product) -> None:
    product.simulator.set_limits(Limits(production=True, rate=500, quota=50_000, sending_enabled=False))
    await refresh(product.franked.world)
    sent = await product.send(ANA)
    told = await why(product)
    assert told["says"] == f"{ANA} gets no mail: all mail waits: SES sends nothing for this account."
    assert (await product.story(sent["id"])).state is State.QUEUED
