"""One call to SES over a real socket: what became of it is told truthfully, and no mail goes out twice."""

import asyncio
import json
import re
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from socket import SO_LINGER, SOL_SOCKET

import pytest
import uvloop

from franked.backends.aws.credentials import Fixed
from franked.backends.aws.ses import SesTransport
from franked.backends.aws.sigv4 import Credentials
from franked.formats.mail import Mail
from franked.rules.address import Address
from franked.rules.outcome import Delay, Outcome, Refused, Sent, TryLater, Unknown

NOW = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
LATER = NOW + timedelta(seconds=10)
KEYS = Credentials("AKIDEXAMPLE", "not-a-secret")
MAIL = Mail("no-reply@example.com", Address.of_spelled("ana@example.com"), "Hello", "<p>Hi</p>", "Hi")
SENT = b'{"MessageId":"0100-1"}'


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    policy: asyncio.AbstractEventLoopPolicy = request.param()
    return policy


pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy")

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Script = Callable[["Server", Reader, Writer], Awaitable[None]]  # what the server does with a connection


@dataclass
class Server:
    """A TCP server that does with each connection what its script says, and counts what it was asked."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def read(self, reader: Reader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        self.requests.append(head + body)
        return body


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Server]:
    server = Server()

    async def connected(reader: Reader, writer: Writer) -> None:
        server.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await script(server, reader, writer)
        writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def answer(status: int, body: bytes, extra: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


def reset(writer: Writer) -> None:
    """RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


def answering(*answers: bytes, then_close: bool = False) -> Script:
    """One answer a request on the same connection."""

    async def script(server: Server, reader: Reader, writer: Writer) -> None:
        for said in answers:
            await server.read(reader)
            writer.write(said)
            await writer.drain()
        if not then_close:
            await reader.read(1)

    return script


def transport(url: str, now: Callable[[], datetime] = lambda: NOW, deadline: float = 5.0) -> SesTransport:
    return SesTransport(url, "eu-central-1", Fixed(KEYS), now, timedelta(seconds=deadline))


def delay(said: Outcome) -> Delay | None:
    return said.why if isinstance(said, TryLater) else None


async def send_to(script: Script, deadline: float = 5.0) -> Outcome:
    async with serving(script) as server, transport(server.url, deadline=deadline) as ses:
        return await ses.send(MAIL, LATER)


# --- it is taken, refused, or comes later -----------------------------------------------------------------------------


async def test_a_mail_that_ses_took_is_sent_and_keeps_its_connection() -> None:
    async with serving(answering(answer(200, SENT), answer(200, SENT))) as server, transport(server.url) as ses:
        assert await ses.send(MAIL, LATER) == Sent("0100-1")
        assert await ses.send(MAIL, LATER) == Sent("0100-1")
    assert (len(server.requests), server.connections) == (2, 1)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v2/email/outbound-emails HTTP/1.1\r\n")
    assert b"Credential=AKIDEXAMPLE/20260304/eu-central-1/ses/aws4_request" in head
    assert b"x-amz-date: 20260304T101500Z" in head
    assert json.loads(body)["Destination"] == {"ToAddresses": ["ana@example.com"]}


async def test_the_code_of_a_refusal_may_stand_in_the_header() -> None:
    throttle = answer(429, b"{}", "x-amzn-ErrorType: TooManyRequestsException:http://x\r\n")
    assert delay(await send_to(answering(throttle))) is Delay.RATE


async def test_a_mail_that_ses_would_refuse_by_shape_is_refused_without_a_call() -> None:
    async with serving(answering(answer(200, SENT))) as server, transport(server.url) as ses:
        said = await ses.send(replace(MAIL, tags=(("who", "ana@example.com"),)), LATER)
    assert isinstance(said, Refused)
    assert (said.why, server.connections) == ("bad_request", 0)


async def test_a_large_raw_mail_arrives_whole() -> None:
    raw = b"x" * 3_000_000
    async with serving(answering(answer(200, SENT))) as server, transport(server.url) as ses:
        assert await ses.send(replace(MAIL, raw=raw), LATER) == Sent("0100-1")
    assert len(server.requests[0]) > 4_000_000


# --- nothing left this machine ----------------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_got_nothing() -> None:
    async with transport("http://127.0.0.1:9") as ses:
        assert delay(await ses.send(MAIL, LATER)) is Delay.CONNECTION


async def test_a_server_that_never_finishes_the_handshake_got_nothing() -> None:
    """TLS is spoken to a server that says nothing: the connection never stands."""

    async def mute(_: Server, reader: Reader, writer: Writer) -> None:
        while await reader.read(65536):
            pass

    async with serving(mute) as server, transport(f"https://127.0.0.1:{server.port}", deadline=0.3) as ses:
        assert delay(await ses.send(MAIL, LATER)) is Delay.CONNECTION


async def test_a_worker_that_wakes_too_late_does_not_call() -> None:
    async with serving(answering(answer(200, SENT))) as server, transport(server.url) as ses:
        said = await ses.send(MAIL, NOW - timedelta(microseconds=1))
    assert (delay(said), server.requests) == (Delay.LATE, [])


