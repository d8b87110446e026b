"""Nobody gets what they have not asked for: subscribing, saying yes, and who may not be told what (C8, D3, D5)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from franked.rules.message import State
from tests.letters import arrived, look, newest, press, reader, readers_in, subscribe
from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paper(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with readers_in(tmp_path_factory.mktemp("paper")) as started:
        yield started


async def log_of(product: Product, address: str) -> list[tuple[str, str]]:
    lines = await product.franked.world.store.list_consents(0, 1000, address)
    return [(line.statement.step.value, line.statement.topic) for line in lines]


async def test_a_subscription_counts_when_its_reader_says_yes_c8_d5(paper: Product) -> None:
    to = "yes@example.net"
    sent = await paper.send(to, "offers", variables={}, content={"subject": "Cheaper", "text": "Half"})
    assert (sent["state"], sent["reason"]) == ("dropped", "no_consent")
    status, said = await subscribe(paper, to, "offers", ip="198.51.100.7", user_agent="B/1", source="footer")
    assert (status, said) == (202, {"state": "pending"})
    sent = await paper.send(to, "offers", variables={}, content={"subject": "Cheaper", "text": "Half"})
    assert sent["reason"] == "no_consent"
    asked = await newest(paper, to)
    assert asked.subject == "Please confirm: Offers – Example Backup"
    assert asked.link("confirm") in asked.text and asked.link("confirm") in asked.html
    assert "Example Backup Ltd, 1 Sample Street" in asked.text
    assert "List-Unsubscribe" not in asked.headers  # it is no marketing
    assert await log_of(paper, to) == [("asked", "offers")]
    status, page = await look(paper, asked.link("confirm"))
    assert (status, "Send me the news once a week." in page, to in page) == (200, True, True)
    assert await log_of(paper, to) == [("asked", "offers")]
    status, page = await press(paper, asked.link("confirm"))
    assert (status, "Thank you" in page) == (200, True)
    sent = await paper.send(to, "offers", variables={}, content={"subject": "Cheaper", "text": "Half"})
    assert (await paper.until(sent["id"])).state is State.DELIVERED


async def test_the_record_says_who_when_how_and_which_words_d5_d8(paper: Product) -> None:
    to = "words@example.net"
    await subscribe(paper, to, ip="2001:db8::7", user_agent="B/1", source="footer of /pricing", locale="de")
    mail = await newest(paper, to)
    assert mail.subject == "Bitte bestätigen: Neues der Woche – Example Backup"
    await press(paper, mail.link("confirm"))
    asked, confirmed = [line.statement for line in await paper.franked.world.store.list_consents(0, 99, to)]
    assert (asked.evidence.by, asked.evidence.ip, asked.evidence.source) == (
        "test",
        "2001:db8::7",
        "footer of /pricing",
    )
    assert (asked.evidence.user_agent, asked.locale) == ("B/1", "de")
    assert confirmed.evidence.wording == "Send me the news once a week."
    assert confirmed.evidence.wording_version == "7"
    assert (confirmed.evidence.by, confirmed.evidence.ip) == ("page /u/confirm", "127.0.0.1")
    assert confirmed.evidence.user_agent == "Browser/9"


async def test_nobody_learns_who_is_a_reader_d5(paper: Product) -> None:
    """A reader, a stranger, one who left and one who must not be mailed: the same answer."""
    await reader(paper, "known@example.net")
    await reader(paper, "left@example.net")
    await press(paper, (await _news(paper, "left@example.net")).link("leave"), what="topic")
    body = {"address": "blocked@example.net", "reason": "asked by phone"}
    headers = {"Authorization": f"Bearer {paper.franked.control_key}"}
    async with paper.http.post(f"{paper.franked.url}/v1/suppressions", json=body, headers=headers) as answer:
        assert answer.status == 201
    people = ["known@example.net", "stranger@example.net", "left@example.net", "blocked@example.net"]
    assert [await subscribe(paper, one) for one in people] == [(202, {"state": "pending"})] * 4
    assert len(await log_of(paper, "stranger@example.net")) == 1


async def _news(product: Product, to: str):  # type: ignore[no-untyped-def]  # a letter
    sent = await product.send(to, "news", variables={"number": 1})
    await product.until(sent["id"])
    return await newest(product, to)


async def test_a_link_works_once_in_its_time_and_no_other_does(paper: Product) -> None:
    to = "twice@example.net"
    await subscribe(paper, to)
    link = (await newest(paper, to)).link("confirm")
    for wrong in (link[:-1], link + "x", link.rpartition("/")[0] + "/", link.rpartition("/")[0]):
        for answer in (await look(paper, wrong), await press(paper, wrong)):
            assert answer[0] == 404
            assert "<h1>" in answer[1]
    assert await log_of(paper, to) == [("asked", "news")]
    assert [(await press(paper, link))[0] for _ in range(3)] == [200, 200, 200]
    assert await log_of(paper, to) == [("asked", "news"), ("confirmed", "news")]
    status, page = await look(paper, link, "de")
    assert (status, "Vielen Dank" in page) == (200, True)


async def test_a_mailbox_is_not_bombed_whatever_its_spelling_d5(paper: Product) -> None:
    spellings = ["bomb@example.net", "Bomb@example.net", *(f"bomb+{number}@example.net" for number in range(8))]
    assert {(await subscribe(paper, one))[0] for one in spellings} == {202}
    await subscribe(paper, "after@example.net")
    await newest(paper, "after@example.net")
    assert sum(mail.recipient.lower().startswith("bomb") for mail in paper.simulator.taken()) == 3
    assert len(paper.logged("subscription_capped")) == 7


async def test_one_ip_address_asks_for_some_and_an_ipv6_customer_has_one(paper: Product) -> None:
    before = len(paper.logged("subscription_capped"))
    for number in range(22):
        status, _ = await subscribe(paper, f"ip{number}@example.net", ip=f"2001:db8:1:2::{number:x}")
        assert status == 202
    assert len(paper.logged("subscription_capped")) == before + 2
    assert (await subscribe(paper, "ip@example.net", ip="no address"))[0] == 422


async def test_a_confirmation_is_no_way_around_the_trigger(paper: Product) -> None:
    """Franked's own stream needs none: no key may use it, though it may use all others."""
    draft = paper.draft("ana@example.net", "franked-confirmation", content={"subject": "x", "text": "x"})
    assert (await paper.post(draft))[0] == 403
    assert "franked-confirmation" not in str((await paper.get("/v1/streams"))[1])


