"""A send meets a planned fault: what the client gets instead of its answer."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from franked.backends.local.answers import (
    BROKEN,
    EXPIRED,
    QUOTA_EXCEEDED,
    RATE_EXCEEDED,
    SKEWED,
    UNAVAILABLE,
    UNKNOWN_SET,
    AwsError,
    refusal,
)
from franked.backends.local.faults import EventFault, Fault, SendFault, When

Accept = Callable[[], Awaitable[web.Response]]

ENVELOPED: Mapping[SendFault | EventFault, AwsError] = {
    SendFault.RATE: RATE_EXCEEDED,
    SendFault.QUOTA: QUOTA_EXCEEDED,
    SendFault.ERROR_500: BROKEN,
    SendFault.ERROR_503: UNAVAILABLE,
    SendFault.UNKNOWN_SET: UNKNOWN_SET,
    SendFault.SKEWED: SKEWED,
    SendFault.EXPIRED: EXPIRED,
}
NOTHING_TAKEN = {SendFault.RATE, SendFault.QUOTA, SendFault.UNKNOWN_SET, SendFault.SKEWED, SendFault.EXPIRED}
_FOR_GOOD = 24 * 3600.0


async def suffer(fault: Fault, request: web.Request, accept: Accept, closing: asyncio.Event) -> web.StreamResponse:
    """`accept` is called once when the account is to take the mail, whatever the client then hears of it."""
    taken = await accept() if fault.when is When.AFTER and fault.what not in NOTHING_TAKEN else None
    match fault.what:
        case what if what in ENVELOPED:
            return refusal(ENVELOPED[what])
        case SendFault.BAD_502 | SendFault.BAD_504:
            page = f"<html><h1>{fault.what} from a proxy</h1></html>"
            return web.Response(status=int(fault.what), text=page, content_type="text/html")
        case SendFault.RESET:
            return _reset(request)
        case SendFault.HANG:
            await _rest(fault.seconds or _FOR_GOOD, closing)
            return _reset(request)
        case SendFault.HALF:
            return await _half(request, taken)
        case _:
            await _rest(fault.seconds, closing)
            return taken or await accept()


async def _rest(seconds: float, closing: asyncio.Event) -> None:
    """A simulator that shuts down keeps nobody waiting."""
    try:
        async with asyncio.timeout(seconds):
            await closing.wait()
    except TimeoutError:
        return


def _reset(request: web.Request) -> web.Response:
    """A linger of zero makes the kernel send RST, not FIN."""
    transport = request.transport
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()  # goes nowhere


async def _half(request: web.Request, taken: web.Response | None) -> web.StreamResponse:
    body = taken.body if taken is not None else None
    whole = body if isinstance(body, bytes) else b'{"MessageId":"0107'
    half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole) * 2)})
    await half.prepare(request)
    await half.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
