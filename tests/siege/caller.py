"""A caller with no manners: it says what bytes it likes, when it likes, and need not listen."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Heard:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Caller:
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    def say(self, text: bytes) -> None:
        self._writer.write(text)

    async def say_all(self, text: bytes) -> None:
        self._writer.write(text)
        await self._writer.drain()

    async def answer(self) -> Heard | None:
        """None: it was let go without a word."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Heard(int(first.split()[1]), headers, body)

    async def let_go(self) -> None:
        """Until the other side has ended the connection; what it still says is passed over."""
        try:
            while await self._reader.read(65536):
                pass
        except ConnectionError:
            pass

    @property
    def is_gone(self) -> bool:
        return self._reader.at_eof()

    def hang_up(self) -> None:
        """At once: what was not sent yet is not sent any more."""
        self._writer.transport.abort()


async def call(url: str, hears: int = 1_000_000) -> Caller:
    """`hears`: bytes it keeps that nobody has read, besides what the kernel does."""
    at = urlsplit(url)
    return Caller(*await asyncio.open_connection(at.hostname, at.port, limit=hears))


def head(path: str, key: str = "", method: str = "GET", **headers: str | int) -> bytes:
    """With an underscore for each hyphen of a name."""
    told = {"Host": "localhost"} | ({"Authorization": f"Bearer {key}"} if key else {}) | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


def post(body: bytes, key: str, path: str = "/v1/messages") -> bytes:
    """A whole request, as small as it can be."""
    return head(path, key, "POST", Content_Type="application/json", Content_Length=len(body)) + body


def draft(to: str, stream: str, **fields: object) -> bytes:
    trigger = {"act": "purchase", "by": "account-1", "at": datetime.now(UTC).isoformat()}
    return json.dumps({"stream": stream, "to": to, "trigger": trigger} | fields).encode()
