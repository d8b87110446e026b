"""The account's limits, and time: what waits, what is let go, what is no longer worth sending."""

import asyncio
from collections.abc import Callable

import pytest

from franked.backends.local.gate import LAST_WORD
from franked.rules.message import State
from franked.rules.suppression import Suppression, Why
from franked.sending.forget import forget
from tests.doors.test_batch import batch
from tests.running import Product

SANDBOX = ("production = true\nrate = 500", "production = false\nrate = 500")


@pytest.mark.settings(SANDBOX)
async def test_in_the_sandbox_an_unverified_recipient_waits_until_production(product: Product) -> None:  # C11
    held = await product.send("ana@example.net")
    assert (held["state"], held["reason"]) == ("held", "sandbox")
    allowed = await product.send("success@simulator.amazonses.com")
    assert (await product.until(allowed["id"])).state is State.DELIVERED
    product.simulator.grant_production(rate=500, quota=50_000)
    await product.franked.refresh()
    assert (await product.until(held["id"])).state is State.DELIVERED


@pytest.mark.settings(SANDBOX)
async def test_a_recipient_that_is_verified_meanwhile_is_let_go(product: Product) -> None:
    ana, bo = await product.send("ana@example.net"), await product.send("bo@example.org")
    product.simulator.verify("ana@example.net")
    await product.franked.refresh()
    assert (await product.until(ana["id"])).state is State.DELIVERED
    assert (await product.story(bo["id"])).state is State.HELD


@pytest.mark.settings(SANDBOX)
async def test_what_was_accepted_before_the_address_bounced_is_judged_again_at_take(product: Product) -> None:
    """It waited in the sandbox; meanwhile another mail to that address bounced."""
    waiting = await product.send("ana@example.net")
    world = product.franked.world
    await world.store.suppress([Suppression("ana@example.net", Why.HARD_BOUNCE, world.now())])
    product.simulator.grant_production(rate=500, quota=50_000)
    await product.franked.refresh()
    story = await product.until(waiting["id"])
    assert (story.state, story.reason) == (State.DROPPED, "suppressed")
    assert product.copies() == {}


@pytest.mark.settings(SANDBOX)
async def test_held_mail_that_is_no_longer_useful_is_dropped(product: Product) -> None:
    held = await product.send("ana@example.net", "sign-in-code")
    product.clock.move(minutes=11)
    story = await product.until(held["id"], State.DROPPED)
    assert story.reason == "expired"


@pytest.mark.settings(("rate = 500", "rate = 20"))
async def test_a_newsletter_of_thousands_does_not_delay_a_sign_in_code(product: Product) -> None:
    """At 18 a second it takes minutes. A code waits for what was taken before it: two seconds' worth at most."""
    for thousand in range(3):
        digests = [product.draft(f"reader{thousand}-{n}@example.net", "digest") for n in range(1000)]
        _, told = await batch(product, *digests)
        assert {answer["state"] for answer in told["answers"]} == {"queued"}
    for name in ("ana", "bo", "cy"):
        code = await product.send(f"{name}@example.net", "sign-in-code")
        before = len(product.simulator.taken())
        await product.until(code["id"], State.DELIVERED)
        place = [mail.tags["franked-message"] for mail in product.simulator.taken()].index(code["id"])
        assert place - before <= 36
    assert len(product.simulator.taken()) < 1500  # the newsletter was there all the while


async def test_the_story_of_a_secret_stream_never_shows_its_code(product: Product) -> None:
    answer = await product.send("ana@example.net", "sign-in-code")
    _, story = await product.get(f"/v1/messages/{answer['id']}")
    assert story["variables"] is None
    await product.until(answer["id"])
    assert b"424242" not in b"".join(path.read_bytes() for path in (product.folder / ".franked").glob("franked.db*"))


async def test_an_account_that_can_not_be_reached_costs_no_try_and_no_copy(product: Product) -> None:
    """As when its name can't be resolved: no byte left this machine. Also where a connection was there."""
    before = await product.send("ana@example.net")
    await product.until(before["id"], State.DELIVERED)
    url = f"{product.simulator.url}/_simulator/vanish"
    async with product.http.post(url, json={"seconds": 1.5}) as answer:
        assert answer.status == 200
    gate = product.simulator.gate
    await come(lambda: gate.is_shut)
    await asyncio.sleep(2 * LAST_WORD)
    sent = await product.send("bo@example.net")
    await product.until(sent["id"], State.SENDING, State.QUEUED)
    await come(lambda: not gate.is_shut)
    [attempt, *_] = (await product.story(sent["id"])).attempts
    assert (attempt.outcome, attempt.detail.partition(":")[0]) == ("try_later", "not_connected")
    product.clock.move(seconds=10)
    product.franked.world.bell.ring()
    story = await product.until(sent["id"], State.DELIVERED)
    assert [attempt.outcome for attempt in story.attempts][-1] == "sent"
    assert set(product.copies().values()) == {1}


async def test_mail_whose_time_is_over_is_forgotten_and_its_address_is_not(product: Product) -> None:  # D8, F4
    bounced = await product.send("bounce+1@simulator.amazonses.com")
    await product.until(bounced["id"], State.BOUNCED)
    assert await forget(product.franked.world) == 0
    product.clock.move(days=181)
    young = await product.send("ana@example.net")
    await product.until(young["id"], State.DELIVERED)
    assert await forget(product.franked.world) == 1
    assert (await product.get(bounced["links"]["story"]))[1]["code"] == "not_found"
    assert (await product.story(young["id"])).state is State.DELIVERED
    [origin] = await product.franked.world.store.origins(["bounce+1@simulator.amazonses.com"])
    assert origin is not None
    assert product.logged("forgotten")[0]["count"] == 1


@pytest.mark.settings(('from = "Example Backup Billing <billing@backup.example.com>"', 'keep_content = "30d"'))
async def test_a_stream_may_keep_what_its_mail_said_for_a_time(product: Product) -> None:
    kept, other = await product.send("ana@example.net"), await product.send("bo@example.net", "digest")
    for sent in (kept, other):
        await product.until(sent["id"], State.DELIVERED)

    async def said() -> list[object]:
        return [(await product.get(sent["links"]["story"]))[1]["variables"] for sent in (kept, other)]

    assert await said() == [{"number": "R-1"}, None]
    await forget(product.franked.world)
    assert await said() == [{"number": "R-1"}, None]
    product.clock.move(days=31)
    await forget(product.franked.world)
    assert await said() == [None, None]
    assert product.logged("forgotten") == [{**product.logged("forgotten")[0], "count": 0, "contents": 1}]


async def come(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20.0):
        while not what():
            await asyncio.sleep(0.01)
