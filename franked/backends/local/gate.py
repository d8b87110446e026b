"""The way to the simulated account: for a while nobody gets there, as when its name leads nowhere."""

import asyncio

from aiohttp import web

LAST_WORD = 0.05  # seconds in which whoever asked for it still hears the answer


class Gate:
    def __init__(self, app: web.Application, host: str, port: int, closing: asyncio.Event) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        self._host, self._port, self._closing = host, port, closing
        self._site: web.TCPSite | None = None
        self._away: asyncio.Task[None] | None = None

    async def open(self) -> int:
        """The port."""
        await self._runner.setup()
        await self._listen()
        self._port = int(self._runner.addresses[0][1])
        return self._port

    async def close(self) -> None:
        if self._away:
            await self._away  # `closing` ends it
        await self._runner.cleanup()

    def shut(self, seconds: float) -> None:
        """From now on nobody can connect, and who is connected is cut off; it opens again by itself. Once at a time."""
        if self._away is None or self._away.done():
            self._away = asyncio.create_task(self._gone(seconds), name="gate")

    @property
    def is_shut(self) -> bool:
        return self._site is None

    async def _gone(self, seconds: float) -> None:
        if self._site:
            await self._site.stop()
            self._site = None
        await asyncio.sleep(LAST_WORD)
        for one in list(self._runner.server.connections) if self._runner.server else []:
            if one.transport:
                one.transport.abort()
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            await self._listen()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        await self._site.start()


GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
