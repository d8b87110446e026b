"""The governor in a product: too many bounces stop its mail, people are told why, and a person lets it go again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from examples.consulting.app import create_app
from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening, serving
from franked.enquiry import Enquiry
from franked.reputation.braking import PAUSED, look
from franked.rules.governor import Step
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.settings import read
from franked.wiring import Ses, Share, Simulator
from tests.commandline import franked as command
from tests.product import MovableClock
from tests.running import Product, product_in

CONSULTING = Path(__file__).parents[2] / "examples" / "consulting" / "franked.toml"
FOUND, DONE = "somebody typed in made-up addresses", "the form asks who one is now"


@dataclass(frozen=True, slots=True)
class Portal:
    franked: Running
    simulator: Simulator
    client: AsyncClient

    async def sign_up(self, number: int, domain: str) -> None:
        form = {"name": "Ana", "email": f"p{number}@{domain}", "password": "correct horse"}
        person = {"X-Forwarded-For": f"2001:db8:0:{number:x}::1"}
        page = await self.client.post("/sign-up?lang=en", data=form, headers=person)
        assert page.status_code == 200, page.text

    async def settled(self) -> None:
        async with asyncio.timeout(20):
            while (await self.franked.world.store.count_waiting()).keys() & {State.SENDING} or not await self._quiet():
                await asyncio.sleep(0.02)

    async def _quiet(self) -> bool:
        brake = await self.franked.world.store.brake()
        waiting = await self.franked.world.store.count_waiting()
        return not self.simulator.office.topic.outstanding and (brake.step.is_stop or State.QUEUED not in waiting)

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.franked.control_key}"}
        said = await self.client.request(method, self.franked.url + path, json=body, headers=headers)
        return said.status_code, said.json()


@asynccontextmanager
async def portal_in(folder: Path) -> AsyncIterator[Portal]:
    settings, clock = read(CONSULTING, {}), MovableClock()
    settings = replace(
        settings,
        canary=replace(settings.canary, enabled=False),  # its mails are none of the product's
        store=replace(settings.store, directory=folder / "record"),
        server=replace(settings.server, port=0),
        simulator=replace(settings.simulator, port=0, production=True, rate=500.0, quota=-1.0),
    )
    async with running(settings, Ses.SIMULATED, clock, StringIO()) as franked:
        simulator = franked.wired.simulator
        assert simulator is not None
        simulator.people("gone.example.net", Share(bounce=1.0))
        key, record = make_key("portal", frozenset(settings.streams), frozenset(), clock())
        await franked.world.store.add_keys([record])
        app = create_app(franked.url, key, folder / "portal.db", clock, 100_000)
        async with (
            serving(app, listening("127.0.0.1", 0), ["127.0.0.1"]) as url,
            AsyncClient(base_url=url, timeout=30) as client,
        ):
            yield Portal(franked, simulator, client)


async def _state(message: str, portal: Portal) -> State:
    [story] = await portal.franked.world.store.find([message])
    assert story is not None
    return story.state


async def test_a5_a6_five_percent_stop_all_until_a_person_has_found_the_cause(tmp_path: Path) -> None:
    async with portal_in(tmp_path) as portal:
        for number in range(200):
            await portal.sign_up(number, "example.org")
        for number in range(200, 211):
            await portal.sign_up(number, "gone.example.net")
        await portal.settled()
        status, told = await portal.ask("GET", "/v1/reputation")
        assert (status, told["brake"]["step"], told["brake"]["means"]) == (200, "stop_all", "nothing is sent")
        assert told["brake"]["because"].startswith("5.")
        assert told["windows"][2]["bounced"] == 11
        assert [one["of"] for one in told["lanes"]] == ["urgent"]
        ready = (await portal.ask("GET", "/readyz"))[1]["warnings"]
        assert any("governor_stop_all" in one and "franked governor release" in one for one in ready)
        await portal.sign_up(300, "example.org")
        await portal.settled()
        newest = (await portal.franked.world.store.enquire(Enquiry(most=1))).items[0]
        assert newest.state is State.QUEUED  # it waits, and is not lost
        for body in ({}, {"investigation": "", "action": DONE}, {"investigation": FOUND}):
            assert (await portal.ask("POST", "/v1/reputation/release", body))[0] == 422
        body = {"investigation": FOUND, "action": DONE, "by": "Ana"}
        status, told = await portal.ask("POST", "/v1/reputation/release", body)
        assert (status, told["brake"]["step"]) == (200, "none")
        line = told["log"][0]
        assert [line[name] for name in ("what", "by", "why", "action")] == ["released", "Ana", FOUND, DONE]
        async with asyncio.timeout(20):
            while await _state(newest.id, portal) is not State.DELIVERED:
                await asyncio.sleep(0.05)
        status, problem = await portal.ask("POST", "/v1/reputation/release", body)
        assert (status, problem["code"]) == (409, "not_braked")


SETS = ('[log]\nlevel = "debug"\n', '[ses.configuration_sets]\nbulk = "bulk"\n\n[log]\nlevel = "debug"\n')


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Product]:
    async with product_in(tmp_path / "product", SETS) as product:
        product.simulator.people("gone.example.net", Share(bounce=1.0))
        product.simulator.people("spam.example.net", Share(complaint=1.0))
        yield product


async def _sent(shop: Product, number: int, domain: str, start: int = 0) -> None:
    mails = [shop.draft(f"p{start + n}@{domain}") for n in range(number)]
    headers = {"Authorization": f"Bearer {shop.key}"}
    async with shop.http.post(
        f"{shop.franked.url}/v1/messages/batch", json={"messages": mails}, headers=headers
    ) as said:
        assert said.status == 200, await said.text()
    async with asyncio.timeout(20):
        while (await shop.franked.world.store.count_waiting()).keys() & {State.QUEUED, State.SENDING}:
            await asyncio.sleep(0.02)
        await shop.simulator.quiet(20)


def _paused(shop: Product) -> list[str]:
    return list(shop.simulator.account.standing.paused_sets)


async def test_a_stop_of_bulk_pauses_its_set_at_ses_and_a_release_lets_it_send_again(shop: Product) -> None:
    await _sent(shop, 240, "example.org")
    await _sent(shop, 10, "gone.example.net")  # 4 %
    world = shop.franked.world
    assert (await look(world)).step is Step.STOP_BULK
    assert _paused(shop) == ["bulk"]
    assert (await world.store.standing(world.now())).waits.keys() == {Lane.BULK}
    assert PAUSED in [alarm.key for alarm in await world.store.alarms()]
    out = await asyncio.to_thread(command, shop.folder, "governor", "--json")
    assert (out.status, json.loads(out.out)["brake"]["step"]) == (1, "stop_bulk")
    out = await asyncio.to_thread(
        command, shop.folder, "governor", "release", "--investigation", FOUND, "--action", DONE, "--by", "Ana"
    )
    assert (out.status, "bulk lane stands still" in out.out, "released, by Ana" in out.out) == (0, False, True), out.err
    assert (await look(world)).step is Step.NONE
    assert _paused(shop) == []
    assert await world.store.alarms() == []


async def test_c16_after_approval_it_looks_closer(tmp_path: Path) -> None:
    async with product_in(tmp_path / "product", ("production = true", "production = false")) as shop:
        shop.simulator.people("gone.example.net", Share(bounce=1.0))
        assert (await shop.franked.world.store.brake()).careful_until is None
        shop.simulator.grant_production(500.0, -1)
        await shop.franked.refresh()  # no restart, no new settings
        assert (await shop.franked.world.store.brake()).careful_until is not None
        await _sent(shop, 300, "example.org")
        await _sent(shop, 5, "gone.example.net")  # 1.6 %: half of what slows it otherwise
        assert (await shop.franked.world.store.brake()).step is Step.SLOW
        assert [alarm.key for alarm in await shop.franked.world.store.alarms()] == ["governor_slow"]
