"""Each hold ends by the change of its fact, at the account's pace; what nobody releases expires, save the unknown."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from franked.backends.local.faults import Fault, SendFault
from franked.doors.running import running
from franked.feedback.receive import receive_queued
from franked.record import Added
from franked.rules.draft import Draft
from franked.rules.message import State
from franked.rules.trigger import Trigger
from franked.rules.verdict import Caller
from franked.sending.accept import accept
from franked.sending.sweep import sweep
from franked.wiring import KEY, Ses
from tests.contract.conftest import Bell, Post, Sqlite
from tests.contract.conftest import MovableClock as StoreClock
from tests.formats.test_ses_event import notice
from tests.product import MovableClock, settings_in
from tests.running import Product
from tests.states import states_in

SANDBOX = ("production = true\nrate = 500", "production = false\nrate = 500")


async def held(product: Product, *tos: str) -> list[str]:
    """Stored in one go."""
    world = product.franked.world
    trigger = Trigger("purchase", "account-1", product.clock())
    drafts = [Draft("receipt", to, trigger, {"number": "R-1"}) for to in tos]
    answers = await accept(drafts, Caller("test", "test"), world)
    assert {isinstance(one, Added) and one.state for one in answers} == {State.HELD}
    return [one.id for one in answers if isinstance(one, Added)]


@pytest.mark.settings(SANDBOX)
async def test_what_production_releases_goes_at_the_accounts_pace(product: Product) -> None:  # C11, C16
    """More than one release lets go at once, and less than the account would take if it were all sent at once."""
    messages = await held(product, *(f"reader{n}@example.net" for n in range(520)))
    product.simulator.grant_production(rate=200, quota=50_000)
    await product.franked.refresh()
    stories = [await product.until(message, State.DELIVERED, within=20) for message in messages]
    throttled = [one for story in stories for one in story.attempts if one.outcome == "try_later"]
    assert len(throttled) < len(messages) / 10  # a busy machine may send in bursts; the pace is our own all the same
    assert product.copies() == dict.fromkeys(messages, 1)
    times = sorted(mail.at for mail in product.simulator.taken())
    for first in range(len(times)):
        within = sum(at < times[first] + timedelta(seconds=1) for at in times[first:])
        assert within <= 200 * 2


@pytest.mark.settings(SANDBOX)
async def test_a_verified_address_and_a_verified_domain_let_go_theirs_and_no_others(product: Product) -> None:
    ana, bo, cy, di = await held(product, "ana@example.net", "bo@example.org", "cy@example.org", "di@sub.example.org")
    product.simulator.verify("ana@example.net")
    product.simulator.verify("example.org")
    await product.franked.refresh()
    for message in (ana, bo, cy):
        assert (await product.until(message)).state is State.DELIVERED
    story = await product.story(di)
    assert (story.state, story.reason) == (State.HELD, "sandbox")


@pytest.mark.settings(SANDBOX)
async def test_whoever_learned_of_production_and_died_leaves_nobody_waiting(product: Product) -> None:
    """The fact was recorded, the release was not: the next look at the account makes good."""
    messages = await held(product, "ana@example.net", "bo@example.net")
    product.simulator.grant_production(rate=500, quota=50_000)
    world = product.franked.world
    await world.store.learn_access(await world.account.read())
    await product.franked.refresh()
    for message in messages:
        assert (await product.until(message)).state is State.DELIVERED


@pytest.mark.settings(SANDBOX)
async def test_whoever_learned_of_an_identity_and_died_leaves_nobody_waiting(product: Product) -> None:
    ana, bo = await held(product, "ana@example.net", "bo@example.org")
    product.simulator.verify("ana@example.net")
    world = product.franked.world
    await world.store.learn_access(await world.account.read())
    await product.franked.refresh()
    assert (await product.until(ana)).state is State.DELIVERED
    assert (await product.story(bo)).state is State.HELD


@asynccontextmanager
async def started(folder: Path, *changes: tuple[str, str]) -> AsyncIterator[Product]:
    clock = MovableClock()
    async with running(settings_in(folder, *changes), Ses.SIMULATED, clock) as franked, aiohttp.ClientSession() as http:
        yield Product(franked, clock, http, franked.control_key, folder)


async def test_what_was_sealed_with_another_key_waits_until_that_key_is_back(tmp_path: Path) -> None:
    key, mine = tmp_path / ".franked" / KEY, tmp_path / "mine.key"
    async with started(tmp_path, SANDBOX) as product:
        [message] = await held(product, "ana@example.net")
    shutil.move(key, mine)
    key.write_text("5e" * 32)
    async with started(tmp_path) as product:
        story = await product.until(message, State.HELD)
        while (story := await product.story(message)).reason != "unreadable_variables":
            await asyncio.sleep(0.02)
        assert (await product.until((await product.send("bo@example.net"))["id"])).state is State.DELIVERED
    async with started(tmp_path) as product:  # the same wrong key again: it is left where it is
        assert len((await product.story(message)).ledger) == len(story.ledger)
    shutil.move(mine, key)
    async with started(tmp_path) as product:
        story = await product.until(message)
        assert story.state is State.DELIVERED
        assert ("released", "unreadable_variables") in [(entry.what, entry.why) for entry in story.ledger]
        assert product.copies()[message] == 1


async def test_what_can_be_read_is_not_kept_waiting_by_what_can_not(tmp_path: Path) -> None:
    backend = Sqlite(tmp_path, StoreClock(), Bell())
    async with backend.open(bytes([9] * 32)) as other:
        await Post(other, backend.clock).account()
        await Post(other, backend.clock).added(*(f"p{n}@example.net" for n in range(3)))
    async with backend.open() as ours:
        post = Post(ours, backend.clock)
        for n in (100, 101):
            await post.added(id=f"m_{n:026d}")
        assert len(await post.taken()) == 2
        assert await states_in(post.store) == {State.HELD: 3, State.SENDING: 2}
        assert await post.store.release("unreadable_variables", 2) == 0
    async with backend.open(bytes([9] * 32)) as other:
        assert await other.release("unreadable_variables", 2) == 2
        assert await other.release("unreadable_variables", 2) == 1
        assert await other.release("unreadable_variables", 2) == 0


async def test_an_unknown_outcome_is_never_released_nor_dropped_by_time(product: Product) -> None:
    product.simulator.plan(Fault(SendFault.RESET))
    message = (await product.send("ana@example.net"))["id"]
    await product.until(message, State.UNKNOWN)
    product.clock.move(hours=1)
    await product.until(message, State.HELD)
    await product.franked.refresh()
    product.clock.move(days=30)
    await sweep(product.franked.world)
    story = await product.story(message)
    assert (story.state, story.reason) == (State.HELD, "unknown_outcome")


async def test_an_event_ends_an_unknown_outcome(product: Product) -> None:
    """SES had taken it, and says so late."""
    product.simulator.plan(Fault(SendFault.RESET))
    message = (await product.send("ana@example.net"))["id"]
    await product.until(message, State.UNKNOWN)
    product.clock.move(hours=1)
    await product.until(message, State.HELD)
    tags = {"franked-message": [message], "franked-attempt": [f"{message}-1"]}
    await receive_queued(notice("Delivery", {"recipients": ["ana@example.net"]}, tags=tags), product.franked.world)
    story = await product.story(message)
    assert (story.state, story.reason, len(story.attempts)) == (State.DELIVERED, None, 1)


@pytest.mark.settings(SANDBOX)
async def test_held_mail_past_its_time_is_dropped_by_the_sweep(product: Product) -> None:
    messages = await held(product, "ana@example.net", "bo@example.net")
    product.clock.move(hours=71, minutes=59)
    await sweep(product.franked.world)
    assert [(await product.story(message)).state for message in messages] == [State.HELD] * 2
    product.clock.move(minutes=1)
    await sweep(product.franked.world)
    stories = [await product.story(message) for message in messages]
    assert [(story.state, story.reason, story.variables) for story in stories] == [(State.DROPPED, "expired", None)] * 2
