"""Whoever does not want a mail any more says so once, without a login, and never by accident (C2, C3, C9, D3, D6)."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from franked.formats.links import Use
from franked.formats.mail import Mail
from franked.formats.mime import build
from franked.rules.address import Address
from franked.rules.message import State
from tests.letters import Arrived, look, newest, press, reader, readers_in, subscribe
from tests.running import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paper(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with readers_in(tmp_path_factory.mktemp("paper")) as started:
        yield started


async def mailed(product: Product, to: str, stream: str = "digest", **fields: object) -> Arrived:
    sent = await product.send(to, stream, **fields)
    await product.until(sent["id"], State.DELIVERED)
    [letter] = [
        product.simulator.office.inbox.letter(mail.ses_id)
        for mail in product.simulator.taken()
        if mail.tags["franked-message"] == sent["id"]
    ]
    assert letter is not None
    return Arrived(letter)


async def reason(product: Product, to: str, stream: str, **fields: object) -> str | None:
    return str((await product.send(to, stream, **fields))["reason"])


async def steps(product: Product, to: str) -> list[tuple[str, str]]:
    lines = await product.franked.world.store.list_consents(0, 1000, to)
    return [(line.statement.step.value, line.statement.topic) for line in lines]


OFFER = {"variables": {}, "content": {"subject": "Half the price", "html": "<p>Half</p>"}}
WARNING = {"variables": {}, "content": {"subject": "A new sign-in", "text": "Was it you?"}}


async def test_what_can_be_left_has_the_one_click_header_and_nothing_else_has_c9(paper: Product) -> None:
    to = "headers@example.net"
    await reader(paper, to)
    await reader(paper, to, "offers")
    for stream, fields in (("digest", {}), ("news", {"variables": {"number": 1}}), ("offers", OFFER)):
        headers = (await mailed(paper, to, stream, **fields)).headers
        assert headers["List-Unsubscribe"].startswith(f"<{paper.franked.url}/u/leave/")
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for stream, fields in (("receipt", {}), ("sign-in-code", {}), ("security", WARNING)):
        headers = (await mailed(paper, to, stream, **fields)).headers
        assert not [name for name in headers if name.lower().startswith("list-")]


@pytest.mark.parametrize("kind", ["urlencoded", "multipart", "nothing"])
async def test_a_mail_program_unsubscribes_its_reader_with_one_post_d6(paper: Product, kind: str) -> None:
    """RFC 8058: no cookie, no redirect, as often as it likes."""
    to = f"{kind}@example.net"
    mail = await mailed(paper, to)
    link = mail.headers["List-Unsubscribe"].strip("<>")
    form = {"List-Unsubscribe": "One-Click"}
    bodies = {"urlencoded": {"data": form}, "nothing": {}, "multipart": {"data": _multipart(form)}}
    headers = {"Content-Type": "multipart/form-data; boundary=b"} if kind == "multipart" else {}
    for _ in range(2):
        async with paper.http.post(link, allow_redirects=False, headers=headers, **bodies[kind]) as answer:  # type: ignore[arg-type]  # one of three
            assert (answer.status, "Set-Cookie" in answer.headers) == (200, False)
    assert await steps(paper, to) == [("left", "digests")]
    assert await reason(paper, to, "digest") == "left"


def _multipart(form: dict[str, str]) -> str:
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form.items())
    return f"{parts}--b--\r\n"


async def test_leaving_one_topic_leaves_the_others_and_what_an_account_needs_d3_c2_c3(paper: Product) -> None:
    to = "one@example.net"
    await reader(paper, to)
    await reader(paper, to, "offers")
    mail = await mailed(paper, to, "news", variables={"number": 1})
    status, page = await look(paper, mail.link("leave"))
    assert (status, to in page, "No more “Weekly news”" in page) == (200, True, True)
    status, page = await press(paper, mail.link("leave"), what="topic")
    assert (status, "You are unsubscribed" in page) == (200, True)
    assert await reason(paper, to, "news", variables={"number": 2}) == "left"
    for stream, fields in (("offers", OFFER), ("digest", {}), ("receipt", {}), ("security", WARNING)):
        assert await reason(paper, to, stream, **fields) == "None"
    [line] = (await paper.franked.world.store.list_consents(0, 1000, to))[-1:]
    how = line.statement.evidence
    assert (how.by, how.source, how.ip, how.user_agent) == (
        "page /u/leave",
        "the page's button",
        "127.0.0.1",
        "Browser/9",
    )


async def test_leaving_all_leaves_everything_that_can_be_left_and_old_links_still_work_d6(paper: Product) -> None:
    to = "all@example.net"
    await reader(paper, to)
    mail = await mailed(paper, to, "news", variables={"number": 1})
    assert (await press(paper, mail.link("leave"), what="all"))[0] == 200
    assert [await reason(paper, to, one, **more) for one, more in (("digest", {}), ("offers", OFFER))] == ["left"] * 2
    for stream, fields in (("receipt", {}), ("sign-in-code", {}), ("security", WARNING)):
        assert await reason(paper, to, stream, **fields) == "None"
    await reader(paper, to)
    assert await reason(paper, to, "news", variables={"number": 2}) == "None"
    assert await reason(paper, to, "digest") == "left"
    assert (await press(paper, mail.link("leave"), what="topic"))[0] == 200
    assert await reason(paper, to, "news", variables={"number": 3}) == "left"


async def test_a_link_that_was_changed_is_refused_and_changes_nothing_d6(paper: Product) -> None:
    to = "forged@example.net"
    mail = await mailed(paper, to)
    links, before = paper.franked.world.links, counted(paper)
    leave = mail.headers["List-Unsubscribe"].strip("<>")
    base = paper.franked.url
    wrong = [f"{leave}x", leave[:-1], leave[:-9] + leave[-9:].swapcase(), f"{base}/u/leave/", f"{base}/u/leave"]
    wrong += [leave.replace("/u/leave/", "/u/preferences/"), links.to(Use.LEAVE, to)]
    wrong += [f"{base}/u/{use}/{token}" for use in ("preferences", "leave") for token in ("", "x", "%00", "a/b")]
    for link in wrong:
        for status, page in (await look(paper, link), await press(paper, link, what="all")):
            assert (status, "This link opens nothing" in page) == (404, True), link
    for link in (f"{base}/u/why", f"{base}/u/why/x", leave.replace("/u/leave/", "/u/why/")):
        assert (await look(paper, link))[0] == 404
    assert counted(paper) == before


async def test_preferences_show_everything_and_turn_it_off_and_on_again_c2_c3(paper: Product) -> None:
    to = "prefs@example.net"
    await reader(paper, to)
    link = (await mailed(paper, to, "news", variables={"number": 1})).link("preferences")
    status, page = await look(paper, link)
    assert status == 200
    assert [f'value="{name}" checked' in page for name in ("news", "digests", "offers")] == [True, True, False]
    assert "Warns the owner of a sign-in from a new place" in page.partition("This comes in any case")[2]
    assert "What is new at Example Backup" not in page.partition("This comes in any case")[2]
    shown = [("shown", name) for name in ("news", "digests", "offers")]
    page = await _post(paper, link, [*shown, ("on", "news")])
    assert "Saved." in page
    assert await reason(paper, to, "digest") == "left"
    page = await _post(paper, link, [*shown, ("on", "news"), ("on", "digests")])
    assert await reason(paper, to, "digest") == "None"
    await _post(paper, link, [*shown, ("what", "none"), ("on", "news")])
    assert [await reason(paper, to, "digest"), await reason(paper, to, "news", variables={"number": 1})] == ["left"] * 2
    assert await steps(paper, to) == [
        ("asked", "news"),
        ("confirmed", "news"),
        ("left", "digests"),
        ("turned_on", "digests"),
        ("left", "digests"),
        ("left", "news"),
    ]


async def test_marketing_begins_anew_by_a_confirmation_only_d5(paper: Product) -> None:
    to = "back@example.net"
    link = paper.franked.world.links.to(Use.PREFERENCES, to)
    page = await _post(paper, link, [("shown", "offers"), ("on", "offers")])
    assert "please confirm there that “Offers” shall come" in page
    assert await reason(paper, to, "offers", **OFFER) == "no_consent"
    await press(paper, (await newest(paper, to)).link("confirm"))
    assert await reason(paper, to, "offers", **OFFER) == "None"
    [asked, confirmed] = await paper.franked.world.store.list_consents(0, 1000, to)
    assert asked.statement.evidence.by == "page /u/preferences"
    assert confirmed.statement.evidence.wording == "Offers."


async def test_what_the_page_did_not_show_stays_as_it_is(paper: Product) -> None:
    to = "stale@example.net"
    link = paper.franked.world.links.to(Use.PREFERENCES, to)
    await _post(paper, link, [])
    await _post(paper, link, [("shown", "no-such-topic"), ("on", "nothing")])
    assert await steps(paper, to) == []
    assert await reason(paper, to, "digest") == "None"


async def _post(product: Product, link: str, form: list[tuple[str, str]]) -> str:
    async with product.http.post(link, data=form) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_why_did_i_get_this_is_answered_without_a_login_c9(paper: Product) -> None:
    to = "why@example.net"
    await reader(paper, to)
    status, page = await look(paper, (await mailed(paper, to, "news", variables={"number": 1})).link("why"))
    assert status == 200
    for words in ("What is new at Example Backup", to, "Weekly news", "/u/leave/", "unsubscribe at any time"):
        assert words in page
    sent = await paper.send(to, "receipt")
    status, page = await look(paper, paper.franked.world.links.to(Use.WHY, sent["id"]), "de")
    assert "What was bought, for whom, and when" in page
    assert "purchase" in page
    assert "Sie lässt sich nicht abstellen" in page
    assert "/u/leave/" not in page


async def test_a_mail_that_was_forgotten_says_so(tmp_path: Path) -> None:
    async with readers_in(tmp_path / "old") as old:
        sent = await old.send("ana@example.net", "receipt")
        await old.until(sent["id"], State.DELIVERED)
        link = old.franked.world.links.to(Use.WHY, sent["id"])
        assert "purchase" in (await look(old, link))[1]
        with sqlite3.connect(old.folder / ".franked" / "franked.db") as record:
            for table in ("attempts", "events", "idempotency"):
                record.execute(f"DELETE FROM {table} WHERE message_id = ?", [sent["id"]])
            record.execute("DELETE FROM messages WHERE id = ?", [sent["id"]])
        assert "We have forgotten this mail" in (await look(old, link))[1]


def counted(product: Product) -> dict[str, int]:
    """Rows by table, of what a reader's click could change."""
    with sqlite3.connect(f"file:{product.folder}/.franked/franked.db?mode=ro", uri=True) as record:
        tables = [name for (name,) in record.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {one: record.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0] for one in tables}


