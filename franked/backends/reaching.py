"""A name is looked up once, its addresses are looked at, and one of these is called.

A name that is public when it is looked at and 127.0.0.1 when it is called (DNS rebinding) leads nowhere.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from franked.rules.reach import Network, may_be_called

_LOOKING_UP = 4  # threads of their own: a name server that is silent keeps nobody else waiting
BAD_CERTIFICATE = "its certificate is not good for this name, or nobody vouches for it"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def addresses_of(host: str, port: int, resolve: Resolve, within: float) -> Sequence[str]:
    """Empty where it has none, or nobody says so in time."""
    try:
        async with asyncio.timeout(within):
            return await resolve(host, port)
    except (OSError, UnicodeError, TimeoutError):
        return ()


def inside(found: Sequence[str], allow: Sequence[Network]) -> str | None:
    """The first address that may not be called; one is one too many."""
    return next((ip for ip in found if not may_be_called(ip, allow)), None)


def why_unreached(error: Exception) -> str:
    """For what a call raises that a network or a stranger is to blame for; a sentence's end."""
    match error:
        case TimeoutError():
            return "it did not answer in time"
        case aiohttp.ClientConnectorCertificateError():
            return BAD_CERTIFICATE
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.os_error.strerror or type(error.os_error).__name__}"
        case aiohttp.ClientError():
            return f"no answer that is HTTP ({type(error).__name__})"
        case _:
            return f"no connection ({type(error).__name__})"


def session_to(
    host: str, found: Sequence[str], tls: ssl.SSLContext, within: float, connect: float
) -> aiohttp.ClientSession:
    """Calls these addresses by this name, and none other. A session per call leaves nothing behind."""
    connector = aiohttp.TCPConnector(resolver=_Pinned(host, found), ssl=tls, use_dns_cache=False, force_close=True)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=within, connect=connect),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


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


def system_resolver(name: str) -> Resolve:
    """`name`: of its threads."""
    threads = ThreadPoolExecutor(_LOOKING_UP, thread_name_prefix=name)

    def look_up(host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    async def resolve(host: str, port: int) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(threads, look_up, host, port)

    return resolve
