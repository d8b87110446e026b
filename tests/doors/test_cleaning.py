"""Lists are cleaned by people: Franked proposes, somebody decides and says why (A9, D13)."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from franked.rules.address import Address
from franked.rules.consent import Asked, Evidence, Statement, Step
from franked.rules.message import State
from franked.rules.origin import of_import
from franked.rules.suppression import Why
from tests.commandline import Said, together
from tests.doors.test_consulting import Portal, portal
from tests.running import Product

__all__ = ["portal"]


async def stale(product: Product | Portal, query: str = "") -> dict[str, Any]:
    franked = product.franked
    headers = {"Authorization": f"Bearer {franked.control_key}"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{franked.url}/v1/people/stale{query}", headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


def reasons(page: dict[str, Any]) -> dict[str, list[str]]:
    return {one["address"]: one["reasons"] for one in page["people"]}


async def commands(product: Product, *asked: tuple[str, ...]) -> list[Said]:
    return await asyncio.to_thread(together, product.folder, *(("people", "clean", *arguments) for arguments in asked))


async def brought(product: Product, *addresses: str) -> None:
    """By an import: known, and never mailed."""
    origins = [of_import(Address.of_spelled(one), "the old shop", "k", "shop", product.clock()) for one in addresses]
    await product.franked.world.store.import_people(origins)


async def test_a9_whom_the_portal_has_not_mailed_for_a_year_is_proposed_and_stays(portal: Portal) -> None:
    await portal.member()
    async with asyncio.timeout(10):
        while not (await stale(portal, "?months=1"))["looked_at"]:
            await asyncio.sleep(0.05)
    assert reasons(await stale(portal)) == {}
    portal.clock.move(days=13 * 30)
    page = await stale(portal)
    assert reasons(page) == {"ana@example.com": ["not_mailed"]}
    assert page["people"][0]["last_delivered"]
    [origin] = await portal.franked.world.store.origins(["ana@example.com"])
    assert origin is not None  # nothing was done to anybody


async def test_d13_who_bounced_softly_or_never_confirmed_or_is_not_reached_is_proposed(product: Product) -> None:
    store = product.franked.world.store
    url = f"{product.simulator.url}/_simulator/people"
    async with product.http.post(url, json={"domain": "full.example.net", "full": 1}) as answer:
        assert answer.status == 200
    for _ in range(2):
        sent = await product.send("Ben@full.example.net")
        await product.until(sent["id"], State.SOFT_BOUNCED)
    well = await product.send("dee@example.com")
    await product.until(well["id"], State.DELIVERED)
    await brought(product, "cy@example.com")
    said = Statement(Address.of_spelled("cy@example.com"), "digests", Step.ASKED, product.clock(), Evidence("test"))
    await store.ask_consent([Asked(b"1" * 32, said, product.clock() + timedelta(hours=48))])
    assert reasons(await stale(product)) == {"Ben@full.example.net": ["soft_bounces"]}
    product.clock.move(days=3)
    assert reasons(await stale(product)) == {
        "Ben@full.example.net": ["soft_bounces"],
        "cy@example.com": ["never_confirmed"],
    }
    assert reasons(await stale(product, "?reason=never_confirmed")) == {"cy@example.com": ["never_confirmed"]}


async def test_the_list_comes_by_page(product: Product) -> None:
    await brought(product, *(f"p{number}@example.com" for number in range(5)))
    product.clock.move(days=400)
    first = await stale(product, "?limit=2")
    assert (len(first["people"]), first["looked_at"], first["next"]) == (2, 2, "p1@example.com")
    rest = await stale(product, f"?limit=3&after={first['next']}")
    assert (len(rest["people"]), rest["next"]) == (3, "p4@example.com")
    assert (await stale(product, "?limit=3&after=p4@example.com"))["next"] is None


async def test_a_person_decides_with_a_file_and_a_reason(product: Product, tmp_path: Path) -> None:  # A9, D13
    await brought(product, "ana@example.com", "ben@example.com", "cy@example.com")
    product.clock.move(days=400)
    gone, forgotten = tmp_path / "gone.txt", tmp_path / "forgotten.txt"
    gone.write_text("ana@example.com\n")
    forgotten.write_text("ben@example.com\nno address\n")
    shown, as_json, no_reason, both = await commands(
        product, (), ("--json",), ("--suppress", str(gone)), ("--suppress", "a", "--erase", "b", "--why", "c")
    )
    assert "3 of 3 addresses are proposed: 3 not mailed for so long. Nothing was changed." in shown.out, shown
    told = json.loads(as_json.out)
    assert (told["proposed"], told["reasons"]["not_mailed"], len(told["people"])) == (3, 3, 3)
    assert no_reason.status == 2 and both.status == 2
    assert await product.franked.world.store.suppressed(["ana@example.com"]) == [None]
    suppressed, erased = await commands(
        product,
        ("--suppress", str(gone), "--why", "no answer for a year"),
        ("--erase", str(forgotten), "--why", "decided by Ana"),
    )
    assert suppressed.status == 0 and "1 added" in suppressed.out, suppressed
    assert erased.status == 1 and "1 erased" in erased.out and "line 2: 'no address'" in erased.out, erased
    [ana, ben] = await product.franked.world.store.suppressed(["ana@example.com", "ben@example.com"])
    assert ana is not None and ana.why is Why.MANUAL and "list cleaning: no answer for a year" in ana.source
    assert ben is not None and ben.why is Why.ERASED
    assert reasons(await stale(product)) == {"cy@example.com": ["not_mailed"]}
