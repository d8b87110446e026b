"""An issue goes to who has agreed, once to each, and to nobody who has left meanwhile (C8, D3)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from franked.rules.address import Address
from franked.rules.consent import Evidence, Statement, Step
from franked.rules.lane import Lane
from franked.rules.message import State
from franked.rules.newsletter import Issue, Newsletter
from franked.rules.pace import LaneWait
from tests.letters import arrived, newest, press, reader, readers_in
from tests.running import Product


@pytest.fixture
async def paper(tmp_path: Path) -> AsyncIterator[Product]:
    async with readers_in(tmp_path / "paper") as started:
        yield started


async def issue(product: Product, **fields: Any) -> tuple[int, Any]:
    body = {"id": "march", "stream": "news", "variables": {"number": 12}} | fields
    headers = {"Authorization": f"Bearer {product.key}"}
    async with product.http.post(f"{product.franked.url}/v1/newsletters", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def done(product: Product, id_: str = "march") -> Any:
    async with asyncio.timeout(20):
        while (told := (await product.get(f"/v1/newsletters/{id_}"))[1])["state"] != "done":
            await asyncio.sleep(0.02)
    return told


async def agree(product: Product, *names: str) -> None:
    """Readers from before, as an import of evidence would bring them."""
    people = [Address.of_spelled(f"{name}@example.net") for name in names]
    now = product.clock()
    said = [Statement(one, "news", Step.CONFIRMED, now, Evidence("test"), "en") for one in people]
    await product.franked.world.store.state(said)


async def test_an_issue_goes_to_the_confirmed_once_however_often_it_is_posted_d3_c8(paper: Product) -> None:
    await reader(paper, "ana@example.net")
    await reader(paper, "ben@example.net")
    await reader(paper, "cy@example.net", "offers")
    await press(paper, (await newest(paper, "ben@example.net")).link("confirm"))
    for _ in range(3):
        status, told = await issue(paper)
        assert (status, told["id"], told["people"]) == (202, "march", 2)
    told = await done(paper)
    assert (told["written"], told["queued"], told["dropped"]) == (2, 2, 0)
    for to in ("ana@example.net", "ben@example.net"):
        assert (await newest(paper, to, 2)).subject == "News 12"
    await issue(paper)
    await issue(paper, id="april")
    await done(paper, "april")
    assert [one.subject for one in arrived(paper, "ana@example.net")][1:] in (["News 12"], ["News 12", "News 12"])
    await newest(paper, "ana@example.net", 3)
    assert len(arrived(paper, "cy@example.net")) == 1  # the confirmation mail: another topic was not asked for
    assert (await issue(paper, variables={"number": 13}))[0] == 409


async def test_who_leaves_in_the_middle_gets_nothing_after_d6(paper: Product) -> None:
    """What is written already waits in the queue: it is judged again when it would go. The link is an old mail's."""
    store, names = paper.franked.world.store, [f"reader{number:02}" for number in range(40)]
    await agree(paper, *names)
    await issue(paper, id="february")
    link = (await newest(paper, "reader07@example.net")).link("leave")
    await sent_by(paper, 40)
    await store.close_lane(Lane.BULK, LaneWait(paper.clock() + timedelta(hours=1), "a test"))
    await issue(paper)
    assert (await done(paper))["queued"] == 40
    assert (await press(paper, link, what="topic"))[0] == 200
    paper.clock.move(hours=2)
    await sent_by(paper, 79)
    assert [one.subject for one in arrived(paper, "reader07@example.net")] == ["News 12"]
    assert set(paper.copies().values()) == {1}
    await issue(paper, id="april")
    told = await done(paper, "april")
    assert (told["people"], told["queued"]) == (39, 39)


async def sent_by(product: Product, number: int) -> None:
    """Nothing waits any more, and so many were sent in all."""
    async with asyncio.timeout(20):
        while (await product.franked.world.store.count_waiting()).keys() & {State.QUEUED, State.SENDING}:
            await asyncio.sleep(0.05)
    assert len(product.simulator.taken()) == number


async def test_a_newsletter_that_can_not_go_on_says_so_and_goes_on_by_itself(paper: Product) -> None:
    """Its template was changed between the announcement and the writing."""
    await agree(paper, "ana")
    world, place = paper.franked.world, paper.folder / "mail" / "news" / "en.html"
    good = place.read_text()
    place.write_text(good.replace("number", "issue"))
    await paper.franked.wired.templates.refresh()
    new = Newsletter("march", "key-1", "shop", "news", "news", paper.clock(), Issue({"number": 12}))
    await world.store.add_newsletters([new])
    async with asyncio.timeout(20):
        while not paper.logged("newsletter_stopped"):
            await asyncio.sleep(0.02)
    assert "newsletter march" in str((await paper.get("/readyz"))[1]["warnings"])
    place.write_text(good)
    await done(paper)
    assert (await newest(paper, "ana@example.net")).subject == "News 12"
    assert len(paper.logged("newsletter_stopped")) == 1
    assert "newsletter march" not in str((await paper.get("/readyz"))[1]["warnings"])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"stream": "nothing"}, "unknown_stream"),
        ({"stream": "receipt", "variables": {"number": "1"}}, "no_newsletter"),
        ({"stream": "digest", "variables": {"count": 1}}, "no_newsletter"),
        ({"variables": {}}, "invalid_variables"),
        ({"content": {"subject": "x", "text": "x"}}, "content_not_allowed"),
        ({"stream": "offers", "variables": {}}, "missing_content"),
        ({"id": "../march"}, "invalid_shape"),
    ],
)
async def test_what_is_wrong_with_an_issue_is_told_before_anybody_gets_it(
    paper: Product, fields: dict[str, Any], code: str
) -> None:
    status, problem = await issue(paper, **fields)
    assert (status, problem["code"]) == (422, code)
    assert await paper.franked.world.store.newsletters_under_way() == []
    assert (await paper.get("/v1/newsletters/march"))[0] == 404
