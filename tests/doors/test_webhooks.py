"""Webhooks: the application is told, signed; who does not listen holds nobody up; nothing inside is reached."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from franked.doors.running import running
from franked.rules.message import State
from franked.wiring import Ses, WrongSettings
from tests.commandline import Said, franked
from tests.letters import newest, press
from tests.product import settings_in
from tests.receiver import NEWER, SECRET, Receiver, declared, receiving
from tests.running import Product, product_in

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
BOUNCE = "bounce@simulator.amazonses.com"
LOG = "[log]"
DELIVERED = 'events = ["message.delivered"]'  # once for each mail; `sent` may be overtaken


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@asynccontextmanager
async def told(folder: Path, *sections: str) -> AsyncIterator[Product]:
    async with product_in(folder, (LOG, "".join(sections) + LOG)) as product:
        yield product


async def ask(product: Product, method: str, path: str, body: object = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {product.franked.control_key}"}
    async with product.http.request(method, product.franked.url + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def health(product: Product, name: str = "shop") -> dict[str, Any]:
    _, found = await ask(product, "GET", "/v1/webhooks")
    return next(one for one in found if one["name"] == name)


async def until(product: Product, within: float = 10.0, **wanted: object) -> dict[str, Any]:
    async with asyncio.timeout(within):
        while not wanted.items() <= (found := await health(product)).items():
            await asyncio.sleep(0.05)
    return found


# --- what it is told --------------------------------------------------------------------------------------------------


async def test_a_bounce_arrives_at_the_application(tmp_path: Path, shop: Receiver) -> None:
    """The whole way: accepted, sent, bounced at SES, back through the signed topic, told with our own signature."""
    async with told(tmp_path, declared(shop)) as product:
        trigger = {"act": "purchase", "by": "account-1", "at": product.clock().isoformat(), "ref": "order-7"}
        sent = await product.send(BOUNCE, trigger=trigger)
        bounced, listed = await shop.until("message.bounced", "suppression.added")
        story = await product.story(sent["id"])
    assert all(one.signed_with(SECRET) and not one.signed_with(NEWER) for one in shop.heard)
    assert bounced.data["id"] == sent["id"]
    assert bounced.data["to"] == BOUNCE
    assert bounced.data["trigger"] == {"by": "account-1", "ref": "order-7"}
    assert (bounced.data["stream"], bounced.data["state"]) == ("receipt", story.state.value)
    assert bounced.data["reason"].startswith("Permanent/")
    assert (listed.data["address"], listed.data["why"]) == (BOUNCE, "hard_bounce")
    assert bounced.headers["Content-Type"] == "application/json"


async def test_the_next_mail_is_dropped_and_told(tmp_path: Path, shop: Receiver) -> None:
    async with told(tmp_path, declared(shop)) as product:
        await product.send(BOUNCE)
        await shop.until("suppression.added")
        await product.send(BOUNCE)
        [dropped] = await shop.until("message.dropped")
        assert dropped.data["reason"] == "suppressed"
        await ask(product, "DELETE", f"/v1/suppressions/{BOUNCE}?why=mended")
        [lifted] = await shop.until("suppression.lifted")
    assert (lifted.data["address"], lifted.data["why"]) == (BOUNCE, "hard_bounce")


async def test_a_reader_confirms_and_leaves(tmp_path: Path, shop: Receiver) -> None:
    async with told(tmp_path, declared(shop, "shop", 'events = ["consent"]')) as product:
        body = {"to": "ana@example.net", "topic": "digests", "source": "a form", "wording": "Weekly, please."}
        headers = {"Authorization": f"Bearer {product.key}"}
        async with product.http.post(f"{product.franked.url}/v1/subscriptions", json=body, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
        await press(product, (await newest(product, "ana@example.net")).link("confirm"))
        [confirmed] = await shop.until("consent.confirmed")
    assert {key: confirmed.data[key] for key in ("address", "topic")} == {
        "address": "ana@example.net",
        "topic": "digests",
    }


async def test_nothing_that_a_mail_says_is_told(tmp_path: Path, shop: Receiver) -> None:
    """Not even to who holds the secret: codes, variables and subjects stay in the mail."""
    async with told(tmp_path, declared(shop)) as product:
        await product.send("success@simulator.amazonses.com", "sign-in-code", variables={"code": "837462"})
        await product.send("success@simulator.amazonses.com", "receipt", variables={"number": "R-837462"})
        async with asyncio.timeout(5):
            while sum(one.said["type"] == "message.delivered" for one in shop.heard) < 2:
                await asyncio.sleep(0.01)
    for one in shop.heard:
        assert b"837462" not in one.body
        assert b"Your" not in one.body
        fields = {"id", "state", "reason", "at", "stream", "to", "accepted_at", "trigger"}
        assert set(one.data) == fields
    assert SECRET.removeprefix("whsec_") not in product.log.getvalue()


async def test_while_secrets_change_both_are_good(tmp_path: Path, shop: Receiver) -> None:
    both = f'["{NEWER}", "{SECRET}"]'
    async with told(tmp_path, declared(shop, secret=both)) as product:
        status, answer = await ask(product, "POST", "/v1/webhooks/shop/test")
        assert (status, answer) == (200, {"told": True, "status": 204, "why": None})
        assert (await health(product))["secrets"] == 2
    [heard] = shop.heard
    assert heard.said["type"] == "test"
    assert heard.signed_with(SECRET) and heard.signed_with(NEWER)


async def test_the_ten_lines_of_the_docs_verify(tmp_path: Path, shop: Receiver) -> None:
    async with told(tmp_path, declared(shop)) as product:
        await ask(product, "POST", "/v1/webhooks/shop/test")
    [heard] = shop.heard
    lines = next(block for block in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL) if "hmac" in block)
    house: dict[str, Any] = {}
    exec(lines, house)  # our own page
    verified = house["verified"]
    assert verified(SECRET, heard.headers, heard.body)
    assert not verified(NEWER, heard.headers, heard.body)
    assert not verified(SECRET, heard.headers, heard.body + b" ")
    assert not verified(SECRET, {**heard.headers, "webhook-id": "w_2"}, heard.body)
    late = str(int(heard.headers["webhook-timestamp"]) - 600)
    assert not verified(SECRET, {**heard.headers, "webhook-timestamp": late}, heard.body)


# --- who does not listen ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 500, 302, 404], ids=["hangs", "500", "redirects inside", "404"])
async def test_who_does_not_listen_holds_up_nobody(tmp_path: Path, status: int) -> None:
    """Mail goes out and is settled, and another endpoint is told, while the first call is still under way."""
    async with receiving() as shop, receiving() as list_:
        shop.status, shop.to = status, "http://169.254.169.254/latest/meta-data/" if status == 302 else ""
        async with told(tmp_path, declared(shop), declared(list_, "list", DELIVERED)) as product:
            sent = [await product.send("success@simulator.amazonses.com") for _ in range(5)]
            await shop.heard_times(1)
            for one in sent:
                await product.until(one["id"], State.DELIVERED)
            await list_.heard_times(5)
            assert (await health(product))["told"] == 0
            assert (await health(product, "list"))["failing_since"] is None
        assert sorted(one.data["id"] for one in list_.heard) == sorted(one["id"] for one in sent)
        assert (shop.wandered, list_.wandered) == ([], [])


async def test_a_redirect_to_what_is_inside_is_no_way_in(tmp_path: Path) -> None:
    async with receiving() as shop, receiving() as inside:
        shop.status, shop.to = 307, f"http://127.0.0.1:{inside.port}/latest/meta-data/"
        async with told(tmp_path, declared(shop)) as product:
            _, answer = await ask(product, "POST", "/v1/webhooks/shop/test")
            await product.send("success@simulator.amazonses.com")
            await shop.heard_times(2)
            await until(product, why="it answered 307")
        assert answer == {"told": False, "status": 307, "why": "it answered 307"}
        assert (inside.heard, inside.wandered) == ([], [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
async def test_an_endpoint_inside_is_called_only_where_the_settings_allow_it(
    tmp_path: Path, shop: Receiver, host: str
) -> None:
    section = declared(shop).replace(shop.url, f"https://{host}:{shop.port}/hooks")
    section = section.replace('allow = ["127.0.0.0/8"]\n', "")
    async with told(tmp_path, section) as product:
        _, answer = await ask(product, "POST", "/v1/webhooks/shop/test")
        assert (answer["told"], answer["status"]) == (False, None)
        assert "not public" in answer["why"] or "no address" in answer["why"]
    assert (shop.heard, shop.wandered) == ([], [])


async def test_it_is_tried_again_under_the_same_id_until_it_listens(tmp_path: Path, shop: Receiver) -> None:
    shop.status = 500
    async with told(tmp_path, declared(shop, "shop", DELIVERED)) as product:
        await product.send("success@simulator.amazonses.com")
        for number in (1, 2, 3):
            await shop.heard_times(number)
            await asyncio.sleep(0.6)  # nothing more of it before it is due
            assert len(shop.heard) == number
            product.clock.move(minutes=1)
        shop.status = 200
        product.clock.move(minutes=10)
        found = await until(product, told=1, waiting=0)
    assert len({one.id for one in shop.heard}) == 1
    assert len({one.body for one in shop.heard}) == 1
    assert len({one.headers["webhook-timestamp"] for one in shop.heard}) >= 3  # each call is signed anew
    assert found["failing_since"] is None


async def test_an_endpoint_that_failed_for_a_day_is_disabled_and_a_person_enables_it(
    tmp_path: Path, shop: Receiver
) -> None:
    shop.status = 500
    async with told(tmp_path, declared(shop, "shop", DELIVERED)) as product:
        await product.send("success@simulator.amazonses.com")
        heard = 1
        while (await health(product))["disabled_at"] is None:
            await shop.heard_times(heard)
            await asyncio.sleep(0.1)
            product.clock.move(hours=8.9)
            heard = len(shop.heard) + (await health(product))["waiting"]
        _, ready = await product.get("/readyz")
        assert "webhook_disabled:shop" in str(ready["warnings"])
        assert len(product.logged("webhook_disabled")) == 1
        shop.status, before = 200, len(shop.heard)
        await product.send("success@simulator.amazonses.com")
        await asyncio.sleep(1.2)
        assert len(shop.heard) == before
        answer = await ask(product, "POST", "/v1/webhooks/shop/enable")
        assert answer == (200, {"enabled": True, "waiting": 2})
        await until(product, told=2, waiting=0)
        assert "webhook_disabled" not in str(await product.get("/readyz"))
        assert await ask(product, "POST", "/v1/webhooks/shop/enable") == (200, {"enabled": False, "waiting": 0})


async def test_who_answers_410_is_disabled_at_once(tmp_path: Path, shop: Receiver) -> None:
    shop.status = 410
    async with told(tmp_path, declared(shop)) as product:
        await product.send("success@simulator.amazonses.com")
        found = await until(product, why="it answered 410")
        assert found["disabled_at"] is not None
        assert found["waiting"] >= 1


# --- what a person does -----------------------------------------------------------------------------------------------


async def test_only_the_administrator_sees_and_moves_webhooks(tmp_path: Path, shop: Receiver) -> None:
    async with told(tmp_path, declared(shop)) as product:
        headers = {"Authorization": f"Bearer {product.key}"}
        for method, path in (("GET", ""), ("POST", "/shop/test"), ("POST", "/shop/replay"), ("POST", "/shop/enable")):
            url = f"{product.franked.url}/v1/webhooks{path}"
            async with product.http.request(method, url, headers=headers, json={}) as answer:
                assert answer.status == 403
        for path in ("test", "enable"):
            assert (await ask(product, "POST", f"/v1/webhooks/nobody/{path}"))[0] == 404
    assert shop.heard == []


async def test_a_replay_reaches_seven_days_back(tmp_path: Path, shop: Receiver) -> None:
    async with told(tmp_path, declared(shop, "shop", DELIVERED)) as product:
        before = product.clock().isoformat()
        await product.send("success@simulator.amazonses.com")
        await until(product, told=1, waiting=0)
        assert await ask(product, "POST", "/v1/webhooks/shop/replay", {"since": before}) == (200, {"replayed": 1})
        await shop.heard_times(2)
        await until(product, told=2, waiting=0)
        product.clock.move(days=8)
        status, problem = await ask(product, "POST", "/v1/webhooks/shop/replay", {"since": before})
        assert (status, problem["code"]) == (422, "invalid_since")
        later = (product.clock()).replace(year=product.clock().year + 1).isoformat()
        assert (await ask(product, "POST", "/v1/webhooks/shop/replay", {"since": later}))[0] == 422
    ids = [one.id for one in shop.heard]
    assert ids[0] == ids[1]


async def test_the_command_line(tmp_path: Path, shop: Receiver) -> None:
    async with told(tmp_path, declared(shop, "shop", DELIVERED)) as product:

        async def command(*arguments: str) -> Said:
            return await asyncio.to_thread(franked, product.folder, "webhooks", *arguments)

        assert "nothing told yet" in (await command()).out
        tried = await command("test", "shop")
        assert (tried.status, tried.out) == (0, "shop: it answered 204\n")
        await product.send("success@simulator.amazonses.com")
        await until(product, told=1, waiting=0)
        assert (await command("replay", "shop", "--since", "1h")).out == "shop: 1 go again\n"
        assert (await command("enable", "shop")).out == "shop: it was not disabled\n"
        shop.status = 500
        tried = await command("test", "shop")
        assert (tried.status, tried.out) == (1, "shop: it answered 500\n")
        await product.send("success@simulator.amazonses.com")
        await until(product, why="it answered 500")
        listed = await command("--json")
        assert listed.status == 1
        [one] = json.loads(listed.out)["webhooks"]
        assert one["why"] == "it answered 500"
        assert SECRET not in listed.out
        nobody = await command("test", "nobody")
        assert (nobody.status, "[webhooks.nobody]" in nobody.err) == (2, True)


def test_a_secret_is_made_and_good(tmp_path: Path) -> None:
    made = franked(tmp_path, "webhooks", "secret").out.strip()
    section = f'[webhooks.shop]\nurl = "https://shop.example.com/"\nsecret = "{made}"\n'
    settings = settings_in(tmp_path, (LOG, section + LOG))
    [key] = settings.webhooks["shop"].secret or ()
    assert len(key) == 32


async def test_who_calls_does_not_start_without_a_secret(tmp_path: Path, shop: Receiver) -> None:
    settings = settings_in(tmp_path, (LOG, declared(shop) + LOG))
    unsigned = replace(settings, webhooks={"shop": replace(settings.webhooks["shop"], secret=None)})
    with pytest.raises(WrongSettings, match="FRANKED_WEBHOOKS_SHOP_SECRET"):
        async with running(unsigned, Ses.SIMULATED):
            pass


async def test_what_was_to_be_told_survives_a_restart(tmp_path: Path, shop: Receiver) -> None:
    shop.status = 500
    async with told(tmp_path, declared(shop, "shop", DELIVERED)) as product:
        await product.send("success@simulator.amazonses.com")
        await shop.heard_times(1)
    shop.status = 200
    async with told(tmp_path, declared(shop, "shop", DELIVERED)) as product:
        product.clock.move(minutes=2)  # past the lease of a call that was under way
        await until(product, told=1, waiting=0)
    assert len({one.id for one in shop.heard}) == 1
