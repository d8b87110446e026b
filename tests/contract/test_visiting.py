"""Reading a website that may be hostile: over TLS, under its own name, never inside, and never for long."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiohttp import web

from franked.backends.local.site import Site, site
from franked.backends.visiting import MOST, Visiting, visiting
from franked.rules.dns import Resolver
from franked.rules.website import Page, StandIn, Unreached

HOST = "shop.example.com"
HOME = f"https://{HOST}/"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path, HOST, f"www.{HOST}", "shop.example.org") as running:
        yield running


def visitor(shop: Site, *hosts: str, within: float = 5.0) -> Visiting:
    return Visiting(dict.fromkeys(hosts or (HOST, f"www.{HOST}"), shop.at), shop.trusting, within=within)


async def test_a_page_is_read_under_its_own_name(shop: Site) -> None:
    found = await visitor(shop).visit(f"{HOME}privacy?a=b")
    assert isinstance(found, Page)
    assert (found.url, found.status, found.content_type) == (f"{HOME}privacy?a=b", 200, "text/html")
    assert "What becomes of your data" in found.text
    assert shop.asked == [f"{HOST}/privacy?a=b"]


async def test_what_is_not_there_is_told_by_its_status(shop: Site) -> None:
    found = await visitor(shop).visit(f"{HOME}nothing")
    assert isinstance(found, Page)
    assert found.status == 404


async def test_a_redirect_within_the_site_is_followed(shop: Site) -> None:
    shop.pages |= {"/a": (301, "/b"), "/b": (302, f"https://www.{HOST}/c"), "/c": (307, "privacy")}
    found = await visitor(shop).visit(f"{HOME}a")
    assert isinstance(found, Page)
    assert found.url == f"https://www.{HOST}/privacy"
    assert shop.asked == [f"{HOST}/a", f"{HOST}/b", f"www.{HOST}/c", f"www.{HOST}/privacy"]


async def test_but_not_a_fourth_time_nor_in_a_circle(shop: Site) -> None:
    shop.pages |= {"/0": (302, "/1"), "/1": (302, "/2"), "/2": (302, "/3"), "/3": (302, "/privacy"), "/x": (302, "/x")}
    for path in ("0", "x"):
        found = await visitor(shop).visit(HOME + path)
        assert found == Unreached("it leads on more than 3 times", is_answer=True)
    assert len(shop.asked) == 8


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("https://shop.example.org/", "it leads away, to shop.example.org"),
        (f"http://{HOST}/", f"http://{HOST} is no https:// address"),
        ("https://127.0.0.1/", "it leads away, to 127.0.0.1"),
        ("https://169.254.169.254/latest", "it leads away, to 169.254.169.254"),
        (f"https://user:secret@{HOST}/", "is no https:// address"),
        ("file:///etc/passwd", "is no https:// address"),
        (f"https://{HOST}.evil.example/", f"it leads away, to {HOST}.evil.example"),
        ("https://[broken/", "it leads to what is no address"),
    ],
)
async def test_a_redirect_elsewhere_is_not_followed(shop: Site, to: str, why: str) -> None:
    shop.pages["/away"] = (302, to)
    everywhere = visitor(shop, HOST, "shop.example.org", "127.0.0.1")
    found = await everywhere.visit(f"{HOME}away")
    assert isinstance(found, Unreached)
    assert found.is_answer
    assert why in found.why
    assert "secret" not in found.why
    assert shop.asked == [f"{HOST}/away"]


async def names(*found: str) -> Sequence[str]:
    return found


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254", "::ffff:7f00:1"])
async def test_a_name_that_leads_inside_is_not_called(shop: Site, ip: str) -> None:
    reader = Visiting(tls=shop.trusting, resolve=lambda host, port: names("93.184.216.34", ip))
    found = await reader.visit(f"https://{HOST}:{shop.at.port}/")
    assert found == Unreached(f"{HOST} leads to {ip}, which is not public", is_answer=True)
    assert shop.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "127.1"])
async def test_an_address_inside_is_not_called_however_it_is_spelled(shop: Site, host: str) -> None:
    found = await Visiting(tls=shop.trusting).visit(f"https://{host}:{shop.at.port}/")
    assert isinstance(found, Unreached)
    assert shop.asked == []


@pytest.mark.parametrize("url", ["", "hello", "http://shop.example.com/", "https://", "ftp://x", "https://[x/", "//x"])
async def test_what_is_no_address_is_not_called(url: str) -> None:
    assert isinstance(await Visiting().visit(url), Unreached)


async def test_a_certificate_that_nobody_vouches_for_is_an_answer(shop: Site) -> None:
    other = "other.example.com"
    for reader, host in ((Visiting({HOST: shop.at}), HOST), (visitor(shop, other), other)):
        found = await reader.visit(f"https://{host}/")
        assert found == Unreached("its certificate is not good for this name, or nobody vouches for it", is_answer=True)
    assert shop.asked == []


async def test_a_certificate_that_has_ended_is_none(tmp_path: Path) -> None:
    async with site(tmp_path, HOST, expired=True) as old:
        found = await visitor(old).visit(HOME)
        assert isinstance(found, Unreached)
        assert found.is_answer


async def test_nobody_there_is_no_answer() -> None:
    closed = Visiting({HOST: Resolver("127.0.0.1", 1)})
    nameless = Visiting(resolve=lambda host, port: names())
    for reader in (closed, nameless):
        found = await reader.visit(HOME)
        assert isinstance(found, Unreached)
        assert not found.is_answer


async def test_whoever_hangs_is_given_up(shop: Site) -> None:
    async def hangs(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    shop.pages["/slow"] = hangs
    started = time.monotonic()
    assert await visitor(shop, within=0.3).visit(f"{HOME}slow") == Unreached("it did not answer in time", False)
    assert time.monotonic() - started < 2


async def test_of_an_endless_page_only_the_beginning_is_read(shop: Site) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        for _ in range(200):
            await response.write(b"x" * 65_536)
        return response

    shop.pages["/endless"] = endless
    found = await visitor(shop).visit(f"{HOME}endless")
    assert isinstance(found, Page)
    assert len(found.text) == MOST


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ({"Content-Type": "text/html; charset=iso-8859-1"}, b"\xfc", "ü"),
        ({"Content-Type": "text/html; charset=nonsense"}, b"\xc3\xbc", "ü"),
        ({"Content-Type": "text/html"}, b"\xff", "�"),
        ({"Content-Type": "application/pdf"}, b"%PDF", ""),
        ({"Content-Type": "text/html", "Content-Encoding": "br"}, b"packed", ""),
    ],
)
async def test_only_text_is_text(shop: Site, headers: dict[str, str], body: bytes, text: str) -> None:
    async def said(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers=headers)

    shop.pages["/said"] = said
    found = await visitor(shop).visit(f"{HOME}said")
    assert isinstance(found, Page)
    assert found.text == text


async def test_a_rehearsal_knows_its_own_website_only(shop: Site) -> None:
    reader = visiting(HOME, StandIn(shop.at, shop.ca))
    assert isinstance(await reader.visit(HOME), Page)
    await visiting(HOME, None).visit(f"https://127.0.0.1:{shop.at.port}/")
    assert shop.asked == [f"{HOST}/"]
