"""Fetching pages that may be hostile, from a server on loopback that stands behind a name of Amazon's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from franked.backends.web import MOST, AiohttpWeb

SNS = "https://sns.eu-central-1.amazonaws.com"


@dataclass
class Site:
    url: str = ""
    asked: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=lambda: {"/page": "<html>please sign in</html>"})
    written: int = 0

    async def page(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        match request.path:
            case "/cert.pem":
                return web.Response(text="-----BEGIN CERTIFICATE-----")
            case "/longer.pem":
                return web.Response(text="-----BEGIN CERTIFICATE-----" + "x" * MOST)
            case "/moved":
                return web.Response(status=302, headers={"Location": f"{SNS}/cert.pem"})
            case "/endless":
                return await self._endless(request)
            case "/slow":
                await asyncio.sleep(5)
                return web.Response(text="late")
            case "/drips":
                return await self._drips(request)
            case "/half":
                return await self._half(request)
            case "/empty":
                return web.Response()
            case path if path in self.pages:
                return web.Response(text=self.pages[path])
            case _:
                return web.Response(status=404, text="not here")

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(160):
            await response.write(b"x" * 65536)
            self.written += 65536
        return response

    async def _drips(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x")
            await asyncio.sleep(0.05)
        return response

    async def _half(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.close()
        return response


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    application = web.Application()
    application.router.add_get("/{path:.*}", site.page)
    async with TestServer(application, host="127.0.0.1") as server:
        site.url = str(server.make_url("")).rstrip("/")
        yield site


@pytest.fixture
def visitor(site: Site) -> AiohttpWeb:
    return AiohttpWeb({SNS: site.url}, within=1.0)


async def test_a_page_that_is_there_is_fetched(site: Site, visitor: AiohttpWeb) -> None:
    assert await visitor.fetch(f"{SNS}/cert.pem?x=1&y=%20") == b"-----BEGIN CERTIFICATE-----"
    assert site.asked == ["/cert.pem?x=1&y=%20"]
    assert await visitor.fetch(f"{SNS}/empty") == b""


async def test_what_is_not_there_is_none(visitor: AiohttpWeb) -> None:
    assert await visitor.fetch(f"{SNS}/nothing") is None
    assert await visitor.fetch("https://127.0.0.1:9/cert.pem") is None


async def test_a_redirect_is_not_followed(site: Site, visitor: AiohttpWeb) -> None:
    assert await visitor.fetch(f"{SNS}/moved") is None
    assert site.asked == ["/moved"]


async def test_of_an_endless_page_only_the_beginning_is_read(site: Site, visitor: AiohttpWeb) -> None:
    assert await AiohttpWeb({SNS: site.url}).fetch(f"{SNS}/endless") == b"x" * MOST
    assert site.written < 10_000_000


@pytest.mark.parametrize("path", ["/slow", "/drips"])
async def test_a_slow_page_is_given_up(visitor: AiohttpWeb, path: str) -> None:
    async with asyncio.timeout(3):
        assert await visitor.fetch(f"{SNS}{path}") is None


async def test_half_a_page_is_none(visitor: AiohttpWeb) -> None:
    assert await visitor.fetch(f"{SNS}/half") is None


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-central-1.amazonaws.com/cert.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/cert.pem",
        "https://someone@sns.eu-central-1.amazonaws.com/cert.pem",
        "https://sns.eu-central-1.amazonaws.com.invalid/cert.pem",
        "https://sns.eu-central-1.amazonaws.com@127.0.0.1:9/cert.pem",
        "HTTP://127.0.0.1/cert.pem",
        "file:///etc/hostname",
        "//sns.eu-central-1.amazonaws.com/cert.pem",
        "/cert.pem",
        "",
        "https://",
        "https://[::1",
        "https://127.0.0.1:99999/",
        "https://a..b.invalid/",
        "https://\ud800.invalid/",
        "https://127.0.0.1:9/\r\nHost: b.example",
    ],
)
async def test_only_the_very_origin_leads_to_the_simulator(site: Site, visitor: AiohttpWeb, url: str) -> None:
    assert await visitor.fetch(url) is None
    assert site.asked == []


async def test_plain_http_is_never_fetched_even_from_loopback(site: Site) -> None:
    assert await AiohttpWeb().fetch(f"{site.url}/cert.pem") is None
    assert site.asked == []


async def test_a_hundred_events_at_once_fetch_their_certificate_once(site: Site, visitor: AiohttpWeb) -> None:
    found = await asyncio.gather(*(visitor.certificate(f"{SNS}/cert.pem") for _ in range(100)))
    assert set(found) == {b"-----BEGIN CERTIFICATE-----"}
    assert site.asked == ["/cert.pem"]


async def test_a_certificate_that_was_not_there_is_asked_for_again(site: Site, visitor: AiohttpWeb) -> None:
    assert await visitor.certificate(f"{SNS}/nothing") is None
    assert await visitor.certificate(f"{SNS}/nothing") is None
    assert site.asked == ["/nothing", "/nothing"]


async def test_a_page_in_the_place_of_a_certificate_is_not_kept(site: Site, visitor: AiohttpWeb) -> None:
    for path in ("/empty", "/page", "/longer.pem"):
        assert await visitor.certificate(SNS + path) is None
    site.pages["/page"] = "-----BEGIN CERTIFICATE-----"
    assert await visitor.certificate(f"{SNS}/page") == b"-----BEGIN CERTIFICATE-----"


async def test_who_waits_for_one_certificate_holds_up_no_other(site: Site) -> None:
    patient = AiohttpWeb({SNS: site.url}, within=60.0)
    strangers = [asyncio.create_task(patient.certificate(f"{SNS}/slow?{number}")) for number in range(20)]
    async with asyncio.timeout(20):
        while len(site.asked) < 20:
            await asyncio.sleep(0.01)
        assert await patient.certificate(f"{SNS}/cert.pem") is not None
    for one in strangers:
        one.cancel()


async def test_a_hundred_events_wait_once_for_a_certificate_that_does_not_come(site: Site, visitor: AiohttpWeb) -> None:
    found = await asyncio.gather(*(visitor.certificate(f"{SNS}/slow") for _ in range(100)))
    assert set(found) == {None}
    assert site.asked == ["/slow"]


async def test_who_gives_up_on_a_certificate_leaves_it_to_the_others(site: Site, visitor: AiohttpWeb) -> None:
    first, second = (asyncio.create_task(visitor.certificate(f"{SNS}/cert.pem")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == b"-----BEGIN CERTIFICATE-----"
    assert site.asked == ["/cert.pem"]


async def test_the_port_may_be_said(site: Site, visitor: AiohttpWeb) -> None:
    assert await visitor.fetch(f"{SNS}:443/cert.pem") == b"-----BEGIN CERTIFICATE-----"
