"""An application that is told by webhook. It verifies by the standard's words alone, and behaves as badly as asked."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEWER = "whsec_" + base64.b64encode(b"a newer secret of 32 characters!").decode()


@dataclass(frozen=True, slots=True)
class Heard:
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.said["data"]

    def signed_with(self, secret: str) -> bool:
        """Not Franked's own code: what https://www.standardwebhooks.com says."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = self.headers["webhook-id"].encode() + b"." + self.headers["webhook-timestamp"].encode() + b"."
        good = base64.b64encode(hmac.new(key, content + self.body, hashlib.sha256).digest()).decode()
        return any(
            hmac.compare_digest(one.encode(), f"v1,{good}".encode())
            for one in self.headers["webhook-signature"].split(" ")
        )


@dataclass
class Receiver:
    """`status` 0: it hangs."""

    port: int = 0
    status: int = 204
    to: str = ""  # of a redirect
    heard: list[Heard] = field(default_factory=list)
    wandered: list[str] = field(default_factory=list)  # requests that nobody should make

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def hook(self, request: web.Request) -> web.Response:
        self.heard.append(Heard(dict(request.headers), await request.read()))
        if self.status == 0:
            await asyncio.sleep(3600)
        return web.Response(status=self.status, headers={"Location": self.to} if self.to else {})

    async def wander(self, request: web.Request) -> web.Response:
        self.wandered.append(f"{request.method} {request.path}")
        return web.Response(text="credentials")

    async def until(self, *events: str, within: float = 5.0) -> list[Heard]:
        """The last that was heard of each, once each was."""
        async with asyncio.timeout(within):
            while not set(events) <= (by_type := {one.said["type"]: one for one in self.heard}).keys():
                await asyncio.sleep(0.01)
        return [by_type[event] for event in events]

    async def heard_times(self, number: int, within: float = 5.0) -> list[Heard]:
        async with asyncio.timeout(within):
            while len(self.heard) < number:
                await asyncio.sleep(0.01)
        return list(self.heard)


@asynccontextmanager
async def receiving(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hooks", receiver.hook)
    application.router.add_route("*", "/{path:.*}", receiver.wander)
    server = TestServer(application, host=host, port=port or None)
    await server.start_server(shutdown_timeout=0.1)
    receiver.port = server.port or 0
    try:
        yield receiver
    finally:
        await server.close()


def declared(receiver: Receiver, name: str = "shop", *lines: str, secret: str = f'"{SECRET}"') -> str:
    """A section of franked.toml."""
    said = [f"[webhooks.{name}]", f'url = "{receiver.url}"', f"secret = {secret}", 'allow = ["127.0.0.0/8"]', *lines]
    return "\n".join([*said, "", ""])