def standings(product: Product) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{product.folder}/.franked/franked.db?mode=ro", uri=True) as record:
        found = record.execute("SELECT * FROM consents ORDER BY address_key, topic").fetchall()
        return [*found, *record.execute("SELECT token_hash, confirmed_at FROM consents_asked ORDER BY 1")]


async def test_a_scanner_that_opens_every_link_of_every_mail_changes_nothing(tmp_path: Path) -> None:
    """Of every kind of mail; GET, HEAD, prefetch, OPTIONS, and every link of the pages behind."""
    async with readers_in(tmp_path / "scanned") as product:
        to = "scanned@example.net"
        await reader(product, to)
        await reader(product, to, "offers")
        await subscribe(product, to, "digests")
        mails = [await newest(product, to, 3)]
        mails += [
            await mailed(product, to, "news", variables={"number": 1}),
            await mailed(product, to, "offers", **OFFER),
        ]
        mails += [await mailed(product, to, one) for one in ("digest", "receipt", "sign-in-code")]
        links = set[str]().union(*(mail.links for mail in mails))
        assert {link.split("/")[4] for link in links} == {"confirm", "leave", "preferences", "why"}
        before, stood = counted(product), standings(product)
        for _ in range(2):
            for link in sorted(links):
                for method in ("GET", "HEAD", "OPTIONS"):
                    async with product.http.request(method, link, headers={"Purpose": "prefetch"}) as answer:
                        assert answer.status < 500
                        page = await answer.text()
                    links |= {f"{product.franked.url}{path}" for path in _hrefs(page, product.franked.url)}
        assert counted(product) == before
        assert standings(product) == stood


def _hrefs(page: str, base: str) -> set[str]:
    parts = page.split('href="')[1:]
    found = {part.partition('"')[0] for part in parts}
    return {one.removeprefix(base) for one in found if one.startswith(f"{base}/u/")}


async def test_a_header_of_400_characters_stays_on_one_line_by_ses_and_in_raw_mime(tmp_path: Path) -> None:
    """Python's own policy would make an encoded word of it, and the button would be gone."""
    long = ("[server]", f'[server]\npublic_url = "https://mail.example.com/{"path/" * 70}x"')
    async with readers_in(tmp_path / "long", long) as product:
        mail = await mailed(product, "ana@example.net")
        header = mail.headers["List-Unsubscribe"]
        assert len(header) > 400
        line = f"List-Unsubscribe: {header}".encode()
        assert line in mail.wire.split(b"\r\n")
        to, own = Address.of_spelled("ana@example.net"), (("List-Unsubscribe", header),)
        raw = build(Mail("shop@example.com", to, "x", "<p>x</p>", "x", headers=own))
        assert line in raw.split(b"\r\n")
