"""A body is posted to a place that somebody named: to an address that was looked at first, and to no other.

A name that is public when it is looked at and 127.0.0.1 when it is called (DNS rebinding) leads nowhere: there is one
look-up, and the connection goes to what that gave.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from franked.ports import Post, Posted
from franked.rules.reach import is_allowed, may_be_called

CONNECT, WITHIN = 5.0, 15.0  # seconds: for the connection, for all of it
_LOOKING_UP = 4  # threads of their own: a name server that is silent keeps nobody else waiting

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


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
        self._resolve = resolve or _system_resolver()
        self._connect, self._within = connect, within
        self._tls = tls

    async def __call__(self, post: Post) -> Posted:
        """Never raises for what a network or a stranger can do."""
        try:
            async with asyncio.timeout(self._within):
                return await self._post(post, URL(post.url))
        except TimeoutError:
            return Posted(None, "it did not answer in time")
        except aiohttp.ClientConnectorCertificateError:
            return Posted(None, "its certificate is not good for this name, or nobody vouches for it")
        except aiohttp.ClientConnectorError as error:
            return Posted(None, f"no connection: {error.os_error.strerror or type(error.os_error).__name__}")
        except aiohttp.ClientError as error:
            return Posted(None, f"no answer that is HTTP ({type(error).__name__})")
        except (OSError, ValueError) as error:
            return Posted(None, f"no connection ({type(error).__name__})")

    async def _post(self, post: Post, url: URL) -> Posted:
        host = url.raw_host
        if not host or url.port is None or url.scheme not in {"http", "https"}:
            return Posted(None, "its url is none")
        found = await self._looked_up(host, url.port)
        if isinstance(found, Posted):
            return found
        refused = [ip for ip in found if not may_be_called(ip, post.allow)]
        if refused:
            return Posted(None, f"{host} leads to {refused[0]}, which is not public: see `allow` in docs/webhooks.md")
        if url.scheme == "http" and not all(is_allowed(ip, post.allow) for ip in found):
            return Posted(None, f"http:// to {found[0]}, which is none of `allow`: over the internet it is https://")
        return await self._send(post, url, _Pinned(host, found))

    async def _looked_up(self, host: str, port: int) -> Sequence[str] | Posted:
        try:
            async with asyncio.timeout(self._connect):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError, TimeoutError):
            found = []
        return found or Posted(None, f"{host} has no address")

    async def _send(self, post: Post, url: URL, pinned: "_Pinned") -> Posted:
        self._tls = self._tls or ssl.create_default_context()
        connector = aiohttp.TCPConnector(resolver=pinned, ssl=self._tls, use_dns_cache=False, force_close=True)
        async with (
            aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._within, connect=self._connect),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.post(
                url,
                data=post.body,
                headers={**post.headers, "user-agent": "Franked", "accept-encoding": "identity"},
                allow_redirects=False,
            ) as answer,
        ):
            return Posted(answer.status)


class _Pinned(AbstractResolver):
    """Knows one name. Whoever asks for another gets nothing."""

    def __init__(self, host: str, found: Sequence[str]) -> None:
        self._host, self._found = host, found

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host.rstrip(".") != self._host.rstrip("."):
            raise OSError(None, "another name")
        return [
            ResolveResult(
                hostname=host,
                host=ip,
                port=port,
                family=socket.AF_INET6 if ":" in ip else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for ip in self._found
        ]

    async def close(self) -> None:
        pass


def _system_resolver() -> Resolve:
    threads = ThreadPoolExecutor(_LOOKING_UP, thread_name_prefix="webhook names")

    def look_up(host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    async def resolve(host: str, port: int) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(threads, look_up, host, port)

    return resolve
