"""Dead letters: why, in words; an alarm when the first lands; put back into the queue by whoever may."""

import asyncio
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from franked.backends.local.faults import Fault, SendFault
from franked.doors.http.keyring import make_key
from franked.doors.running import running
from franked.record import Story
from franked.rules.backoff import unknown_wait
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.wiring import Ses
from tests.commandline import Said, franked
from tests.product import MovableClock, settings_in
from tests.running import Product

LONG_AFTER_THE_LEASE = timedelta(seconds=80) + unknown_wait(Lane.NORMAL)


async def hurried(product: Product, message_id: str, state: State) -> Story:
    """What is to be tried again later is tried at once."""
    async with asyncio.timeout(10):
        while (story := await product.story(message_id)).state is not state:
            if story.state is State.QUEUED and story.due_at > product.clock():
                product.clock.move(minutes=3)
                product.franked.world.bell.ring()
            await asyncio.sleep(0.05)
    return story


async def dead(product: Product, to: str = "ana@example.net", stream: str = "receipt") -> str:
    product.simulator.plan(Fault(SendFault.ERROR_503, times=3))
    sent = await product.send(to, stream)
    return (await hurried(product, sent["id"], State.DEAD)).id


async def three_dead(product: Product) -> list[str]:
    """With good news between: five errors in a row are the account's trouble, and cost no message a try."""
    messages = []
    for n in range(3):
        messages.append(await dead(product, f"p{n}@example.net"))
        well = await product.send("well@example.net")
        await hurried(product, well["id"], State.DELIVERED)
    return messages


async def held_for_a_person(product: Product, to: str = "ana@example.net") -> str:
    product.simulator.plan(Fault(SendFault.RESET))
    sent = await product.send(to)
    await product.until(sent["id"], State.UNKNOWN)
    product.clock.move(seconds=LONG_AFTER_THE_LEASE.total_seconds())
    return (await product.until(sent["id"], State.HELD)).id


