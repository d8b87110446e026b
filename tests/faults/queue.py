"""The SQS queue that SES's events end in, as far as a feed needs it: moto's needs a second for a receive of thousands.

What was received and not deleted is visible again after a while, also when its receiver has died meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from hashlib import md5
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web

INVISIBLE = 2.0  # seconds


class Queue:
    def __init__(self) -> None:
        self._visible: deque[str] = deque()
        self._received: dict[str, str] = {}  # by receipt
        self._news = asyncio.Event()
        self._verbs: Mapping[str, Callable[[Any], Any]] = {
            "AmazonSQS.ReceiveMessage": self._receive,
            "AmazonSQS.DeleteMessageBatch": self._delete,
        }

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/topic", self._publish)
        app.router.add_get("/left", self._left)
        app.router.add_post("/{rest:.*}", self._answer)

    async def _publish(self, request: web.Request) -> web.Response:
        """The topic's subscription: SNS's envelope is the message."""
        self._put(await request.text())
        return web.Response()

    async def _left(self, request: web.Request) -> web.Response:
        return web.json_response(len(self._visible) + len(self._received))

    async def _answer(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read())
        said = await self._verbs[request.headers["X-Amz-Target"]](asked)
        return web.Response(body=msgspec.json.encode(said), content_type="application/x-amz-json-1.0")

    async def _receive(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(asked["WaitTimeSeconds"]):
                while not self._visible:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return {"Messages": []}
        most = min(asked["MaxNumberOfMessages"], len(self._visible))
        return {"Messages": [self._lend(self._visible.popleft()) for _ in range(most)]}

    def _lend(self, body: str) -> dict[str, str]:
        receipt = uuid4().hex
        self._received[receipt] = body
        asyncio.get_running_loop().call_later(INVISIBLE, self._return, receipt)
        digest = md5(body.encode(), usedforsecurity=False).hexdigest()
        return {"MessageId": receipt, "ReceiptHandle": receipt, "MD5OfBody": digest, "Body": body}

    def _return(self, receipt: str) -> None:
        if (body := self._received.pop(receipt, None)) is not None:
            self._put(body)

    def _put(self, body: str) -> None:
        self._visible.append(body)
        self._news.set()

    async def _delete(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        for entry in asked["Entries"]:
            self._received.pop(entry["ReceiptHandle"], None)
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]], "Failed": []}
