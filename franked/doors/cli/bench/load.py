"""`python -m franked.doors.cli.bench.load`: posts what stands on stdin, a body a line, and prints how many a second."""

import asyncio
import sys
from collections import deque
from time import perf_counter
from urllib.parse import urlsplit

CONNECTIONS = 64
_END = b"\r\n\r\n"


async def poured(url: str, key: str, bodies: deque[bytes]) -> float:
    """Requests a second; each is answered with a 2xx, or ValueError says what came instead."""
    number = len(bodies)
    began = perf_counter()
    await asyncio.gather(*(_caller(url, key, bodies) for _ in range(CONNECTIONS)))
    return number / (perf_counter() - began)


async def _caller(url: str, key: str, bodies: deque[bytes]) -> None:
    asked = urlsplit(url)
    reader, writer = await asyncio.open_connection(asked.hostname, asked.port)
    head = (
        f"POST {asked.path} HTTP/1.1\r\nHost: {asked.netloc}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    while bodies:
        body = bodies.popleft()
        writer.write(head + str(len(body)).encode() + _END + body)
        said = (await reader.readuntil(_END)).lower()
        told = await reader.readexactly(int(said.split(b"content-length:")[1].split(b"\r\n")[0]))
        if not said.startswith(b"http/1.1 20"):
            raise ValueError(told.decode())
    writer.close()


def main() -> None:
    url, key = sys.argv[1:]
    bodies = deque(line for line in sys.stdin.buffer.read().split(b"\n") if line)
    sys.stdout.write(f"{asyncio.run(poured(url, key, bodies))}\n")


if __name__ == "__main__":
    main()