async def test_time_that_passes_while_connecting_counts_and_no_byte_is_sent() -> None:
    """`call_by` is asked once the connection stands: the clock moves after the signature was made."""
    seen = bytearray()
    times = iter([NOW, LATER + timedelta(seconds=1)])

    async def script(_: Server, reader: Reader, writer: Writer) -> None:
        seen.extend(await reader.read())

    async with serving(script) as server, transport(server.url, lambda: next(times)) as ses:
        said = await ses.send(MAIL, LATER)
        await asyncio.sleep(0.02)
    assert (delay(said), server.connections, bytes(seen)) == (Delay.LATE, 1, b"")


async def test_a_kept_connection_is_asked_for_the_time_as_well() -> None:
    clock = [NOW]
    async with serving(answering(answer(200, SENT))) as server, transport(server.url, lambda: clock[0]) as ses:
        await ses.send(MAIL, LATER)
        clock[0] = LATER + timedelta(seconds=1)
        said = await ses.send(MAIL, LATER)
    assert (delay(said), len(server.requests)) == (Delay.LATE, 1)


# --- nobody knows -----------------------------------------------------------------------------------------------------


async def resets_before_reading(_: Server, reader: Reader, writer: Writer) -> None:
    await reader.read(1)
    reset(writer)


async def resets_after_reading(server: Server, reader: Reader, writer: Writer) -> None:
    await server.read(reader)
    reset(writer)


async def hangs(server: Server, reader: Reader, writer: Writer) -> None:
    await server.read(reader)
    await reader.read(1)


async def hangs_without_reading(_: Server, reader: Reader, writer: Writer) -> None:
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    "script",
    [
        resets_before_reading,
        resets_after_reading,
        hangs,
        hangs_without_reading,
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n" + SENT[:9], then_close=True),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n" + SENT[:9]),
        answering(b"HTTP/1.1 200", then_close=True),
        answering(b"\x16\x03\x01 this is not HTTP\r\n\r\n", then_close=True),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", then_close=True),
        answering(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", then_close=True),
        answering(answer(200, b'{"MessageId":"' + b"x" * 200_000 + b'"}')),
        answering(answer(200, b"gzip?", "Content-Encoding: gzip\r\n")),
        answering(answer(200, b"<html>Welcome</html>")),
        answering(answer(502, b"<html>Bad gateway</html>")),
        answering(answer(504, b'{"message":"Endpoint request timed out"}')),
        answering(answer(500, b"oops")),
        answering(b"", then_close=True),
    ],
)
async def test_after_the_first_byte_anything_but_an_answer_is_unknown(script: Script) -> None:
    said = await send_to(script, deadline=0.5)
    assert isinstance(said, Unknown), said


async def test_a_post_is_never_repeated_on_a_connection_that_died_under_it() -> None:
    """The server takes the second request on a kept connection and hangs up: a client that retries would send twice."""

    async def script(server: Server, reader: Reader, writer: Writer) -> None:
        await server.read(reader)
        writer.write(answer(200, SENT))
        await server.read(reader)

    async with serving(script) as server, transport(server.url) as ses:
        assert await ses.send(MAIL, LATER) == Sent("0100-1")
        assert isinstance(await ses.send(MAIL, LATER), Unknown)
    assert (len(server.requests), server.connections) == (2, 1)


async def test_a_connection_that_was_closed_while_idle_is_not_used_again() -> None:
    async with serving(answering(answer(200, SENT), then_close=True)) as server, transport(server.url) as ses:
        assert await ses.send(MAIL, LATER) == Sent("0100-1")
        await asyncio.sleep(0.05)
        assert await ses.send(MAIL, LATER) == Sent("0100-1")
    assert (len(server.requests), server.connections) == (2, 2)


async def test_a_redirect_is_not_followed() -> None:
    async with serving(answering(answer(200, SENT))) as elsewhere:
        to = f"Location: {elsewhere.url}/v2/email/outbound-emails\r\n"
        assert isinstance(await send_to(answering(answer(307, b"", to))), Unknown)
        assert elsewhere.connections == 0


async def test_a_send_that_is_cancelled_ends_and_its_connection_with_it() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(server: Server, reader: Reader, writer: Writer) -> None:
        await server.read(reader)
        asked.set()
        await reader.read(1)
        gone.set()

    async with serving(script) as server, transport(server.url) as ses:
        call = asyncio.create_task(ses.send(MAIL, LATER))
        await asyncio.wait_for(asked.wait(), 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(gone.wait(), 1)


async def test_three_hundred_calls_are_in_flight_at_once() -> None:
    every_one = asyncio.Event()

    async def script(server: Server, reader: Reader, writer: Writer) -> None:
        await server.read(reader)
        if len(server.requests) == 300:
            every_one.set()
        await every_one.wait()
        writer.write(answer(200, SENT))
        await writer.drain()

    async with serving(script) as server, transport(server.url, deadline=20) as ses:
        said = await asyncio.gather(*(ses.send(MAIL, LATER) for _ in range(300)))
    assert said == [Sent("0100-1")] * 300
    assert server.connections == 300
