"""`python -m franked.doors.cli.bench.sink`: an SES that takes all at once. Prints its port; ends with its stdin."""

import asyncio
import sys
import time
from itertools import count

_QUOTA = b'{"Max24HourSend":-1,"MaxSendRate":%d,"SentLast24Hours":0}'
_ACCOUNT = b'{"ProductionAccessEnabled":true,"SendQuota":%b}' % _QUOTA
_END = b"\r\n\r\n"
_RUN = f"{time.time_ns():x}".encode()  # no two have an id in common, and later ones are greater, as at SES
_numbers = count(1)


class Sink(asyncio.Protocol):
    """Keep-alive, one request after the other; a body has its length."""

    rate = 1_000_000  # MaxSendRate: no pace

    def __init__(self) -> None:
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(_END)) >= 0:
            head = self._came[:end].lower()
            whole = end + len(_END) + _length(head)
            if len(self._came) < whole:
                return
            body, self._came = self._came[end + len(_END) : whole], self._came[whole:]
            self.asked(head, body)

    def asked(self, head: bytes, body: bytes) -> None:
        self.say(self.answer(head))

    def say(self, answer: bytes) -> None:
        self._transport.write(answer)

    def answer(self, head: bytes) -> bytes:
        if head.startswith(b"post"):
            body = b'{"MessageId":"%b-%012d"}' % (_RUN, next(_numbers))
        else:
            body = _ACCOUNT % self.rate if b"/email/account" in head else b"{}"
        return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _length(head: bytes) -> int:
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def listen(protocol: type[Sink]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(listen(Sink))
