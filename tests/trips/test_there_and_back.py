"""One mail there and back, and what its fate teaches the next one."""

import asyncio

import pytest

from franked.rules.message import State
from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_mail_is_accepted_sent_and_delivered(shared: Product) -> None:
    answer = await shared.send("ana@example.net")
    assert answer["state"] == "queued"
    story = await shared.until(answer["id"])
    assert story.state is State.DELIVERED
    assert [attempt.outcome for attempt in story.attempts] == ["sent"]
    assert {event.kind.value for event in story.events} == {"send", "delivery"}
    assert shared.copies()[answer["id"]] == 1


async def test_an_address_that_bounced_is_not_mailed_again(shared: Product) -> None:  # A5, B6, D4, E7
    first = await shared.send("bounce+1@simulator.amazonses.com")
    assert (await shared.until(first["id"])).state is State.BOUNCED
    second = await shared.send("Bounce+1@simulator.amazonses.com")
    assert (second["state"], second["reason"]) == ("dropped", "suppressed")
    third = await shared.send("bounce+2@simulator.amazonses.com")
    assert third["state"] == "queued"


async def test_a_complainer_gets_nothing_more_from_that_moment(shared: Product) -> None:  # B6, D4, E7
    first = await shared.send("complaint+1@simulator.amazonses.com")
    assert (await shared.until(first["id"], State.COMPLAINED)).state is State.COMPLAINED
    second = await shared.send("complaint+1@simulator.amazonses.com", "sign-in-code")
    assert (second["state"], second["reason"]) == ("dropped", "suppressed")


async def test_a_stream_is_limited_per_mailbox_however_it_is_spelled(shared: Product) -> None:  # A16
    spellings = ["ana@gmail.com", "a.na@gmail.com", "Ana+x@gmail.com", "a.n.a@googlemail.com", "ANA@gmail.com"]
    answers = await asyncio.gather(*(shared.send(to, "sign-in-code") for to in spellings * 2))
    assert sorted(answer["state"] for answer in answers) == ["dropped"] * 5 + ["queued"] * 5
    assert {answer["reason"] for answer in answers if answer["state"] == "dropped"} == {"rate_limited"}


async def test_the_same_idempotency_key_makes_one_message(shared: Product) -> None:
    draft = shared.draft("ida@example.net")
    answers = await asyncio.gather(*(shared.post(draft, **{"Idempotency-Key": "order-1"}) for _ in range(10)))
    assert {answer["id"] for _, answer in answers} == {answers[0][1]["id"]}
    status, problem = await shared.post(draft | {"locale": "de"}, **{"Idempotency-Key": "order-1"})
    assert (status, problem["code"]) == (409, "idempotency_conflict")
    await shared.until(answers[0][1]["id"])
    assert shared.copies()[answers[0][1]["id"]] == 1


async def test_a_request_is_traced_from_door_to_ledger(shared: Product) -> None:  # E6
    _, answer = await shared.post(shared.draft("ida@example.net"), **{"X-Request-Id": "checkout-77"})
    assert (await shared.until(answer["id"])).request_id == "checkout-77"
