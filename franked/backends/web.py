"""Plain pages over https: certificates, website checks. What is fetched may be hostile: short, small, no redirects."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

import aiohttp
from yarl import URL

from franked.backends.posting import Poster
from franked.ports import Post, Posted

MOST = 64 * 1024
CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
MOST_CERTIFICATES = 64  # SNS has one per region, and a new one in years
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "Franked"}  # nothing to unpack, so nothing can swell
_NOWHERE: Mapping[str, str] = MappingProxyType({})


class AiohttpWeb:
    """The port `Web`. A session per fetch: they are seldom, and leave nothing behind."""

    def __init__(self, rewrite: Mapping[str, str] = _NOWHERE, within: float = 5.0) -> None:
        """`rewrite`: origin → origin, for the simulator only: the one place where Amazon's name leads to loopback."""
        self._rewrite = {_origin(URL(origin)): URL(to).origin() for origin, to in rewrite.items()}
        self._timeout = aiohttp.ClientTimeout(total=within)
        self._certificates: dict[str, bytes] = {}
        self._poster = Poster()
        self._fetching: dict[str, asyncio.Task[bytes | None]] = {}

    async def fetch(self, url: str) -> bytes | None:
        target = self._target(url)
        if target is None:
            return None
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=self._timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.get(target, headers=_HEADERS, allow_redirects=False) as answer,
            ):
                return await read_at_most(MOST, answer) if answer.status == 200 else None
        except (aiohttp.ClientError, OSError, ValueError):  # ValueError: a host that is none
            return None

    async def post(self, post: Post) -> Posted:
        return await self._poster(post)

    async def certificate(self, url: str) -> bytes | None:
        """A hundred events that come at once fetch it once, and none of them waits for another URL: a stranger may
        name as many as he likes."""
        if kept := self._certificates.get(url):
            return kept
        fetching = self._fetching.get(url)
        if fetching is None:
            fetching = self._fetching[url] = asyncio.create_task(self._fetch_certificate(url))
            fetching.add_done_callback(lambda _: self._fetching.pop(url, None))
        return await asyncio.shield(fetching)

    async def _fetch_certificate(self, url: str) -> bytes | None:
        """A page that stands there instead (a proxy's, say) is no answer: kept, it would refuse every later event."""
        page = await self.fetch(url)
        if page is None or CERTIFICATE not in page or len(page) == MOST:
            return None
        if len(self._certificates) < MOST_CERTIFICATES:
            self._certificates[url] = page
        return page

    def _target(self, url: str) -> URL | None:
        """Compared by origin, never by prefix: `https://sns.example.com.evil.example` begins like the good one."""
        try:
            asked = URL(url)
            if asked.scheme != "https" or not asked.host or asked.user or asked.password:
                return None
            to = self._rewrite.get(_origin(asked))
            return asked if to is None else to.join(asked.relative())
        except ValueError:
            return None


def _origin(url: URL) -> tuple[str, str | None, int | None]:
    """With the port, said or not: `URL.origin()` takes `:443` for another place."""
    return url.scheme, url.host, url.port


async def read_at_most(most: int, answer: aiohttp.ClientResponse) -> bytes:
    """The first `most` bytes of the body; the rest is not read."""
    read = bytearray()
    async for piece in answer.content.iter_any():
        read += piece
        if len(read) >= most:
            answer.close()
            break
    return bytes(read[:most])