async def ask(product: Product, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key or product.key}"}
    async with product.http.post(product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def warnings(product: Product) -> list[str]:
    status, health = await product.get("/readyz")
    assert status == 200
    return [warning for warning in health["warnings"] if "franked dead" in warning]


async def command(product: Product, *arguments: str) -> Said:
    return await asyncio.to_thread(franked, product.folder, *arguments)


# --- dead -------------------------------------------------------------------------------------------------------------


async def test_the_first_dead_letter_is_an_alarm_until_none_is_left(product: Product) -> None:  # E5
    assert await warnings(product) == []
    message = await dead(product)
    assert await warnings(product) == ["dead_letters: 1 message used up all tries, see franked dead"]
    await ask(product, f"/v1/messages/{message}/replay")
    assert await warnings(product) == []
    assert (await product.until(message)).state is State.DELIVERED


async def test_a_dead_letter_has_an_error_line_in_the_log(tmp_path: Path) -> None:  # E5, E6
    clock, log = MovableClock(), StringIO()
    settings = settings_in(tmp_path)
    async with running(settings, Ses.SIMULATED, clock, log) as started, aiohttp.ClientSession() as http:
        product = Product(started, clock, http, started.control_key, tmp_path)
        message = await dead(product)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    [alarm] = [line for line in lines if line["level"] == "error"]
    assert (alarm["event"], alarm["message"], alarm["state"], alarm["attempt"]) == ("dead", message, "dead", 3)
    assert len([line for line in lines if line["event"] == "attempt"]) == 2
    assert "ana@example.net" not in log.getvalue()


async def test_why_it_is_dead_is_said_in_words(product: Product) -> None:
    message = await dead(product)
    _, page = await product.get("/v1/dead")
    [told] = page["messages"]
    assert (told["id"], told["state"], told["to"], told["expired"]) == (message, "dead", "ana@example.net", False)
    assert told["why"].startswith("SES answered each try with an error of its own (attempts: 3, the last: server_error")
    [entry] = [entry for entry in (await product.story(message)).ledger if entry.what == "dead"]
    assert told["since"].startswith(entry.at.isoformat()[:19])
    assert (await product.get("/v1/dead?stop=unknown_outcome"))[1] == {"messages": [], "next": None}


async def test_what_is_replayed_goes_once_with_all_its_tries_and_the_ledger_says_who(product: Product) -> None:
    message = await dead(product)
    product.simulator.plan(Fault(SendFault.ERROR_503, times=2))
    status, answer = await ask(product, f"/v1/messages/{message}/replay", {"why": "SES is back"})
    assert (status, answer["id"], answer["state"], answer["expired"]) == (200, message, "queued", False)
    story = await hurried(product, message, State.DELIVERED)
    assert [attempt.outcome for attempt in story.attempts] == ["try_later"] * 5 + ["sent"]
    assert product.copies() == {message: 1}
    assert [line["request"] for line in product.logged("replayed")] == [story.request_id]  # E6
    [entry] = [entry for entry in story.ledger if entry.what == "replayed"]
    assert (entry.why, entry.by) == ("SES is back", product.key[3:11])
    _, told = await product.get(f"/v1/messages/{message}")
    assert [entry["by"] for entry in told["ledger"] if entry["what"] == "replayed"] == ["test"]


async def test_a_replayed_message_is_judged_again(product: Product) -> None:
    message = await dead(product, "bounce+9@simulator.amazonses.com")
    other = await product.send("bounce+9@simulator.amazonses.com")
    await product.until(other["id"], State.BOUNCED)
    await ask(product, f"/v1/messages/{message}/replay")
    story = await product.until(message, State.DROPPED)
    assert story.reason == "suppressed"
    assert product.copies() == {other["id"]: 1}


async def test_who_replays_too_late_is_told_that_it_will_not_be_sent(product: Product) -> None:
    message = await dead(product, stream="sign-in-code")
    product.clock.move(minutes=11)
    _, page = await product.get("/v1/dead")
    assert [told["expired"] for told in page["messages"]] == [True]
    listed = await command(product, "dead")
    assert "Its time was over on" in listed.out
    status, answer = await ask(product, f"/v1/messages/{message}/replay")
    assert (status, answer["expired"]) == (200, True)
    assert (await product.until(message, State.DROPPED)).reason == "expired"


async def test_only_what_is_dead_is_replayed_and_only_once(product: Product) -> None:
    sent = await product.send("ana@example.net")
    await product.until(sent["id"])
    status, problem = await ask(product, f"/v1/messages/{sent['id']}/replay")
    assert (status, problem["code"], "it is delivered" in problem["detail"]) == (409, "not_dead", True)
    message = await dead(product)
    answers = await asyncio.gather(*(ask(product, f"/v1/messages/{message}/replay") for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409]
    await product.until(message)
    assert product.copies()[message] == 1


async def test_a_key_sees_and_replays_its_own_dead_letters_the_administrator_all(product: Product) -> None:  # E4
    shown, record = make_key("other", frozenset(), frozenset(), product.clock())
    await product.franked.world.store.add_keys([record])
    product.franked.keyring.forget()
    message = await dead(product)
    assert (await product.get("/v1/dead", key=shown))[1]["messages"] == []
    status, problem = await ask(product, f"/v1/messages/{message}/replay", key=shown)
    assert (status, problem["code"]) == (404, "not_found")
    admin = product.franked.control_key
    assert [told["id"] for told in (await product.get("/v1/dead", key=admin))[1]["messages"]] == [message]
    assert (await ask(product, f"/v1/messages/{message}/replay", key=admin))[0] == 200
    [entry] = [entry for entry in (await product.story(message)).ledger if entry.what == "replayed"]
    assert (entry.by, entry.why) == ("command line", "server_error")
    assert (await product.get("/v1/dead", key="nonsense"))[0] == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_shape"),
        ({"why": ""}, 422, "invalid_shape"),
        ({"why": "x" * 201}, 422, "invalid_shape"),
        ({"why": "x", "all": True}, 422, "invalid_shape"),
        ({"why": "a\x00b"}, 422, "invalid_text"),
        ({"why": "it never came"}, 404, "not_found"),
    ],
)
async def test_a_release_says_why_and_names_a_message(
    product: Product, body: dict[str, Any], status: int, code: str
) -> None:
    found, problem = await ask(product, "/v1/messages/m_nobody/release", body)
    assert (found, problem["code"]) == (status, code)


