"""Connections to one server over HTTP/1.1, kept between calls, and the truth about how far each request got.

Every mail goes this way. aiohttp's way takes about 250 µs of CPU a call, this one about 50 (`franked bench`).
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

LONGEST_ANSWER = 64 * 1024  # bytes of a body that are read: more is cut off, and the connection with it
KEEP_ALIVE = 5.0  # shorter than any server's: one that hangs up on an idle connection just as we write costs an Unknown
CONNECT_WITHIN = 5.0  # seconds: to SES it is a matter of milliseconds


class NothingSent(Exception):
    """No byte of the request left this machine. `str()` says why."""


class NoAnswer(Exception):
    """The request, or a part of it, has left, and no whole answer came back. `str()` says why."""


@dataclass(slots=True)
class Answer:
    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)  # names in lower case; of several, the last
    body: bytes = b""

    @property
    def lasts_until_close(self) -> bool:
        return not {b"content-length", b"transfer-encoding"} & self.headers.keys()


class Wire:
    """To the origin of `url`. As many connections as there are calls at once; a request is written once, never again.

    `deadline`: seconds for one call, from connecting to the last byte of its answer.
    """

    def __init__(self, url: str, deadline: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._ssl else 80)
        self._deadline = deadline
        self._open: set[_Connection] = set()
        self._idle: dict[_Connection, float] = {}  # since when, the longest first
        self._pruning: asyncio.TimerHandle | None = None

    async def ask(self, request: bytes, leaving: Callable[[], None]) -> Answer:
        """`leaving` is called when the connection stands, right before the first byte; what it raises stops that byte.
        Raises NothingSent, NoAnswer."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        connection = self._kept() or await self._connected()
        try:
            leaving()
        except BaseException:
            self._keep(connection)
            raise
        answering = connection.ask(request)
        timer = loop.call_at(began + self._deadline, connection.fail, f"none within {self._deadline:g} s")
        try:
            return await answering
        except asyncio.CancelledError:
            connection.fail("the call was cancelled")
            raise
        finally:
            timer.cancel()
            self._keep(connection)

    def close(self) -> None:
        if self._pruning:
            self._pruning.cancel()
        for connection in list(self._open):
            connection.fail("the connections were closed")

    async def _connected(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        within = min(CONNECT_WITHIN, self._deadline)
        try:
            async with asyncio.timeout(within):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._lost), self._host, self._port, ssl=self._ssl
                )
        except TimeoutError as error:
            raise NothingSent(f"no connection within {within:g} s") from error
        except (OSError, UnicodeError) as error:  # UnicodeError: a host that is none
            raise NothingSent(f"{type(error).__name__}: {error}") from error
        self._open.add(connection)
        return connection

    def _kept(self) -> "_Connection | None":
        """The one that was used last: where that has been idle for too long, so have all."""
        if not self._idle:
            return None
        connection, since = self._idle.popitem()
        if connection.is_ready and asyncio.get_running_loop().time() - since <= KEEP_ALIVE:
            return connection
        connection.fail("idle")
        return self._kept()

    def _keep(self, connection: "_Connection") -> None:
        if not connection.is_ready:
            return
        loop = asyncio.get_running_loop()
        self._idle[connection] = loop.time()
        if self._pruning is None:
            self._pruning = loop.call_later(KEEP_ALIVE, self._prune)

    def _prune(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time() - KEEP_ALIVE
        for connection in [one for one, since in self._idle.items() if since <= before]:
            connection.fail("idle")
        self._pruning = loop.call_later(KEEP_ALIVE, self._prune) if self._idle else None

    def _lost(self, connection: "_Connection") -> None:
        self._open.discard(connection)
        self._idle.pop(connection, None)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, lost: Callable[["_Connection"], None]) -> None:
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._parser: HttpResponseParser | None = None  # while an answer is awaited
        self._answer = Answer()
        self._answering: asyncio.Future[Answer] | None = None

    @property
    def is_ready(self) -> bool:
        """For another request."""
        return self._parser is None and self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        assert self._transport is not None
        self._parser, self._answer = HttpResponseParser(self), Answer()
        self._answering = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answering

    def fail(self, why: str) -> None:
        """Whatever is awaited does not come, and this connection is not used again."""
        self._parser = None
        if self._answering and not self._answering.done():
            self._answering.set_exception(NoAnswer(why))
        if self._transport:
            self._transport.abort()
        self._lost(self)

    # what the socket tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by name

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            self.fail("it spoke without being asked")
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.fail(f"no HTTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        if self._parser and error is None and self._answer.status and self._answer.lasts_until_close:
            self._complete()
        self.fail(f"the connection was lost{f': {error}' if error else ''}")

    # what the parser tells

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        self._answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._answer.body += body
        if len(self._answer.body) > LONGEST_ANSWER:
            self._complete()
            self.fail("the answer is too long")

    def on_message_complete(self) -> None:
        if self._answer.status < 200:  # not yet the answer
            self._answer = Answer()
            return
        lasts = self._parser is not None and self._parser.should_keep_alive()
        self._complete()
        if not lasts:
            self.fail("it does not keep the connection")

    def _complete(self) -> None:
        self._parser = None
        if self._answering and not self._answering.done():
            self._answering.set_result(self._answer)