async def test_what_can_not_be_subscribed_to(paper: Product) -> None:
    status, problem = await subscribe(paper, "ana@example.net", "nothing")
    assert status == 422
    assert "digests, news, offers" in str(problem)
    assert (await subscribe(paper, "ana@"))[0] == 422
    assert (await subscribe(paper, "ana@example.net", wording=""))[0] == 422


async def test_a_stream_of_the_product_s_own_asks_in_its_own_words(tmp_path: Path) -> None:
    asks = """
[subscriptions]
stream = "asks"

[streams.asks]
kind = "transactional"
purpose = "Asks whether it was they who subscribed"
secret = true
"""
    folder = tmp_path / "own"
    place = folder / "mail" / "asks"
    place.mkdir(parents=True)
    words = '+++\nsubject = "{{ topic }}?"\nvariables = ["url", "topic"]\n+++\n<p><a href="{{ url }}">Yes</a></p>'
    (place / "en.html").write_text(words)
    async with readers_in(folder, ("[topics.news]", f"{asks}\n[topics.news]")) as own:
        assert "franked-confirmation" not in own.franked.world.declared.streams
        await subscribe(own, "ana@example.net")
        mail = await newest(own, "ana@example.net")
        assert mail.subject == "Weekly news?"
        assert (await press(own, mail.link("confirm")))[0] == 200
        assert await log_of(own, "ana@example.net") == [("asked", "news"), ("confirmed", "news")]


async def test_after_its_time_a_link_confirms_nothing_and_is_forgotten(tmp_path: Path) -> None:
    async with readers_in(
        tmp_path / "late", ("[topics.news]", '[subscriptions]\nper_key = "2/hour"\n\n[topics.news]')
    ) as late:
        await subscribe(late, "ana@example.net")
        link = (await newest(late, "ana@example.net")).link("confirm")
        late.clock.move(hours=49)
        assert [(await look(late, link))[0], (await press(late, link))[0]] == [404, 404]
        assert await log_of(late, "ana@example.net") == [("asked", "news")]
        assert await late.franked.world.store.forget_asked(late.clock(), 9) == 1
        assert [(await subscribe(late, f"{name}@example.net"))[0] for name in "bcd"] == [202, 202, 429]
        assert len(arrived(late, "d@example.net")) == 0
