"""One mail there and back, and what its fate teaches the next one."""

import asyncio

import pytest

from franked.rules.message import State
from tests.running import Product

SANDBOX = ("production = true\nrate = 500", "production = false\nrate = 500")


async def test_a_mail_is_accepted_sent_and_delivered(product: Product) -> None:
    answer = await product.send("ana@example.net")
    assert answer["state"] == "queued"
    story = await product.until(answer["id"])
    assert story.state is State.DELIVERED
    assert [attempt.outcome for attempt in story.attempts] == ["sent"]
    assert {event.kind.value for event in story.events} == {"send", "delivery"}
    assert product.copies() == {answer["id"]: 1}


async def test_an_address_that_bounced_is_not_mailed_again(product: Product) -> None:  # A5, B6, D4, E7
    first = await product.send("bounce+1@simulator.amazonses.com")
    assert (await product.until(first["id"])).state is State.BOUNCED
    second = await product.send("Bounce+1@simulator.amazonses.com")
    assert (second["state"], second["reason"]) == ("dropped", "suppressed")
    third = await product.send("bounce+2@simulator.amazonses.com")
    assert third["state"] == "queued"


async def test_a_complainer_gets_nothing_more_from_that_moment(product: Product) -> None:  # B6, D4, E7
    first = await product.send("complaint+1@simulator.amazonses.com")
    assert (await product.until(first["id"], State.COMPLAINED)).state is State.COMPLAINED
    second = await product.send("complaint+1@simulator.amazonses.com", "sign-in-code")
    assert (second["state"], second["reason"]) == ("dropped", "suppressed")


async def test_what_was_queued_before_the_bounce_is_judged_again_at_take(product: Product) -> None:
    world = product.franked.world
    first = await product.send("bounce+1@simulator.amazonses.com")
    access = (await world.store.standing(world.now())).access
    assert access is not None
    await product.until(first["id"])
    second = await product.send("bounce+1@simulator.amazonses.com")
    assert (await product.story(second["id"])).state is State.DROPPED
    assert product.copies() == {first["id"]: 1}


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
async def test_held_mail_that_is_no_longer_useful_is_dropped(product: Product) -> None:
    held = await product.send("ana@example.net", "sign-in-code")
    product.clock.move(minutes=11)
    story = await product.until(held["id"], State.DROPPED)
    assert story.reason == "expired"


async def test_a_stream_is_limited_per_mailbox_however_it_is_spelled(product: Product) -> None:  # A16
    spellings = ["ana@gmail.com", "a.na@gmail.com", "Ana+x@gmail.com", "a.n.a@googlemail.com", "ANA@gmail.com"]
    answers = await asyncio.gather(*(product.send(to, "sign-in-code") for to in spellings * 2))
    assert sorted(answer["state"] for answer in answers) == ["dropped"] * 5 + ["queued"] * 5
    assert {answer["reason"] for answer in answers if answer["state"] == "dropped"} == {"rate_limited"}


@pytest.mark.settings(("rate = 500", "rate = 20"))
async def test_urgent_mail_overtakes_bulk(product: Product) -> None:
    """At 18 a second sixty digests take over three seconds; the code that comes last does not wait for them."""
    digests = await asyncio.gather(*(product.send(f"reader{n}@example.net", "digest") for n in range(60)))
    code = await product.send("ana@example.net", "sign-in-code")
    await product.until(code["id"], State.DELIVERED)
    stories = await product.franked.world.store.find([digest["id"] for digest in digests])
    assert sum(story is not None and story.state is State.QUEUED for story in stories) > 20


async def test_the_same_idempotency_key_makes_one_message(product: Product) -> None:
    draft = product.draft("ana@example.net")
    answers = await asyncio.gather(*(product.post(draft, **{"Idempotency-Key": "order-1"}) for _ in range(10)))
    assert {answer["id"] for _, answer in answers} == {answers[0][1]["id"]}
    status, problem = await product.post(draft | {"locale": "de"}, **{"Idempotency-Key": "order-1"})
    assert (status, problem["code"]) == (409, "idempotency_conflict")
    await product.until(answers[0][1]["id"])
    assert sum(product.copies().values()) == 1


async def test_a_request_is_traced_from_door_to_ledger(product: Product) -> None:  # E6
    _, answer = await product.post(product.draft("ana@example.net"), **{"X-Request-Id": "checkout-77"})
    assert (await product.until(answer["id"])).request_id == "checkout-77"


async def test_the_story_of_a_secret_stream_never_shows_its_code(product: Product) -> None:
    answer = await product.send("ana@example.net", "sign-in-code")
    _, story = await product.get(f"/v1/messages/{answer['id']}")
    assert story["variables"] is None
    await product.until(answer["id"])
    assert b"424242" not in b"".join(path.read_bytes() for path in (product.folder / ".franked").glob("franked.db*"))
