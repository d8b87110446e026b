"""A body is posted to a place that somebody named: to an address that was looked at first, and to no other."""

import asyncio
import ssl

import aiohttp
from yarl import URL

from franked.backends.reaching import Resolve, addresses_of, inside, session_to, system_resolver, why_unreached
from franked.ports import Post, Posted
from franked.rules.reach import is_allowed

CONNECT, WITHIN = 5.0, 15.0  # seconds: for the connection, for all of it


class Poster:
    """`Web.post`. A connection per call: what was looked at is what is called."""

    def __init__(
        self,
        resolve: Resolve | None = None,
        connect: float = CONNECT,
        within: float = WITHIN,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`resolve`: a name's IP addresses; raises OSError. `tls`: whom to trust, if not whom the system does."""
        self._resolve = resolve or system_resolver("webhook names")
        self._connect, self._within = connect, within
        self._tls = tls

    async def __call__(self, post: Post) -> Posted:
        """Never raises for what a network or a stranger can do."""
        try:
            async with asyncio.timeout(self._within):
                return await self._post(post, URL(post.url))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Posted(None, why_unreached(error))

    async def _post(self, post: Post, url: URL) -> Posted:
        host = url.raw_host
        if not host or url.port is None or url.scheme not in {"http", "https"}:
            return Posted(None, "its url is none")
        found = await addresses_of(host, url.port, self._resolve, self._connect)
        if not found:
            return Posted(None, f"{host} has no address")
        if refused := inside(found, post.allow):
            return Posted(None, f"{host} leads to {refused}, which is not public: see `allow` in docs/webhooks.md")
        if url.scheme == "http" and not all(is_allowed(ip, post.allow) for ip in found):
            return Posted(None, f"http:// to {found[0]}, which is none of `allow`: over the internet it is https://")
        self._tls = self._tls or ssl.create_default_context()
        async with (
            session_to(host, found, self._tls, self._within, self._connect) as session,
            session.post(
                url,
                data=post.body,
                headers={**post.headers, "user-agent": "Franked", "accept-encoding": "identity"},
                allow_redirects=False,
            ) as answer,
        ):
            return Posted(answer.status)
