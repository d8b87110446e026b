"""The product's website, as anyone may read it: over TLS, at public addresses, and not far from where it began."""

import asyncio
import ssl
from collections.abc import Mapping
from types import MappingProxyType

import aiohttp
from yarl import URL

from franked.backends.reaching import (
    BAD_CERTIFICATE,
    Resolve,
    addresses_of,
    inside,
    session_to,
    system_resolver,
    why_unreached,
)
from franked.backends.web import read_at_most
from franked.rules.dns import Resolver
from franked.rules.website import Page, StandIn, Unreached, is_html, is_within

CONNECT, WITHIN = 5.0, 10.0  # seconds: for one connection, for all of it
REDIRECTS, MOST = 3, 256 * 1024
_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,text/plain;q=0.8",
    "Accept-Encoding": "identity",  # nothing to unpack, so nothing can swell
    "User-Agent": "Mozilla/5.0 (compatible; Franked)",
}
_NOWHERE: Mapping[str, Resolver] = MappingProxyType({})


class Visiting:
    """The port `Visitor`."""

    def __init__(
        self,
        stands_in: Mapping[str, Resolver] = _NOWHERE,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        within: float = WITHIN,
    ) -> None:
        """`stands_in`: host → address and port, for rehearsals only; it is asked for under its own name all the same.
        `tls`: whom to trust, if not whom the system does."""
        self._stands_in, self._tls, self._within = stands_in, tls, within
        self._resolve = resolve or system_resolver("website names")

    async def visit(self, url: str) -> Page | Unreached:
        try:
            async with asyncio.timeout(self._within):
                return await self._follow(URL(url))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = why_unreached(error)
            return Unreached(why, is_answer=why == BAD_CERTIFICATE)

    async def _follow(self, start: URL) -> Page | Unreached:
        url = start
        for _ in range(1 + REDIRECTS):
            if url.scheme != "https" or not url.host or url.user or url.password:
                return Unreached(f"{_plain(url)} is no https:// address", is_answer=True)
            if not is_within(url.raw_host or "", start.raw_host or ""):
                return Unreached(f"it leads away, to {url.host}", is_answer=True)
            found = await self._get(url)
            if not isinstance(found, URL):
                return found
            url = found
        return Unreached(f"it leads on more than {REDIRECTS} times", is_answer=True)

    async def _get(self, url: URL) -> Page | Unreached | URL:
        """Where it leads, for a redirect."""
        host, port = url.raw_host or "", url.port or 443
        asked, found = url, await self._addresses(host, port)
        if isinstance(found, Unreached):
            return found
        if stands_in := self._stands_in.get(host):
            asked, found = url.with_port(stands_in.port), [stands_in.address]
        self._tls = self._tls or ssl.create_default_context()
        headers = {**_HEADERS, "Host": host if port == 443 else f"{host}:{port}"}
        async with (
            session_to(host, found, self._tls, self._within, CONNECT) as session,
            session.get(asked, headers=headers, allow_redirects=False) as answer,
        ):
            leads_to = answer.headers.get("Location")
            if answer.status in {301, 302, 303, 307, 308} and leads_to:
                return _led(url, leads_to)
            return Page(str(url), answer.status, answer.content_type, await _text(answer))

    async def _addresses(self, host: str, port: int) -> list[str] | Unreached:
        if host in self._stands_in:
            return []
        found = await addresses_of(host, port, self._resolve, CONNECT)
        if refused := inside(found, ()):
            return Unreached(f"{host} leads to {refused}, which is not public", is_answer=True)
        return list(found) or Unreached(f"{host} has no address", is_answer=False)


def visiting(website: str, stand_in: StandIn | None) -> Visiting:
    """`stand_in`: for rehearsals only; at its place only the website itself is asked for."""
    host = URL(website).raw_host
    if stand_in is None or host is None:
        return Visiting()
    return Visiting({host: stand_in.at}, ssl.create_default_context(cafile=stand_in.ca))


async def _text(answer: aiohttp.ClientResponse) -> str:
    if not is_html(answer.content_type) or answer.headers.get("Content-Encoding", "identity") != "identity":
        return ""
    read = await read_at_most(MOST, answer)
    try:
        return read.decode(answer.charset or "utf-8", "replace")
    except LookupError:  # a charset that nobody knows
        return read.decode("utf-8", "replace")


def _led(url: URL, to: str) -> URL | Unreached:
    try:
        return url.join(URL(to))
    except ValueError:
        return Unreached("it leads to what is no address", is_answer=True)


def _plain(url: URL) -> str:
    return f"{url.scheme}://{url.host}" if url.host else "that"
