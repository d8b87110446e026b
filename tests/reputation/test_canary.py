"""The canary: what it proves, and what waits for it."""

import asyncio
from datetime import timedelta

import pytest

from franked.enquiry import Enquiry
from franked.reputation.canary import begin
from franked.reputation.reconcile import reconcile
from franked.rules.canary import CANARY, PROBES, Step
from franked.rules.message import State
from tests.reputation.flying import ON, OVER_A_DAY, ended, flown
from tests.running import Product, product_in


@pytest.mark.settings(ON)
async def test_it_flies_at_start_and_passes_once_the_second_mails_were_dropped(product: Product) -> None:  # B6 C5 E7
    found = await ended(product)
    assert found.last is not None and found.proven_until is not None
    assert (found.last.step, found.last.findings, found.last.missing) == (Step.PASSED, (), ())
    stories = await product.franked.world.store.find([*found.last.firsts, *found.last.seconds])
    assert [(story.state, story.reason) for story in stories if story] == [
        (State.BOUNCED, None),
        (State.COMPLAINED, None),
        (State.DROPPED, "suppressed"),
        (State.DROPPED, "suppressed"),
    ]
    assert timedelta(hours=24) < found.proven_until - product.clock() < timedelta(hours=25)
    status, said = await product.get("/readyz")
    assert (status, [one for one in said["warnings"] if "canary" in one]) == (200, [])


@pytest.mark.settings(ON)
async def test_it_counts_for_nothing(product: Product) -> None:
    """Neither as a bounce of the account, nor as a complaint that alarms, nor against the quota."""
    await ended(product)
    world = product.franked.world
    assert {what for _, what in await world.store.counters()} & {"bounced", "complained"} == set()
    assert await world.store.alarms() == []
    assert (await world.store.standing(world.now())).used_24h == 0


@pytest.mark.settings(ON)
async def test_its_addresses_are_suppressed_for_a_day(product: Product) -> None:
    last = (await ended(product)).last
    assert last is not None
    keys = [last.to(probe) for probe in PROBES]
    assert all(await product.franked.world.store.suppressed(keys))
    product.clock.move(hours=24, minutes=1)
    assert await product.franked.world.store.suppressed(keys) == [None, None]


@pytest.mark.settings(ON)
async def test_its_addresses_are_never_put_on_ses_s_own_list(product: Product) -> None:  # E7
    last = (await ended(product)).last
    assert last is not None
    world = product.franked.world
    await world.store.ask_reconcile(product.clock())
    for _ in range(30):
        await reconcile(world)
        product.clock.move(seconds=1.1)
    stand = await world.store.reconcile_stand()
    assert (stand.known_to is not None, stand.figures.put) == (True, 0)
    assert await world.store.listed_at_ses([last.to(probe) for probe in PROBES]) == [None, None]
    assert product.simulator.suppressed.entries == {}


@pytest.mark.settings(ON)
async def test_a_first_mail_waits_until_it_has_passed_and_goes_by_itself_then(product: Product) -> None:
    answer = await product.send("new@example.net")
    assert (answer["state"], answer["reason"]) == ("held", "loop_not_proven")
    assert "`franked canary`" in answer["hint"]
    story = await product.until(answer["id"], State.DELIVERED, within=15)
    assert ("released", "loop_not_proven") in [(line.what, line.why) for line in story.ledger]
    later = await product.send("newer@example.net")
    assert later["state"] == "queued"


@pytest.mark.settings(("rate = 500", "rate = 0.5"), ON)
async def test_what_is_urgent_or_goes_to_the_mailbox_simulator_does_not_wait(product: Product) -> None:
    code = await product.send("new@example.net", "sign-in-code")
    trial = await product.send("success+trial@simulator.amazonses.com")
    notice = await product.send("newer@example.net")
    assert [one["state"] for one in (code, trial, notice)] == ["queued", "queued", "held"]


@pytest.mark.settings(ON)
async def test_it_holds_only_who_was_never_mailed(product: Product) -> None:
    """Who was mailed before is no first contact; whoever's first mail waits still is one."""
    await ended(product)
    known = await product.send("known@example.net")
    await product.until(known["id"], State.DELIVERED)
    product.clock.move(hours=26)
    new, again = await product.send("new@example.net"), await product.send("new@example.net")
    assert [new["state"], again["state"]] == ["held", "held"]
    assert (await product.send("known@example.net"))["state"] == "queued"


@pytest.mark.settings(ON)
async def test_it_flies_again_every_day_and_a_pass_that_is_too_old_holds(product: Product) -> None:
    first = (await ended(product)).last
    product.clock.move(hours=23)
    await asyncio.sleep(1.2)
    assert (await product.franked.world.store.canary()).last == first
    product.clock.move(hours=3)
    assert (await product.send("new@example.net"))["state"] == "held"
    status, said = await product.get("/readyz")
    assert status == 200 and any(one.startswith("canary: ") for one in said["warnings"])
    async with asyncio.timeout(15):
        while (found := await product.franked.world.store.canary()).last == first:
            await asyncio.sleep(0.05)
    assert found.last is not None and found.last.step is Step.PASSED


@pytest.mark.settings(ON)
async def test_there_is_never_more_than_one_flight(product: Product) -> None:
    await ended(product)
    world = product.franked.world
    begun = await asyncio.gather(*(begin(world) for _ in range(5)))
    assert len({one.current.id for one in begun if one.current}) == 1
    await ended(product)
    page = await world.store.enquire(Enquiry(stream=CANARY))
    assert len(page.items) == 8


async def test_switched_off_it_holds_nothing_and_flies_when_asked(product: Product) -> None:
    assert (await product.franked.world.store.canary()).last is None
    assert (await product.send("new@example.net"))["state"] == "queued"
    found = await flown(product)
    assert found.last is not None and found.last.step is Step.PASSED


async def test_what_it_held_goes_when_it_is_switched_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("off")
    deaf = ("rate = 500", "rate = 0.01")
    async with product_in(folder, ON, deaf) as product:
        held = await product.send("new@example.net")
        assert held["state"] == "held"
    async with product_in(folder) as product:
        await product.until(held["id"], State.DELIVERED, within=10)


@pytest.mark.settings(ON)
async def test_it_is_in_no_list_that_is_meant_for_people(product: Product) -> None:
    await ended(product)
    assert CANARY not in {one["name"] for one in (await product.get("/v1/streams"))[1]}
    status, said = await product.post(product.draft("ana@example.net", CANARY, variables={}))
    assert (status, said["code"]) == (403, "not_allowed")


@pytest.mark.settings(ON, ("production = true", "production = false"), ("rate = 500", "rate = 1"))
async def test_in_the_sandbox_it_flies_too(product: Product) -> None:
    found = await ended(product)
    assert found.last is not None and found.last.step is Step.PASSED


@pytest.mark.settings(OVER_A_DAY)
async def test_how_often_it_flies_can_be_said(product: Product) -> None:
    found = await ended(product)
    assert found.last is not None
    next_at = found.next_at(product.franked.world.declared.canary, product.clock())
    assert next_at - found.last.began_at == timedelta(days=7)