@pytest.mark.parametrize("query", ["stop=sandbox", "limit=0", "limit=201", "limit=many"])
async def test_a_page_that_can_not_be_is_refused(product: Product, query: str) -> None:
    status, problem = await product.get(f"/v1/dead?{query}")
    assert (status, problem["code"]) == (422, "invalid_query")


async def test_dead_letters_come_page_by_page_oldest_first(product: Product) -> None:
    messages = await three_dead(product)
    assert await warnings(product) == ["dead_letters: 3 messages used up all tries, see franked dead"]
    seen: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        _, page = await product.get(f"/v1/dead?limit=2&after={after}")
        seen.append([told["id"] for told in page["messages"]])
        after = page["next"]
    assert seen == [messages[:2], messages[2:]]


# --- nobody knows -----------------------------------------------------------------------------------------------------


async def test_what_may_have_arrived_waits_for_a_person_who_says_why(product: Product) -> None:
    message = await held_for_a_person(product)
    assert await warnings(product) == ["unknown_outcome: 1 message may have arrived or not, see franked dead"]
    _, page = await product.get("/v1/dead?stop=unknown_outcome")
    [told] = page["messages"]
    assert (told["id"], told["reason"]) == (message, "unknown_outcome")
    assert told["why"].startswith("nobody knows whether SES took it (attempts: 1, the last: no answer came back")
    assert (await ask(product, f"/v1/messages/{message}/replay"))[1]["code"] == "not_dead"
    status, answer = await ask(product, f"/v1/messages/{message}/release", {"why": "Ana says that nothing came"})
    assert (status, answer["state"]) == (200, "queued")
    story = await product.until(message)
    assert (story.state, product.copies()) == (State.DELIVERED, {message: 1})
    [entry] = [entry for entry in story.ledger if entry.what == "released"]
    assert (entry.why, entry.by) == ("Ana says that nothing came", product.key[3:11])


@pytest.mark.settings(("production = true", "production = false"))
async def test_a_person_releases_no_hold_that_a_fact_decides(product: Product) -> None:
    held = await product.send("ana@example.net")
    status, problem = await ask(product, f"/v1/messages/{held['id']}/release", {"why": "I want it out"})
    assert (status, problem["code"]) == (409, "not_held_for_a_person")
    assert "held (sandbox)" in problem["detail"]
    assert (await product.story(held["id"])).state is State.HELD


# --- the command ------------------------------------------------------------------------------------------------------


async def test_the_command_lists_why_and_puts_back(product: Product) -> None:
    quiet = await command(product, "dead")
    assert (quiet.status, quiet.out) == (0, "Nothing is dead, and no mail waits for a person.\n")
    first, second, third = await three_dead(product)
    unknown = await held_for_a_person(product, "u@example.net")
    shown = await command(product, "dead")
    assert shown.status == 1
    for words in (
        first,
        second,
        third,
        unknown,
        "SES answered each try with an error of its own",
        "nobody knows whether SES",
    ):
        assert words in shown.out
    as_json = await command(product, "dead", "--json")
    found = json.loads(as_json.out)
    assert [told["id"] for told in found["dead"]] == [first, second, third]
    assert [told["id"] for told in found["unknown_outcome"]] == [unknown]

    one = await command(product, "dead", "replay", first, "m_nobody", "--why", "SES is back")
    assert one.status == 1
    assert f"{first}: queued" in one.out and "m_nobody: Nothing here" in one.out
    rest = await command(product, "dead", "replay", "--all")
    assert (rest.status, rest.out) == (0, f"{second}: queued\n{third}: queued\n")
    released = await command(product, "dead", "release", unknown, "--why", "it never came")
    assert (released.status, released.out) == (0, f"{unknown}: queued\n")
    for message in (first, second, third, unknown):
        assert (await product.until(message)).state is State.DELIVERED
    assert (await command(product, "dead")).status == 0


async def test_the_command_asks_for_what_it_needs(product: Product) -> None:
    for arguments in (("replay",), ("replay", "--all", "m_1"), ("release", "m_1")):
        said = await command(product, "dead", *arguments)
        assert (said.status, said.out) == (2, "")
        assert said.err
