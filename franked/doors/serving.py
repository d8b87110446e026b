"""An ASGI application on a port, in this process, until the block ends."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from litestar.types import ASGIApp

from franked.doors.patience import OF_THE_DOOR, Patience, patient

# Seconds between two requests: longer than proxies and clients keep a connection (nginx 60, aiohttp 15), so that it is
# never we who close one on which the next request is already under way.
KEPT_ALIVE = 75
SHUTDOWN_WITHIN = 5  # seconds that requests under way are given


class PortTaken(Exception):
    """`str()` names the port and the way out."""


def listening(host: str, port: int) -> socket.socket:
    """Port 0: any that is free. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle's delay on
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise PortTaken(
            f"{host}:{port} can't be listened on ({error.strerror}): end what runs there, "
            "or choose another port with --port or [server] port"
        ) from error
    return bound


def url_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


_UPGRADES = ("Unsupported upgrade request.", "No supported WebSocket library")


def _worth_a_line(record: logging.LogRecord) -> bool:
    """A stranger may ask for an upgrade as often as he likes; he is answered, and it says nothing to an operator."""
    return not record.getMessage().startswith(_UPGRADES)


@asynccontextmanager
async def serving(
    app: ASGIApp, bound: socket.socket, proxies: Sequence[str] = (), patience: Patience = OF_THE_DOOR
) -> AsyncIterator[str]:
    """The application's URL. Only of `proxies` (addresses, networks) the forwarded headers are believed. At the end no
    new request is taken, and those under way are answered."""
    logging.getLogger("uvicorn.error").addFilter(_worth_a_line)
    server = _Server(_config(app, proxies, patience))
    task = asyncio.create_task(_serve(server, bound), name="serving")
    try:
        await _started(server, task)
        yield url_of(bound)
    finally:
        server.should_exit = True
        await task


async def _serve(server: "_Server", bound: socket.socket) -> None:
    try:
        await server.serve([bound])
    except SystemExit as error:  # uvicorn's way to say that the application did not start
        raise RuntimeError("the application did not start") from error


class _Server(uvicorn.Server):
    """Signals belong to whoever owns the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _config(app: ASGIApp, proxies: Sequence[str], patience: Patience) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=patient(patience),
        ws="none",  # an upgrade would leave the patience behind, and with a body wait for ever
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEPT_ALIVE,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=SHUTDOWN_WITHIN,
        lifespan="on",
    )


async def _started(server: _Server, task: asyncio.Task[None]) -> None:
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the application did not start")
        await asyncio.sleep(0.005)
